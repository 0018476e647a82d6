/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's IPVS table over generic netlink (linux/ip_vs.h), by libnl-genl. No decisions here: reads the table,
 * carries out single changes. Another executor may stand behind the same functions. */
#ifndef HAS_IPVS_H
#define HAS_IPVS_H

#include "addr.h"

#include <stddef.h>
#include <stdint.h>

#define IPVS_SCHEDULER_MAX 16

enum ipvs_forward { IPVS_DIRECT, IPVS_NAT, IPVS_TUNNEL, IPVS_LOCAL };

/* A virtual service is known by family, and by protocol + address + port, or by a firewall mark. */
struct ipvs_service {
    sa_family_t family;
    uint8_t protocol; /* IPPROTO_TCP, IPPROTO_UDP; 0 with a mark */
    struct addr address;
    uint16_t port;   /* host byte order */
    uint32_t fwmark; /* 0: none */
    char scheduler[IPVS_SCHEDULER_MAX];
    uint32_t persistence; /* seconds, 0: none */
    uint32_t netmask;     /* persistence granularity: prefix length; 0: the full address */
};

struct ipvs_server {
    struct addr address;
    uint16_t port; /* host byte order */
    enum ipvs_forward forward;
    uint32_t weight;
    uint32_t active;     /* established connections; read only */
    uint32_t inactive;   /* other connections; read only */
    uint32_t persistent; /* persistence templates; read only */
};

struct ipvs_table_entry {
    struct ipvs_service service;
    size_t server_count;
    struct ipvs_server *servers;
};

struct ipvs_table {
    size_t count;
    struct ipvs_table_entry *entries;
};

struct ipvs;

/* Returns 0 or a negative errno: -ENOENT when the kernel has no IPVS (module ip_vs), -EPERM without CAP_NET_ADMIN. */
int ipvs_open(struct ipvs **out);
void ipvs_close(struct ipvs *ipvs);

/* Reads the whole table into *table, which ipvs_table_free frees. Returns 0 or a negative errno. */
int ipvs_read(struct ipvs *ipvs, struct ipvs_table *table);
void ipvs_table_free(struct ipvs_table *table);

int ipvs_service_add(struct ipvs *ipvs, const struct ipvs_service *service);
int ipvs_service_change(struct ipvs *ipvs, const struct ipvs_service *service);
int ipvs_service_delete(struct ipvs *ipvs, const struct ipvs_service *service);
int ipvs_server_add(struct ipvs *ipvs, const struct ipvs_service *service, const struct ipvs_server *server);
int ipvs_server_change(struct ipvs *ipvs, const struct ipvs_service *service, const struct ipvs_server *server);
int ipvs_server_delete(struct ipvs *ipvs, const struct ipvs_service *service, const struct ipvs_server *server);

#endif
