/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which port of a pair is in use: the decision alone. Links and time are passed in, so that it runs under simulated
 * time. Times are milliseconds of a monotonic clock.
 *
 *   the active port ...                                 the other one has a link          it has none
 *   is gone, set down, or has no carrier                becomes active at once            stays; told once
 *   has a carrier, but is silent                        becomes active if it answers      stays
 *   works, is the twin, and nobody asked for that       becomes active when it has        stays
 *                                                       worked for the failback's wait
 *
 * The wait counts from the moment when the primary has a link and is not known to be silent. Losing the link or being
 * silent starts it anew; a late answer does not, but while it is late there is no failback. A move to the primary
 * because the twin failed waits for nothing. Every change that nobody asked for ends `held`.
 *
 * Thesis 3.23, 3.24.9, 3.24.12: "the daemon waits to make sure the connection does not drop again". */
#ifndef ERD_PAIR_H
#define ERD_PAIR_H

#include <stdbool.h>
#include <stdint.h>

enum { PAIR_PRIMARY, PAIR_TWIN, PAIR_PORTS };

/* What the probes of a port say (sight.h). */
enum pair_sight {
    PAIR_SIGHT_NONE,    /* it is not probed, or not for a whole round yet */
    PAIR_SIGHT_ANSWERS, /* a target has answered in the last round */
    PAIR_SIGHT_LATE,    /* none has, but the count of misses is not reached */
    PAIR_SIGHT_SILENT,
};

struct pair_link {
    bool present; /* there is such an interface */
    bool up;      /* administratively */
    bool carrier;
    enum pair_sight sight;
};

/* Why the active port changed. */
enum pair_reason {
    PAIR_REASON_NONE, /* it did not */
    PAIR_REASON_GONE,
    PAIR_REASON_DOWN, /* set down by an administrator */
    PAIR_REASON_CARRIER,
    PAIR_REASON_SILENT,
    PAIR_REASON_FAILBACK,
    PAIR_REASON_COMMAND,
};

struct pair_settings {
    bool failback;
    uint32_t wait_ms;     /* how long the primary must work before it is used again, at least */
    uint32_t wait_max_ms; /* at most: the wait doubles (0 to a second) each time the primary fails within this time
                           * after a failback, and is wait_ms again when it was in use and well for so long */
};

struct pair {
    struct pair_settings settings;
    unsigned active;
    bool held;    /* the twin is in use because somebody asked for it: no failback */
    bool no_port; /* neither port has a link */
    struct pair_link links[PAIR_PORTS];
    uint64_t works_since;    /* of the primary, in use or not; UINT64_MAX: it does not work */
    uint32_t wait_ms;        /* now */
    uint64_t failback_at;    /* when the last failback was; UINT64_MAX: never */
    uint64_t since;          /* when the active port became active */
    uint64_t changes;        /* failovers, failbacks, commands */
    uint64_t failovers;      /* forced changes alone */
    enum pair_reason reason; /* of the last change */
};

/* Begins with that active port, as it is found. The links are not known before the first pair_update: it leaves the
 * active port as it is if that has a link, the twin too (the failback's wait counts from then). */
void pair_init(struct pair *pair, const struct pair_settings *settings, unsigned active, uint64_t now);

/* Takes new settings (a reload): what is under way goes on, a wait that has doubled within the new bounds. pair_due may
 * be past then. */
void pair_settings(struct pair *pair, const struct pair_settings *settings);

/* Takes the state of both ports. Returns why pair->active has changed, or PAIR_REASON_NONE. */
enum pair_reason pair_update(struct pair *pair, const struct pair_link links[PAIR_PORTS], uint64_t now);

/* An administrator wants that port. With the twin the pair is held there until it fails, or the primary is wanted.
 * Returns 0 (pair->active is that port; it may have been before), -ENETDOWN: that port has no link, or -EHOSTUNREACH:
 * it is silent and the other one answers, so that the next pair_update would leave it. */
int pair_command(struct pair *pair, unsigned port, uint64_t now);

/* When pair_update is to be called even if no link changes; UINT64_MAX: never. */
uint64_t pair_due(const struct pair *pair);

/* Whether the port could carry the traffic: it has a link, and is not silent, unless both are (then the targets are to
 * blame). */
bool pair_works(const struct pair *pair, unsigned port);

/* How many ports work: 0 to 2. 1 is a degraded node. */
unsigned pair_working(const struct pair *pair);

/* Whether the port has a link: present, up, carrier. */
bool pair_linked(const struct pair_link *link);

/* "carrier lost", "silent" ...: for logs and hasctl. */
const char *pair_reason_name(enum pair_reason reason);

#endif
