/* SPDX-License-Identifier: GPL-2.0-or-later */
/* erd.conf(5) as a structure. Lines before the first "pair" hold for all pairs, lines after one for that one. */
#ifndef ERD_CONFIG_H
#define ERD_CONFIG_H

#include "addr.h"
#include "conf.h"
#include "pair.h"

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ERD_CONFIG_PATH HAS_SYSCONFDIR "/erd.conf" /* the one that need not be there */
#define ERD_PAIRS_MAX 16
#define ERD_TARGETS_MAX 8
#define ERD_PATH_MAX 256
#define ERD_USER_MAX 64

struct erd_pair_config {
    char names[PAIR_PORTS][IF_NAMESIZE]; /* primary and twin */
    uint32_t probe_ms;                   /* between probes, 10 to 60000; 0: off */
    uint32_t missed;                     /* rounds, 1 to 100 */
    bool gateways;                       /* default gateways are targets, too */
    size_t target_count;
    struct addr targets[ERD_TARGETS_MAX];
    struct pair_settings failback; /* wait_ms 0 to a day, wait_max_ms from that to a day */
    uint32_t announce_count;       /* 1 to 60 */
    uint32_t announce_ms;          /* between them, 10 to 10000 */
};

struct erd_config {
    char user[ERD_USER_MAX];
    char error_log[ERD_PATH_MAX];
    char metrics[ERD_PATH_MAX]; /* empty: none */
    uint32_t poll_ms;           /* between looks at the carrier, 10 to 60000; 0: events only */
    size_t pair_count;
    struct erd_pair_config pairs[ERD_PAIRS_MAX];
};

/* Reads the file; the range of each value is at its field, and in erd.conf(5). ports: the two names of the command
 * line, or NULL; they stand for the pairs of the file, whose general lines hold for them. Without a file (path is
 * ERD_CONFIG_PATH and does not exist) and without ports the pair is eth0 eth1, as in the thesis (3.23.1). Returns 0
 * with *out set, to be freed by erd_config_free, or a negative errno with error->text set. */
int erd_config_load(const char *path, char *const ports[PAIR_PORTS], struct erd_config **out, struct conf_error *error);

/* The same from memory, for tests and fuzzers. */
int erd_config_load_text(const char *path, const char *text, size_t length, char *const ports[PAIR_PORTS],
                         struct erd_config **out, struct conf_error *error);
void erd_config_free(struct erd_config *config);

#endif
