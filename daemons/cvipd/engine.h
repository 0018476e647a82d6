/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The data plane: the BPF programs on the service port, and on its twin, and their table. No decisions here. Needs
 * CAP_BPF and CAP_NET_ADMIN to open, CAP_NET_ADMIN and CAP_NET_RAW afterwards. */
#ifndef CVIPD_ENGINE_H
#define CVIPD_ENGINE_H

#include "addr.h"
#include "engine_table.h"

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

enum { ENGINE_PRIMARY, ENGINE_TWIN, ENGINE_PORTS };

struct engine_settings {
    char interfaces[ENGINE_PORTS][IF_NAMESIZE]; /* the service port and its twin (erd(8)); an empty name: none */
    struct addr addresses[ENGINE_ADDRESSES_MAX];
    size_t address_count;
    enum engine_mac_kind mac_kind;
    uint8_t shared_mac[6];
    enum engine_behind behind;
    enum engine_hash hash;
    uint32_t seed;
};

struct engine;

/* Loads the programs and attaches them to ingress and egress of the ports, in the place of those that an earlier daemon
 * left there; joins the shared MAC. Every bucket is FOREIGN and the lease is over. One of two ports may be missing.
 * Returns 0 or a negative errno, with *what set to the step that failed: -ENODEV no port is there, -EOPNOTSUPP the
 * kernel lacks clsact or BPF, -EPERM. */
int engine_open(const struct engine_settings *settings, struct engine **out, const char **what);

/* Detaches, unless leave_attached: then the addresses of this machine stay silent, since the lease is over. The
 * addresses go first: what still came for them would be taken in. */
void engine_close(struct engine *engine, bool leave_attached);

enum engine_check_result { ENGINE_WELL, ENGINE_MENDED, ENGINE_NEW };

/* Attaches the programs to a port again where somebody took them away, since without them this machine answers for
 * everybody (ENGINE_MENDED), or to an interface of its name that is another one now (ENGINE_NEW). Returns one of the
 * three, or a negative errno: -ENODEV it is not there. */
int engine_check(struct engine *engine, int which);

/* Replays come in by that port from now on; before the first call by the first one that is there. */
void engine_use(struct engine *engine, int port);

/* Takes away what a daemon that died left on the interface. Returns 0 also when nothing is there. */
int engine_clean(const char *interface);

/* Writes all states at once: no packet sees half of them. */
void engine_set(struct engine *engine, const uint8_t states[HASH_BUCKETS]);
/* ns, CLOCK_BOOTTIME */
void engine_lease(struct engine *engine, uint64_t until_ns);
void engine_announce(struct engine *engine, bool announces);

/* The states in force now: FOREIGN everywhere when the lease is over. */
void engine_states(const struct engine *engine, uint64_t now_ns, uint8_t states[HASH_BUCKETS]);
/* ns, CLOCK_BOOTTIME; 0 never: engine_table.answered */
void engine_answered(const struct engine *engine, uint64_t times_ns[HASH_BUCKETS]);
/* Sums over all processors. */
void engine_counters(const struct engine *engine, uint64_t counters[ENGINE_COUNT_MAX]);

/* How far a replay has come. All zero: it begins. */
struct engine_replay {
    uint32_t position;
    bool begun;
    bool more; /* not everything was looked at: to be called again, after what is more urgent */
};
#define ENGINE_REPLAY_MAX 256 /* SYNs taken in by one call: a few milliseconds, well below a lease */

/* Takes in again the unanswered SYNs of the buckets that are set in wanted, not older than max_age_ms nor than the
 * bucket's since_ns (CLOCK_BOOTTIME): the member before us may have answered what came earlier. The bucket must be ours
 * already, or they are dropped again. At most ENGINE_REPLAY_MAX, then state->more is set. Returns how many, or a
 * negative errno; -ENOLINK: the programs are not attached. */
int engine_replay(struct engine *engine, const bool wanted[HASH_BUCKETS], const uint64_t since_ns[HASH_BUCKETS],
                  uint64_t now_ns, unsigned max_age_ms, struct engine_replay *state);

#endif
