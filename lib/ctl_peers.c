/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl_peers.h"

#include "log.h"

#include <pwd.h>
#include <unistd.h>

#define GROUPS_MAX 256 /* more memberships than anybody should have */

static bool contains(const gid_t *groups, int count, gid_t group)
{
    for (int i = 0; i < count; i++) {
        if (groups[i] == group)
            return true;
    }
    return false;
}

static bool we_are_in(gid_t group)
{
    gid_t groups[GROUPS_MAX] = {0};
    int count = getgroups(GROUPS_MAX, groups);

    return geteuid() == 0 || getegid() == group || contains(groups, count, group);
}

static void add(struct ctl_peers *peers, const char *name)
{
    const struct passwd *entry = getpwnam(name);

    if (entry == NULL)
        return;
    if (peers->count < CTL_PEERS_MAX)
        peers->users[peers->count++] = entry->pw_uid;
    else
        log_warning("control: more than %d members of the group; %s is not served", CTL_PEERS_MAX, name);
}

void ctl_peers_take(struct ctl_peers *peers, const struct group *group)
{
    *peers = (struct ctl_peers){.has_group = we_are_in(group->gr_gid), .group = group->gr_gid};
    for (char **name = group->gr_mem; peers->has_group && *name != NULL; name++)
        add(peers, *name);
}

void ctl_peers_read(struct ctl_peers *peers, const char *group)
{
    const struct group *found = getgrnam(group);

    *peers = (struct ctl_peers){.has_group = false};
    if (found != NULL)
        ctl_peers_take(peers, found);
}

bool ctl_peers_allow(const struct ctl_peers *peers, uid_t user, gid_t group)
{
    if (user == 0 || user == geteuid())
        return true;
    if (!peers->has_group)
        return false;
    for (size_t i = 0; i < peers->count; i++) {
        if (peers->users[i] == user)
            return true;
    }
    return group == peers->group;
}
