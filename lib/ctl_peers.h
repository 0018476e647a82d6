/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may ask over the control service besides root and the daemon's own user: the members of one group. They are
 * looked up once: a look-up may wait for a directory server, and a daemon that waits for it sends no heartbeats. */
#ifndef HAS_CTL_PEERS_H
#define HAS_CTL_PEERS_H

#include <grp.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define CTL_PEERS_MAX 256 /* more members than such a group should have */

struct ctl_peers {
    bool has_group; /* there is such a group, and this process may give files to it */
    gid_t group;
    size_t count;
    uid_t users[CTL_PEERS_MAX];
};

/* Looks up the group of that name and its members. May wait for a directory server. To be called after priv_drop(). */
void ctl_peers_read(struct ctl_peers *peers, const char *group);

/* The same with a group that is known. */
void ctl_peers_take(struct ctl_peers *peers, const struct group *group);

/* Whether the peer with this uid and effective gid may ask. Looks nothing up. */
bool ctl_peers_allow(const struct ctl_peers *peers, uid_t user, gid_t group);

#endif
