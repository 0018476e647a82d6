/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nfshad.conf(5) as a structure. */
#ifndef NFSHAD_CONFIG_H
#define NFSHAD_CONFIG_H

#include "conf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NFSHAD_CONFIG_PATH HAS_SYSCONFDIR "/nfshad.conf" /* the one that need not be there */
#define NFSHAD_PATH_MAX 256
#define NFSHAD_USER_MAX 64

struct nfshad_config {
    char user[NFSHAD_USER_MAX];
    char error_log[NFSHAD_PATH_MAX];
    char metrics[NFSHAD_PATH_MAX]; /* empty: none */
    uint32_t interval_ms;          /* between probes of a server, 10 to 60000 */
    uint32_t timeout_ms;           /* of a probe, 10 to 60000 */
    uint32_t fall;                 /* probes in a row, 1 to 100 */
    uint32_t rise;                 /* the same */
    uint32_t compare_s;            /* between comparisons of what servers serve, 1 to 3600 */
    uint32_t return_s;             /* back to the first server after so long, 1 to 86400; 0: on command only */
    bool remount;                  /* mounts may have mismatch=remount */
    bool series;                   /* the kernel series is used where the kernel has it */
};

/* Reads the file; the range of each value is at its field, and in nfshad.conf(5). What the file does not say has its
 * default, and so has everything when path is NFSHAD_CONFIG_PATH and does not exist. Returns 0 with *out set, or a
 * negative errno with error->text set, and *out untouched. */
int nfshad_config_load(const char *path, struct nfshad_config *out, struct conf_error *error);

/* The same from memory, for tests and fuzzers. */
int nfshad_config_load_text(const char *path, const char *text, size_t length, struct nfshad_config *out,
                            struct conf_error *error);

#endif
