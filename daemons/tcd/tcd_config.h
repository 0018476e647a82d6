/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcd.conf(5) as a structure: the thesis' format (3.22.5.1) and our further keywords. */
#ifndef TCD_CONFIG_H
#define TCD_CONFIG_H

#include "check_state.h"
#include "conf.h"
#include "report.h"

#include <limits.h>
#include <net/if.h>
#include <regex.h>

#define TCD_SERVICE_ADDRESSES_MAX 64
#define TCD_CHECKS_MAX 32
#define TCD_STATUS_RANGES_MAX 8
#define TCD_TEXT_MAX 512
#define TCD_USER_MAX 64

enum tcd_formula { TCD_FORMULA_HAS, TCD_FORMULA_PRESSURE };
enum tcd_memory { TCD_MEMORY_AVAILABLE, TCD_MEMORY_FREE };
enum check_kind { CHECK_KIND_TCP, CHECK_KIND_HTTP, CHECK_KIND_HTTPS, CHECK_KIND_PROGRAM };

struct status_range {
    long low;
    long high;
};

struct check_config {
    char name[WIRE_NAME_MAX];
    enum check_kind kind;
    struct check_timing timing;
    char service_name[WIRE_NAME_MAX]; /* empty: the check speaks for the whole node */
    int service;                      /* index of it, or HEALTH_NODE */
    unsigned line;                    /* in the file, for messages */
    struct addr address;
    uint16_t port;
    struct addr source; /* AF_UNSPEC: the kernel chooses */
    char path[TCD_TEXT_MAX];
    char host[256];
    char send[TCD_TEXT_MAX];
    size_t send_length;
    char command[TCD_TEXT_MAX];
    size_t status_count;
    struct status_range statuses[TCD_STATUS_RANGES_MAX];
    char match_text[TCD_TEXT_MAX];
    bool has_match;
    regex_t match;
    bool verify;               /* https: the server's certificate */
    char cafile[TCD_TEXT_MAX]; /* https: who may have signed it; empty: whom the system trusts */
    bool watch;                /* keep an idle connection open */
};

struct service_address {
    int service;
    uint8_t protocol; /* IPPROTO_TCP, IPPROTO_UDP */
    struct addr address;
    uint16_t port;
};

struct tcd_config {
    size_t master_count;
    struct report_master masters[REPORT_MASTERS_MAX];
    uint16_t port;
    uint32_t updates_ms;
    uint32_t retry_ms;
    uint32_t drain_timeout_ms;
    char log_target[PATH_MAX];
    uint64_t smallest_mb; /* RAM_x */
    char name[WIRE_NAME_MAX];
    struct addr address; /* of this node, IPv4 and IPv6; AF_UNSPEC: found by the route to the masters */
    struct addr address6;
    struct addr bind; /* where the socket listens; AF_UNSPEC: everywhere */
    struct addr bind6;
    char keys[PATH_MAX];
    char user[TCD_USER_MAX];
    enum tcd_formula formula;
    enum tcd_memory memory;
    uint64_t bogomips; /* hundredths; 0: from /proc/cpuinfo */
    char network[IFNAMSIZ];
    uint16_t agent_check_port; /* 0: not offered */
    struct addr agent_check_address;
    char metrics[PATH_MAX]; /* empty: none */
    size_t service_count;
    char services[WIRE_SERVICES_MAX][WIRE_NAME_MAX];
    size_t service_address_count;
    struct service_address service_addresses[TCD_SERVICE_ADDRESSES_MAX];
    size_t check_count;
    struct check_config checks[TCD_CHECKS_MAX];
};

/* Reads the file into a new structure. Returns 0 or a negative errno with error->text set. */
int tcd_config_load(const char *path, struct tcd_config **out, struct conf_error *error);

/* The same from memory. */
int tcd_config_load_text(const char *path, const char *text, size_t length, struct tcd_config **out,
                         struct conf_error *error);

void tcd_config_free(struct tcd_config *config);

/* A "check" line; for the grammar in tcd_config.c. */
int check_config_apply(void *context, const struct conf_line *line, struct conf_error *error);

/* "tcp", "http", "https", "program" */
const char *check_kind_name(enum check_kind kind);

#endif
