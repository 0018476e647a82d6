/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The single-valued options of has.conf: where each stands, what it may be, and to which keyword of a daemon's
 * file it goes. The schema, the validation and the renderers all read this one table. */
#ifndef HAS_SETTINGS_H
#define HAS_SETTINGS_H

#include <stdbool.h>

enum setting {
    SETTING_KEYS,
    SETTING_USER,
    SETTING_PORT,
    SETTING_ERROR_LOG,
    SETTING_CLUSTER_NAME,
    SETTING_MEMBERSHIP,
    SETTING_FENCING,
    SETTING_WAIT_FOR_ALL,
    SETTING_UPDATES,
    SETTING_TIMEOUT,
    SETTING_ISOLATION,
    SETTING_RETRY,
    SETTING_LEAVE,
    SETTING_DRAIN,
    SETTING_REPAIR,
    SETTING_TOKEN,
    SETTING_REDUNDANCY_ADDRESS, /* what moves the CVIP: 0 cvipd, 1 ipaddr2 */
    SETTING_REDUNDANCY_MODEL,   /* enum redundancy_model */
    SETTING_REDUNDANCY_ACTIVE,
    SETTING_REDUNDANCY_MAC,
    SETTING_REDUNDANCY_HASH,
    SETTING_REDUNDANCY_SEED,
    SETTING_REDUNDANCY_PORT,
    SETTING_REDUNDANCY_HEARTBEAT,
    SETTING_REDUNDANCY_DEAD,
    SETTING_REDUNDANCY_REJOIN,
    SETTING_REDUNDANCY_OWN,
    SETTING_REDUNDANCY_SYNC,
    SETTING_REDUNDANCY_SYNC_ID,
    SETTING_REDUNDANCY_THRESHOLD_UP,
    SETTING_REDUNDANCY_THRESHOLD_DOWN,
    SETTING_REDUNDANCY_THRESHOLD_SECONDS,
    SETTING_REDUNDANCY_METRICS,
    SETTING_PORTS_PROBE, /* ms, SETTING_OFF */
    SETTING_PORTS_MISSED,
    SETTING_PORTS_GATEWAYS,
    SETTING_PORTS_FAILBACK, /* s, SETTING_OFF */
    SETTING_PORTS_FAILBACK_MAX,
    SETTING_PORTS_POLL, /* ms, SETTING_OFF */
    SETTING_PORTS_ANNOUNCE,
    SETTING_PORTS_ANNOUNCE_INTERVAL,
    SETTING_PORTS_METRICS,
    SETTING_POLICY,
    SETTING_WEIGHT_MAX,
    SETTING_WEIGHT_MIN,
    SETTING_SMOOTHING,
    SETTING_SLOW_START,
    SETTING_MINIMUM_POOL,
    SETTING_QUIESCE_BELOW,
    SETTING_MINIMUM_CHANGE,
    SETTING_JOIN,
    SETTING_FORMULA,
    SETTING_MEMORY,
    SETTING_RAM,
    SETTING_BOGOMIPS,
    SETTING_TCD_NETWORK,
    SETTING_AGENT_CHECK,
    SETTING_TCD_METRICS,
    SETTING_TMD_METRICS,
    SETTING_TMD_STATE,
    SETTING_SYSCTLS,
    SETTING_NO_QUORUM_POLICY,
    SETTING_DC_DEADTIME,
    SETTING_RECHECK,
    SETTING_MONITOR,
    SETTING_OPERATION_TIMEOUT,
    SETTING_FAILURE_TIMEOUT,
    SETTING_STICKINESS,
    SETTING_RECONNECT,
    SETTING_FENCING_TIMEOUT,
    SETTING_FENCING_DELAY,
    SETTING_COUNT
};

enum setting_kind {
    KIND_TEXT,          /* words without control characters */
    KIND_NAME,          /* a letter, then letters, digits, '-', '_', '.' */
    KIND_PATH,          /* begins with '/' */
    KIND_LOG,           /* syslog, stderr or a path */
    KIND_NUMBER,        /* decimal, min to max */
    KIND_NUMBER_OR_OFF, /* the same, or off: SETTING_OFF */
    KIND_CHOICE,        /* one of choices */
    KIND_SWITCH,        /* on off yes no */
};

/* Which daemons' files have it; bits. */
enum setting_file {
    FILE_NONE = 0,
    FILE_TMD = 1,
    FILE_TCD = 2,
    FILE_BOTH = 3,
    FILE_CVIPD = 4,
    FILE_ALL = 7,
    FILE_ERD = 8,
    FILE_NFSHAD = 16,
    FILE_EVERY = 31
};

/* The number of a KIND_NUMBER_OR_OFF that is off. */
#define SETTING_OFF (-1)

/* The positions in the list of SETTING_REDUNDANCY_MODEL. */
enum redundancy_model { MODEL_ACTIVE_STANDBY, MODEL_ACTIVE_ACTIVE, MODEL_N_WAY, MODEL_N_PLUS_M };

struct setting_description {
    const char *section; /* "" for the top level */
    const char *name;
    const char *fallback; /* the value when has.conf has none; NULL: none */
    enum setting_kind kind;
    long min;
    long max;
    const char *unit;           /* for messages, or NULL */
    const char *const *choices; /* ends with NULL */
    enum setting_file file;
    const char *keyword; /* in that file */
};

extern const struct setting_description settings[SETTING_COUNT];

/* The sections that the table names, apart from the top level; ends with NULL. */
extern const char *const setting_sections[];

/* Says whether text is a value of that kind. *number is the number of a KIND_NUMBER or a KIND_NUMBER_OR_OFF, the
 * position of a KIND_CHOICE, 0 or 1 of a KIND_SWITCH. On false, expected holds what would be right, for a message. */
bool setting_parse(const struct setting_description *description, const char *text, long *number, char *expected,
                   unsigned long size);

#endif
