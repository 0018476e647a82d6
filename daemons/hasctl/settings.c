/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "settings.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the daemons' files have room for. */
#define PATH_LENGTH_MAX 255
#define TEXT_LENGTH_MAX 511

static const char *const memberships[] = {"remote", "full", NULL};
static const char *const policies[] = {"rr", "has", "pressure", NULL};
static const char *const joins[] = {"listed", "any", NULL};
static const char *const formulas[] = {"has", "pressure", NULL};
static const char *const memories[] = {"available", "free", NULL};
static const char *const movers[] = {"cvipd", "ipaddr2", NULL};
static const char *const models[] = {"active/standby", "active/active", "n-way", "n+m", NULL}; /* redundancy_model */
static const char *const hashes[] = {"address", "address+port", NULL};
static const char *const quorum_policies[] = {"stop", "freeze", "ignore", "suicide", NULL};

const char *const setting_sections[] = {"cluster", "timing", "redundancy", "ports",     "policy",
                                        "load",    "tcd",    "tmd",        "pacemaker", NULL};

#define NUMBER(low, high, what) .kind = KIND_NUMBER, .min = (low), .max = (high), .unit = (what)
#define NUMBER_OR_OFF(low, high, what) .kind = KIND_NUMBER_OR_OFF, .min = (low), .max = (high), .unit = (what)
#define CHOICE(list) .kind = KIND_CHOICE, .choices = (list)

const struct setting_description settings[SETTING_COUNT] = {
    /* the top level */
    [SETTING_KEYS] = {"", "keys", "/etc/has/keys", .kind = KIND_PATH, .file = FILE_ALL, .keyword = "keys"},
    [SETTING_USER] = {"", "user", HAS_USER, .kind = KIND_NAME, .file = FILE_EVERY, .keyword = "user"},
    [SETTING_PORT] = {"", "port", "5500", NUMBER(1024, 65535, NULL), .file = FILE_BOTH, .keyword = "port"},
    [SETTING_ERROR_LOG] = {"", "error_log", "syslog", .kind = KIND_LOG, .file = FILE_EVERY, .keyword = "ErrorLog"},

    [SETTING_CLUSTER_NAME] = {"cluster", "name", NULL, .kind = KIND_NAME},
    [SETTING_MEMBERSHIP] = {"cluster", "membership", "remote", CHOICE(memberships)},
    [SETTING_FENCING] = {"cluster", "fencing", "on", .kind = KIND_SWITCH},
    [SETTING_WAIT_FOR_ALL] = {"cluster", "wait_for_all", "on", .kind = KIND_SWITCH},

    [SETTING_UPDATES] = {"timing", "updates", "100", NUMBER(20, 60000, "ms"), .file = FILE_TCD, .keyword = "updates"},
    [SETTING_TIMEOUT] = {"timing", "timeout", "400", NUMBER(50, 600000, "ms"), .file = FILE_TMD, .keyword = "timeout"},
    [SETTING_ISOLATION] = {"timing", "isolation", "5000", NUMBER(0, 3600000, "ms"), .file = FILE_TMD,
                           .keyword = "isolation"},
    [SETTING_RETRY] = {"timing", "retry", "5000", NUMBER(100, 600000, "ms"), .file = FILE_TCD, .keyword = "retry"},
    [SETTING_LEAVE] = {"timing", "leave", "30000", NUMBER(0, 3600000, "ms"), .file = FILE_TCD,
                       .keyword = "drain_timeout"},
    [SETTING_DRAIN] = {"timing", "drain", "60000", NUMBER(0, 86400000, "ms"), .file = FILE_TMD,
                       .keyword = "drain_timeout"},
    [SETTING_REPAIR] = {"timing", "repair", "1000", NUMBER(100, 60000, "ms"), .file = FILE_TMD, .keyword = "repair"},
    [SETTING_TOKEN] = {"timing", "token", "1000", NUMBER(100, 300000, "ms")},

    /* The seed and the MAC follow the cluster's name, the network the list of networks: redundancy_settings.c. */
    [SETTING_REDUNDANCY_ADDRESS] = {"redundancy", "address", "cvipd", CHOICE(movers)},
    [SETTING_REDUNDANCY_MODEL] = {"redundancy", "model", "active/standby", CHOICE(models)},
    [SETTING_REDUNDANCY_ACTIVE] = {"redundancy", "active", NULL, NUMBER(1, 15, NULL)},
    [SETTING_REDUNDANCY_MAC] = {"redundancy", "mac", "shared", .kind = KIND_TEXT},
    [SETTING_REDUNDANCY_HASH] = {"redundancy", "hash", "address", CHOICE(hashes), .file = FILE_CVIPD,
                                 .keyword = "hash"},
    [SETTING_REDUNDANCY_SEED] = {"redundancy", "seed", NULL, NUMBER(0, 4294967295, NULL)},
    [SETTING_REDUNDANCY_PORT] = {"redundancy", "port", "5501", NUMBER(1024, 65535, NULL), .file = FILE_CVIPD,
                                 .keyword = "port"},
    [SETTING_REDUNDANCY_HEARTBEAT] = {"redundancy", "heartbeat", "30", NUMBER(10, 1000, "ms"), .file = FILE_CVIPD,
                                      .keyword = "heartbeat"},
    [SETTING_REDUNDANCY_DEAD] = {"redundancy", "dead", "3", NUMBER(2, 20, "heartbeats"), .file = FILE_CVIPD,
                                 .keyword = "dead"},
    [SETTING_REDUNDANCY_REJOIN] = {"redundancy", "rejoin", "2000", NUMBER(0, 600000, "ms"), .file = FILE_CVIPD,
                                   .keyword = "rejoin"},
    [SETTING_REDUNDANCY_OWN] = {"redundancy", "own", "30", NUMBER(0, 3600, "s"), .file = FILE_CVIPD, .keyword = "own"},
    [SETTING_REDUNDANCY_SYNC] = {"redundancy", "sync", NULL, .kind = KIND_NAME},
    [SETTING_REDUNDANCY_SYNC_ID] = {"redundancy", "sync_id", "1", NUMBER(1, 255, NULL)},
    [SETTING_REDUNDANCY_THRESHOLD_UP] = {"redundancy", "threshold_up", NULL, NUMBER(1, 100, "percent")},
    [SETTING_REDUNDANCY_THRESHOLD_DOWN] = {"redundancy", "threshold_down", "30", NUMBER(0, 99, "percent")},
    [SETTING_REDUNDANCY_THRESHOLD_SECONDS] = {"redundancy", "threshold_seconds", "10", NUMBER(1, 3600, "s")},
    [SETTING_REDUNDANCY_METRICS] = {"redundancy", "metrics", NULL, .kind = KIND_PATH, .file = FILE_CVIPD,
                                    .keyword = "metrics"},

    /* The list "targets" is no single value: load.c. */
    [SETTING_PORTS_PROBE] = {"ports", "probe", "100", NUMBER_OR_OFF(10, 60000, "ms")},
    [SETTING_PORTS_MISSED] = {"ports", "missed", "2", NUMBER(1, 100, "rounds")},
    [SETTING_PORTS_GATEWAYS] = {"ports", "gateways", "yes", .kind = KIND_SWITCH, .file = FILE_ERD,
                                .keyword = "gateways"},
    [SETTING_PORTS_FAILBACK] = {"ports", "failback", "10", NUMBER_OR_OFF(0, 86400, "s")},
    [SETTING_PORTS_FAILBACK_MAX] = {"ports", "failback_max", "300", NUMBER(0, 86400, "s")},
    [SETTING_PORTS_POLL] = {"ports", "poll", "100", NUMBER_OR_OFF(10, 60000, "ms")},
    [SETTING_PORTS_ANNOUNCE] = {"ports", "announce", "5", NUMBER(1, 60, "times")},
    [SETTING_PORTS_ANNOUNCE_INTERVAL] = {"ports", "announce_interval", "200", NUMBER(10, 10000, "ms")},
    [SETTING_PORTS_METRICS] = {"ports", "metrics", NULL, .kind = KIND_PATH, .file = FILE_ERD, .keyword = "metrics"},

    [SETTING_POLICY] = {"policy", "name", "has", CHOICE(policies), .file = FILE_TMD, .keyword = "policy"},
    [SETTING_WEIGHT_MAX] = {"policy", "weight_max", "100", NUMBER(1, 65535, NULL), .file = FILE_TMD,
                            .keyword = "weight_max"},
    [SETTING_WEIGHT_MIN] = {"policy", "weight_min", "1", NUMBER(1, 65535, NULL), .file = FILE_TMD,
                            .keyword = "weight_min"},
    [SETTING_SMOOTHING] = {"policy", "smoothing", "1000", NUMBER(0, 600000, "ms"), .file = FILE_TMD,
                           .keyword = "smoothing"},
    [SETTING_SLOW_START] = {"policy", "slow_start", "10000", NUMBER(0, 3600000, "ms"), .file = FILE_TMD,
                            .keyword = "slow_start"},
    [SETTING_MINIMUM_POOL] = {"policy", "minimum_pool", "50", NUMBER(0, 100, "percent"), .file = FILE_TMD,
                              .keyword = "minimum_pool"},
    [SETTING_QUIESCE_BELOW] = {"policy", "quiesce_below", "0", NUMBER(0, 99, "percent"), .file = FILE_TMD,
                               .keyword = "quiesce_below"},
    [SETTING_MINIMUM_CHANGE] = {"policy", "minimum_change", "5", NUMBER(0, 100, "percent"), .file = FILE_TMD,
                                .keyword = "minimum_change"},
    [SETTING_JOIN] = {"policy", "join", "listed", CHOICE(joins), .file = FILE_TMD, .keyword = "join"},

    [SETTING_FORMULA] = {"load", "formula", "has", CHOICE(formulas), .file = FILE_TCD, .keyword = "formula"},
    [SETTING_MEMORY] = {"load", "memory", "available", CHOICE(memories), .file = FILE_TCD, .keyword = "memory"},
    [SETTING_RAM] = {"load", "ram", "1024", NUMBER(1, 1073741824, "MB"), .file = FILE_TCD, .keyword = "RAM"},
    [SETTING_BOGOMIPS] = {"load", "bogomips", NULL, NUMBER(1, 100000000, NULL), .file = FILE_TCD,
                          .keyword = "bogomips"},
    [SETTING_TCD_NETWORK] = {"load", "network", NULL, .kind = KIND_NAME, .file = FILE_TCD, .keyword = "network"},

    [SETTING_AGENT_CHECK] = {"tcd", "agent_check", NULL, NUMBER(1, 65535, NULL), .file = FILE_TCD,
                             .keyword = "agent_check"},
    [SETTING_TCD_METRICS] = {"tcd", "metrics", NULL, .kind = KIND_PATH, .file = FILE_TCD, .keyword = "metrics"},
    [SETTING_TMD_METRICS] = {"tmd", "metrics", NULL, .kind = KIND_PATH, .file = FILE_TMD, .keyword = "metrics"},
    [SETTING_TMD_STATE] = {"tmd", "state", NULL, .kind = KIND_PATH, .file = FILE_TMD, .keyword = "state"},
    [SETTING_SYSCTLS] = {"tmd", "sysctls", NULL, .kind = KIND_SWITCH, .file = FILE_TMD, .keyword = "sysctls"},

    [SETTING_NO_QUORUM_POLICY] = {"pacemaker", "no_quorum_policy", NULL, CHOICE(quorum_policies)},
    [SETTING_DC_DEADTIME] = {"pacemaker", "dc_deadtime", "10", NUMBER(1, 600, "s")},
    [SETTING_RECHECK] = {"pacemaker", "recheck", "60", NUMBER(5, 86400, "s")},
    [SETTING_MONITOR] = {"pacemaker", "monitor", "10", NUMBER(1, 3600, "s")},
    [SETTING_OPERATION_TIMEOUT] = {"pacemaker", "operation_timeout", "30", NUMBER(5, 3600, "s")},
    [SETTING_FAILURE_TIMEOUT] = {"pacemaker", "failure_timeout", "60", NUMBER(5, 86400, "s")},
    [SETTING_STICKINESS] = {"pacemaker", "stickiness", "100", NUMBER(0, 900000, NULL)},
    [SETTING_RECONNECT] = {"pacemaker", "reconnect", "15", NUMBER(1, 3600, "s")},
    [SETTING_FENCING_TIMEOUT] = {"pacemaker", "fencing_timeout", "60", NUMBER(5, 3600, "s")},
    [SETTING_FENCING_DELAY] = {"pacemaker", "fencing_delay", "2", NUMBER(0, 600, "s")},
};

static bool parse_number(const struct setting_description *description, const char *text, long *number, char *expected,
                         unsigned long size)
{
    char *end;

    snprintf(expected, size, "a number from %ld to %ld%s%s is wanted", description->min, description->max,
             description->unit ? " " : "", description->unit ? description->unit : "");
    if (!isdigit((unsigned char)text[0]))
        return false;
    errno = 0;
    *number = strtol(text, &end, 10);
    return errno == 0 && *end == '\0' && *number >= description->min && *number <= description->max;
}

/* A 0 that is no number of the range turns off, too. */
static bool parse_number_or_off(const struct setting_description *description, const char *text, long *number,
                                char *expected, unsigned long size)
{
    bool good = parse_number(description, text, number, expected, size);
    size_t used = strlen(expected);

    if (used < size)
        snprintf(expected + used, size - used, ", or off");
    if (good)
        return true;
    *number = SETTING_OFF;
    return strcmp(text, "off") == 0 || strcmp(text, "no") == 0 || (description->min > 0 && strcmp(text, "0") == 0);
}

static bool parse_choice(const char *const *choices, const char *text, long *number, char *expected, unsigned long size)
{
    size_t used = (size_t)snprintf(expected, size, "one of these is wanted:");

    for (size_t i = 0; choices[i]; i++) {
        if (strcmp(choices[i], text) == 0) {
            *number = (long)i;
            return true;
        }
        if (used < size)
            used += (size_t)snprintf(expected + used, size - used, " %s", choices[i]);
    }
    return false;
}

static bool parse_switch(const char *text, long *number, char *expected, unsigned long size)
{
    bool yes = strcmp(text, "on") == 0 || strcmp(text, "yes") == 0;
    bool no = strcmp(text, "off") == 0 || strcmp(text, "no") == 0;

    snprintf(expected, size, "on or off is wanted");
    *number = yes ? 1 : 0;
    return yes || no;
}

/* Values go to files of a line each: nothing in them may end the line. */
static bool is_plain(const char *text, size_t max)
{
    if (strlen(text) > max)
        return false;
    for (const char *c = text; *c; c++)
        if (iscntrl((unsigned char)*c))
            return false;
    return text[0] != '\0';
}

static bool is_name(const char *text)
{
    if (!isalpha((unsigned char)text[0]) || strlen(text) > 63)
        return false;
    for (const char *c = text; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr("-_.", *c))
            return false;
    return true;
}

bool setting_parse(const struct setting_description *description, const char *text, long *number, char *expected,
                   unsigned long size)
{
    *number = 0;
    switch (description->kind) {
    case KIND_NUMBER:
        return parse_number(description, text, number, expected, size);
    case KIND_NUMBER_OR_OFF:
        return parse_number_or_off(description, text, number, expected, size);
    case KIND_CHOICE:
        return parse_choice(description->choices, text, number, expected, size);
    case KIND_SWITCH:
        return parse_switch(text, number, expected, size);
    case KIND_NAME:
        snprintf(expected, size, "a letter and then up to 62 letters, digits, '-', '_' or '.' are wanted");
        return is_name(text);
    case KIND_PATH:
        snprintf(expected, size, "a full path is wanted");
        return text[0] == '/' && is_plain(text, PATH_LENGTH_MAX);
    case KIND_LOG:
        snprintf(expected, size, "syslog, stderr or a full path is wanted");
        return strcmp(text, "syslog") == 0 || strcmp(text, "stderr") == 0 ||
               (text[0] == '/' && is_plain(text, PATH_LENGTH_MAX));
    case KIND_TEXT:
        break;
    }
    snprintf(expected, size, "up to %d characters without control characters are wanted", TEXT_LENGTH_MAX);
    return is_plain(text, TEXT_LENGTH_MAX);
}
