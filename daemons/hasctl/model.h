/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The cluster that /etc/has/has.conf describes, as plain structures. load.c fills it, validate.c judges it,
 * the renderers read it. */
#ifndef HAS_MODEL_H
#define HAS_MODEL_H

#include "addr.h"
#include "settings.h"

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MODEL_NAME_MAX 64     /* WIRE_NAME_MAX: names travel in reports */
#define MODEL_NETWORKS_MAX 8  /* what Corosync's knet can have as links */
#define MODEL_ADDRESSES_MAX 8 /* of one node or CVIP */
#define MODEL_MASTERS_MAX 16
#define MODEL_TARGETS_MAX 8        /* ERD_TARGETS_MAX */
#define MODEL_SERVICE_LINES_MAX 64 /* a line for each address of each service */
#define MODEL_CHECKS_MAX 8         /* of one service */
#define MODEL_ALL_CHECKS_MAX 32
#define MODEL_STORAGE_SERVERS_MAX 8  /* SOURCE_SERVERS_MAX of nfs-ha */
#define MODEL_STORAGE_CLIENTS_MAX 16 /* an export for each */

/* Every "line" is where the thing stands in has.conf, 0 when it does not stand there. */

struct value {
    char *text;  /* NULL: not set and without a default */
    long number; /* see setting_parse */
    unsigned line;
};

struct parameter {
    char *name;
    char *value;
};

struct prefix {
    struct addr address; /* AF_UNSPEC: none */
    unsigned length;
};

struct network {
    char name[MODEL_NAME_MAX];
    struct prefix ipv4;
    struct prefix ipv6;
    char interface[IF_NAMESIZE]; /* empty: found by the address */
    char twin[IF_NAMESIZE];      /* the second port of each node on this network; empty: none */
    unsigned twin_line;
    bool link; /* Corosync uses it */
    unsigned line;
};

enum node_role { ROLE_MASTER, ROLE_ACTIVE, ROLE_STANDBY };

struct node {
    char name[MODEL_NAME_MAX];
    enum node_role role;
    struct addr addresses[MODEL_ADDRESSES_MAX];
    size_t address_count;
    long weight; /* traffic node: 0 for tmd's default; master: its share of the clients, 1 to 100 */
    unsigned line;
};

struct cvip {
    char name[MODEL_NAME_MAX];
    struct addr addresses[MODEL_ADDRESSES_MAX];
    size_t address_count;
    unsigned line;
};

/* The options of a check, in the order in which they are written. The kind says which make sense. */
enum check_option {
    CHECK_ADDRESS,
    CHECK_PORT,
    CHECK_PATH,
    CHECK_HOST,
    CHECK_STATUS,
    CHECK_MATCH,
    CHECK_SEND,
    CHECK_COMMAND,
    CHECK_VERIFY,
    CHECK_CAFILE,
    CHECK_WATCH,
    CHECK_SOURCE,
    CHECK_INTERVAL,
    CHECK_TIMEOUT,
    CHECK_RISE,
    CHECK_FALL,
    CHECK_OPTION_COUNT
};

enum check_kind { CHECK_TCP, CHECK_HTTP, CHECK_HTTPS, CHECK_PROGRAM };

struct check {
    char name[MODEL_NAME_MAX];
    enum check_kind kind;
    struct value options[CHECK_OPTION_COUNT];
    unsigned line;
};

enum protocol { PROTOCOL_TCP, PROTOCOL_UDP, PROTOCOL_FWMARK };
enum forward { FORWARD_DIRECT, FORWARD_NAT, FORWARD_TUNNEL, FORWARD_LOCAL };

struct sorry {
    struct addr addresses[2];
    size_t address_count;
    long port; /* 0: the service's */
    enum forward forward;
    unsigned line;
};

struct service {
    char name[MODEL_NAME_MAX];
    char cvip_name[MODEL_NAME_MAX];
    const struct cvip *cvip; /* NULL until resolved, or when unknown */
    enum protocol protocol;
    long port;   /* 0: none, only with a mark */
    long fwmark; /* 0: none */
    char scheduler[MODEL_NAME_MAX];
    long persistence; /* s */
    long netmask;     /* prefix length, 0: the full address */
    long server_port; /* 0: the same as port */
    enum forward forward;
    struct sorry sorry;
    struct check checks[MODEL_CHECKS_MAX];
    size_t check_count;
    unsigned line;
};

/* A resource or fence agent with its parameters and times. */
struct agent {
    char *name;
    struct parameter *parameters;
    size_t parameter_count;
    long start;   /* s, 0: the general one */
    long stop;    /* s */
    long monitor; /* s between monitors */
    long timeout; /* s of a monitor */
    unsigned line;
};

struct fencing {
    char node_name[MODEL_NAME_MAX];
    const struct node *node; /* NULL until resolved, or when unknown */
    struct agent agent;
};

/* Which NFS servers have the content, and how it gets from one to the other. */
enum storage_kind { STORAGE_DRBD, STORAGE_SHARED, STORAGE_COPIES };

/* The single-valued options of a section "storage", in the order of storage_options[]. */
enum storage_option {
    STORAGE_KIND, /* enum storage_kind */
    STORAGE_DEVICE,
    STORAGE_FILESYSTEM,
    STORAGE_DIRECTORY,
    STORAGE_EXPORT,
    STORAGE_FSID,
    STORAGE_LEASE, /* s */
    STORAGE_GRACE, /* s */
    STORAGE_THREADS,
    STORAGE_MONITOR, /* s */
    STORAGE_MOUNT,
    STORAGE_MOUNT_OPTIONS,
    STORAGE_PROBE,   /* ms */
    STORAGE_TIMEOUT, /* ms */
    STORAGE_FALL,
    STORAGE_RISE,
    STORAGE_RETURN, /* s, SETTING_OFF */
    STORAGE_DRBD_VERSION,
    STORAGE_MINOR,
    STORAGE_PORT,
    STORAGE_SECRET,
    STORAGE_PUBLISHER, /* the name of the server where the content is published */
    STORAGE_SOURCE,    /* the directory there */
    STORAGE_NETWORK,   /* the name of the network over which the servers replicate */
    STORAGE_OPTION_COUNT
};

/* The NFS versions that are served; bits. */
enum storage_version { NFS_V3 = 1, NFS_V4_0 = 2, NFS_V4_1 = 4, NFS_V4_2 = 8, NFS_V4 = 14 };

struct storage {
    char name[MODEL_NAME_MAX];
    struct value options[STORAGE_OPTION_COUNT];
    char server_names[MODEL_STORAGE_SERVERS_MAX][MODEL_NAME_MAX];
    const struct node *servers[MODEL_STORAGE_SERVERS_MAX]; /* NULL until resolved, or when unknown */
    size_t server_count;
    struct prefix clients[MODEL_STORAGE_CLIENTS_MAX];
    size_t client_count;
    unsigned versions; /* enum storage_version */
    unsigned servers_line, clients_line, versions_line, line;
};

struct model {
    struct value settings[SETTING_COUNT];
    bool has_redundancy; /* the section is there, maybe empty */
    unsigned ports_line; /* of the section "ports" */
    unsigned targets_line;
    struct addr targets[MODEL_TARGETS_MAX]; /* whom erd probes, beside the gateways */
    size_t target_count;
    struct network networks[MODEL_NETWORKS_MAX];
    size_t network_count;
    struct node *nodes; /* masters, then traffic nodes, in the order of the file */
    size_t node_count;
    struct cvip *cvips;
    size_t cvip_count;
    struct service *services;
    size_t service_count;
    struct check *checks; /* of the whole node */
    size_t check_count;
    struct agent webserver;
    struct fencing *fencings;
    size_t fencing_count;
    struct storage storage;
    size_t storage_count; /* of the sections "storage"; 0 or 1 when all is right */
};

void model_free(struct model *model);

const struct node *model_node(const struct model *model, const char *name);
const struct cvip *model_cvip(const struct model *model, const char *name);
const struct fencing *model_fencing(const struct model *model, const struct node *node);

/* Full membership: traffic nodes run Corosync, too. */
bool model_full(const struct model *model);

/* Whether the node runs Corosync. */
bool model_is_member(const struct model *model, const struct node *node);

size_t model_count_role(const struct model *model, enum node_role role);
size_t model_count_members(const struct model *model);

/* Whether the address lies in the network. */
bool network_contains(const struct network *network, const struct addr *address);

/* The node's first address of the family in the network, or NULL. */
const struct addr *node_address_in(const struct node *node, const struct network *network, sa_family_t family);

/* The node's real-server address of the family: in the first network, else its first one; NULL for none. */
const struct addr *model_server_address(const struct model *model, const struct node *node, sa_family_t family);

/* Whether nodes have a second port anywhere: then erd runs on every node. */
bool model_has_twin(const struct model *model);

/* Whether the network is the first one that names its pair of ports: two networks may share them. False for a network
 * without a twin. */
bool model_begins_pair(const struct model *model, const struct network *network);

/* Whether the node has an address in the network, of either family. */
bool node_is_in(const struct node *node, const struct network *network);

/* The family in which the members talk over the network: IPv4 where it has that, else IPv6. */
sa_family_t network_link_family(const struct network *network);

/* Words of has.conf for the enumerations; each list ends with NULL. */
extern const char *const check_kind_names[];
extern const char *const check_option_names[]; /* by enum check_option */
extern const char *const protocol_names[];
extern const char *const forward_names[];

#endif
