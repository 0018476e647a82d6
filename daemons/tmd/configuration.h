/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The traffic manager's configuration file: the format of the thesis, section 3.22.3.1, and our keywords; tmd.conf(5).
 */
#ifndef TMD_CONFIGURATION_H
#define TMD_CONFIGURATION_H

#include "addr.h"
#include "conf.h"
#include "ipvs.h"
#include "policy.h"
#include "wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONFIG_PATH_MAX 256
#define CONFIG_USER_MAX 64
#define CONFIG_MASTERS_MAX 32
#define CONFIG_ADDRESSES_MAX 8 /* of one master */
#define CONFIG_NODES_MAX 4096
#define CONFIG_SERVICES_MAX 64 /* one bit each in a node's mask */

struct config_master {
    char name[WIRE_NAME_MAX];
    size_t address_count;
    struct addr addresses[CONFIG_ADDRESSES_MAX];
};

struct config_node {
    char name[WIRE_NAME_MAX];
    struct addr address;  /* as written first: the node's identity */
    struct addr address6; /* of the other family, or none */
    bool standby;         /* N+M: serves only in the place of a lost active node */
    uint32_t weight;      /* static weight, 1 to 65535; 0: weight_max */
};

struct config_sorry {
    bool set;
    struct addr address;
    uint16_t port;
    enum ipvs_forward forward;
};

struct config_service {
    char name[WIRE_NAME_MAX]; /* several services may share a name */
    struct ipvs_service service;
    enum ipvs_forward forward;
    uint16_t server_port;
    struct config_sorry sorry;
};

struct config {
    char error_log[CONFIG_PATH_MAX];
    char keys[CONFIG_PATH_MAX];
    char metrics[CONFIG_PATH_MAX]; /* empty: none */
    char state[CONFIG_PATH_MAX];
    char user[CONFIG_USER_MAX];
    uint16_t port;
    uint32_t timeout_ms;
    uint32_t isolation_ms; /* 0: none */
    uint32_t drain_timeout_ms;
    uint32_t repair_ms;
    bool join_any;    /* authenticated nodes that are not listed may join */
    bool set_sysctls; /* net.ipv4.vs.* as a director needs them */
    struct policy_settings policy;
    size_t master_count;
    struct config_master masters[CONFIG_MASTERS_MAX];
    size_t node_count;
    struct config_node *nodes;
    size_t service_count;
    struct config_service services[CONFIG_SERVICES_MAX];
};

/* Reads and checks a file into a new configuration, which config_free frees.
 * Returns 0 or a negative errno with error->text set; *out is untouched on error. */
int config_read(const char *path, struct config **out, struct conf_error *error);

/* The same from memory. */
int config_read_text(const char *path, const char *text, size_t length, struct config **out, struct conf_error *error);

void config_free(struct config *config);

/* For the lines "service" and "sorry"; configuration_service.c. */
int config_service_line(struct config *config, const struct conf_line *line, struct conf_error *error);
int config_sorry_line(struct config *config, const struct conf_line *line, struct conf_error *error);

/* For the lines "master#", "traffic#" and the bare list of standby nodes; configuration_node.c. */
int config_master_line(struct config *config, const struct conf_line *line, struct conf_error *error);
int config_traffic_line(struct config *config, const struct conf_line *line, struct conf_error *error);
int config_standby_line(struct config *config, const struct conf_line *line, struct conf_error *error);

#endif
