/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cvipd.conf(5) as a structure. */
#ifndef CVIPD_CONFIG_H
#define CVIPD_CONFIG_H

#include "addr.h"
#include "conf.h"
#include "engine_table.h"
#include "heartbeat.h"
#include "redundancy.h"
#include "wire.h"

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CVIPD_PATH_MAX 256
#define CVIPD_USER_MAX 64

struct cvipd_member {
    uint8_t id; /* Corosync's node id, 1 to WIRE_MEMBERS_MAX */
    char name[WIRE_NAME_MAX];
    uint8_t weight; /* share in a split, 0 to 100 */
    size_t address_count;
    struct addr addresses[HEARTBEAT_LANS_MAX]; /* one on each LAN, in the same order for all */
};

struct cvipd_config {
    char name[WIRE_NAME_MAX]; /* which of the members we are */
    char user[CVIPD_USER_MAX];
    char error_log[CVIPD_PATH_MAX];
    char keys[CVIPD_PATH_MAX];
    char metrics[CVIPD_PATH_MAX]; /* empty: none */
    char manager[WIRE_NAME_MAX];  /* control service of the traffic manager; empty: not asked */

    char interface[IF_NAMESIZE]; /* the service port */
    char twin[IF_NAMESIZE];      /* its twin, erd(8); empty: none */
    size_t address_count;
    struct addr addresses[ENGINE_ADDRESSES_MAX]; /* the cluster virtual IPs */
    uint8_t active;                              /* 1 standby, OWNERSHIP_ALL split, between: N+M */
    enum engine_mac_kind mac_kind;
    uint8_t shared_mac[6];
    enum engine_hash hash;
    uint32_t seed;
    enum engine_behind behind;

    uint16_t port; /* of the heartbeats */
    uint32_t heartbeat_ms;
    uint32_t dead; /* heartbeats */
    uint32_t rejoin_ms;
    uint32_t own_s; /* 0: never OWN */
    bool corosync;
    size_t member_count;
    struct cvipd_member members[WIRE_MEMBERS_MAX];
    size_t self; /* our place among the members */

    bool sync;
    char sync_interface[IF_NAMESIZE];
    char sync_twin[IF_NAMESIZE]; /* empty: none; the other port of the service port's pair when it is one of that */
    uint8_t sync_id;
    uint16_t traffic_port; /* where tcd answers */

    struct redundancy_threshold threshold;
};

/* Read a file, or a text for tests and fuzzers. Return 0 with *out set, to be freed by cvipd_config_free, or a negative
 * errno with error->text set. */
int cvipd_config_load(const char *path, struct cvipd_config **out, struct conf_error *error);
int cvipd_config_load_text(const char *path, const char *text, size_t length, struct cvipd_config **out,
                           struct conf_error *error);
void cvipd_config_free(struct cvipd_config *config);

/* A number that is the same where all settings are that must be the same on all members: the addresses, the hash and
 * its seed, the MAC, what is behind. Ports and their twins are each member's own matter. */
uint32_t cvipd_config_digest(const struct cvipd_config *config);

/* Whether connections are synchronised by the service port or its twin. */
bool cvipd_config_syncs_by_service(const struct cvipd_config *config);

/* The member of that id or name, or NULL. */
const struct cvipd_member *cvipd_config_member(const struct cvipd_config *config, uint8_t id);
const struct cvipd_member *cvipd_config_member_named(const struct cvipd_config *config, const char *name);

/* cvipd_config_line.c: the lines of several values. */
int cvipd_config_member_line(void *context, const struct conf_line *line, struct conf_error *error);
int cvipd_config_mac_line(void *context, const struct conf_line *line, struct conf_error *error);
int cvipd_config_interface_line(void *context, const struct conf_line *line, struct conf_error *error);
int cvipd_config_sync_line(void *context, const struct conf_line *line, struct conf_error *error);
int cvipd_config_mode_line(void *context, const struct conf_line *line, struct conf_error *error);
int cvipd_config_threshold_line(void *context, const struct conf_line *line, struct conf_error *error);

/* cvipd_config_check.c: what can only be judged when the whole file is read. */
int cvipd_config_check(struct cvipd_config *config, const char *path, struct conf_error *error);

#endif
