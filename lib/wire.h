/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The datagrams between traffic clients and traffic managers. docs/protocol.md describes them; the vectors in
 * tests/unit/wire_vectors.h define them.
 *
 * Every datagram: magic "HAS1" (4), type (1), flags (1), length with MAC (2), key id (4), body, MAC (32).
 * Numbers are big-endian. The MAC is keyed BLAKE2b (crypto_generichash) over all that precedes it. It is checked,
 * in constant time, before any byte of the body is looked at.
 *
 * No clocks are compared. A manager makes a secret when it starts. A client makes a random session number for each
 * manager when it starts and counts its reports. The manager accepts a report only if it repeats the cookie that this
 * manager gave to this session of this node, and if its sequence number is above the last one accepted. A cookie that
 * does not fit is answered with the right one, and the client reports again at once: so neither a replay nor an old
 * session nor a report from before a restart is ever taken for news. */
#ifndef HAS_WIRE_H
#define HAS_WIRE_H

#include "addr.h"
#include "key.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WIRE_NAME_MAX 64      /* node and service names with their end */
#define WIRE_SERVICES_MAX 16  /* virtual services a node reports on */
#define WIRE_OVERRIDES_MAX 16 /* administrator's overrides in one datagram */
#define WIRE_DATAGRAM_MAX 1400
#define WIRE_COOKIE_BYTES 16
#define WIRE_MEMBERS_MAX 16      /* master nodes that share the cluster virtual IP */
#define WIRE_BUCKETS 256         /* shares of the client-address hash */
#define WIRE_CONNECTIONS_MAX 200 /* connections in one datagram; fewer with IPv6 */

enum wire_type {
    WIRE_REPORT = 1,              /* traffic client to traffic manager */
    WIRE_ACKNOWLEDGEMENT = 2,     /* traffic manager to traffic client */
    WIRE_HELLO = 3,               /* traffic manager to traffic clients: "I have started, report now" */
    WIRE_OVERRIDES = 4,           /* traffic manager to traffic manager */
    WIRE_HEARTBEAT = 5,           /* cvipd to cvipd, over every LAN */
    WIRE_MAP = 6,                 /* cvipd to cvipd, in Corosync's order */
    WIRE_CONNECTIONS_REQUEST = 7, /* cvipd to traffic client: "which connections have you?" */
    WIRE_CONNECTIONS = 8,         /* traffic client to cvipd: a part of the answer */
};

/* Flags of a report. */
#define WIRE_WANT_ACK 0x01 /* answer this report even if its cookie fits */
#define WIRE_DRAINING 0x02 /* the node is leaving: no new connections */
/* Flag of an acknowledgement. */
#define WIRE_ACCEPTED 0x01 /* not set: only the cookie is given, report again */

struct wire_service {
    char name[WIRE_NAME_MAX];
    bool up;
};

struct wire_report {
    uint8_t flags;
    uint64_t session;                  /* random, made for each manager when the client starts; never 0 */
    uint64_t sequence;                 /* from 1; counts up within the session */
    uint8_t cookie[WIRE_COOKIE_BYTES]; /* zeros until the manager gave one */
    struct addr address;               /* the node's real-server address, its identity; either family */
    struct addr address6;              /* its second address, always of the other family, or none */
    uint32_t index;                    /* load index; 0: the application does not answer */
    uint16_t pressure;                 /* share of the capacity that is free now, 0 to 1000 */
    uint32_t connections;              /* established connections to the virtual services */
    char name[WIRE_NAME_MAX];          /* UTF-8 without control characters, not empty; likewise of services */
    size_t service_count;
    struct wire_service services[WIRE_SERVICES_MAX];
};

struct wire_acknowledgement {
    uint8_t flags;
    uint64_t session;                  /* of the report that is answered; so it tells which manager answers */
    uint64_t sequence;                 /* likewise */
    uint8_t cookie[WIRE_COOKIE_BYTES]; /* to be repeated in the next reports */
};

struct wire_hello {
    uint64_t instance; /* random, made when the manager starts */
};

enum wire_override_kind {
    WIRE_OVERRIDE_NONE = 0, /* lifted */
    WIRE_OVERRIDE_DRAIN = 1,
    WIRE_OVERRIDE_WEIGHT = 2,
};

/* One administrator's override. The one with the higher stamp wins, on a tie the higher origin. */
struct wire_override {
    struct addr node;
    uint8_t kind;
    uint32_t weight;
    uint64_t stamp;  /* Lamport clock */
    uint64_t origin; /* random number of the manager that took the order */
};

struct wire_overrides {
    size_t count;
    struct wire_override entries[WIRE_OVERRIDES_MAX];
};

/* Who owns which bucket, and since which map. Of two maps the one with the higher (epoch, coordinator) counts. */
struct wire_map {
    uint64_t epoch;                 /* from 1; 0: none yet */
    uint8_t coordinator;            /* member id, 1 to WIRE_MEMBERS_MAX; 0 with epoch 0 */
    uint8_t owners[WIRE_BUCKETS];   /* member ids; 0: nobody */
    uint8_t previous[WIRE_BUCKETS]; /* who must release the bucket before its owner takes new connections; 0: nobody */
};

/* What the sender last accepted of another member. */
struct wire_echo {
    uint8_t member;
    uint64_t session;
    uint64_t sequence; /* 0: none yet, the session is only known */
};

/* Flags of a heartbeat. */
#define WIRE_MEMBER_READY 0x01   /* could serve */
#define WIRE_MEMBER_PORT_UP 0x02 /* the service port has its carrier */
#define WIRE_MEMBER_ASIDE 0x04   /* would rather not own anything */
#define WIRE_MEMBER_LEAVING 0x08 /* ends */
#define WIRE_MEMBER_QUORATE 0x10 /* Corosync says so, or is not used */
#define WIRE_ACTIVE_BY_LOAD 0x20 /* active was ordered by the threshold of load, not by a person */

struct wire_heartbeat {
    uint8_t flags;
    uint8_t member;        /* sender, 1 to WIRE_MEMBERS_MAX */
    uint64_t session;      /* random, made at start; never 0 */
    uint64_t sequence;     /* from 1 */
    uint32_t digest;       /* of the settings that must be the same everywhere */
    uint8_t weight;        /* 0 to 100 */
    uint8_t load;          /* percent, 0 to 100 */
    uint8_t active;        /* how many masters are to be active (255: all) … */
    uint64_t active_stamp; /* … and since which order: Lamport clock, the higher one counts, */
    uint8_t active_origin; /* on a tie the higher origin */
    uint64_t frames;       /* client frames seen on the service port */
    uint64_t released;     /* the epoch up to which the sender has released what it had to */
    uint64_t filled;       /* the epoch up to which its connection table is filled */
    size_t echo_count;
    struct wire_echo echoes[WIRE_MEMBERS_MAX];
    struct wire_map map; /* the one the sender has adopted */
};

struct wire_connections_request {
    uint64_t request; /* random; repeated in the answer */
    uint32_t rate;    /* connections a second at most, from this node; 1000 to 1000000 */
};

/* Connections of one virtual service. Both ends are of the same family. */
struct wire_connection {
    struct addr client;
    uint16_t port;
};
#define WIRE_CONNECTIONS_LAST 0x01 /* flag: the part with the highest number */
struct wire_connections {
    uint8_t flags;
    uint64_t request;
    struct addr node;            /* the traffic node's identity, as in its reports */
    uint32_t part;               /* from 0, over all services */
    struct addr virtual_address; /* AF_UNSPEC only when count is 0 */
    uint16_t virtual_port;
    size_t count;
    struct wire_connection connections[WIRE_CONNECTIONS_MAX];
};

struct wire_message {
    enum wire_type type;
    union {
        struct wire_report report;
        struct wire_acknowledgement acknowledgement;
        struct wire_hello hello;
        struct wire_overrides overrides;
        struct wire_heartbeat heartbeat;
        struct wire_map map;
        struct wire_connections_request connections_request;
        struct wire_connections connections;
    };
};

/* How many connections of that family (AF_INET or AF_INET6) fit into one datagram, whatever the
 * family of the node; 0 for another family. */
size_t wire_connections_room(sa_family_t family);

/* Why a datagram is refused. Checked in this order, but the stated length only when the magic is ours. */
enum wire_result {
    WIRE_OK = 0,
    WIRE_TRUNCATED, /* shorter than its header says, or than a header */
    WIRE_FOREIGN,   /* not our magic */
    WIRE_UNKNOWN_TYPE,
    WIRE_BAD_LENGTH, /* longer than it says or than it may be */
    WIRE_UNKNOWN_KEY,
    WIRE_FORGED,    /* the MAC does not fit */
    WIRE_MALFORMED, /* authentic, but the body is not well formed */
    WIRE_RESULT_COUNT
};

/* The name of a result as it stands in counters: "truncated", "forged"… */
const char *wire_result_name(enum wire_result result);

/* Writes a signed datagram into out (WIRE_DATAGRAM_MAX bytes). Returns its length, or -EMSGSIZE when it
 * does not fit, or -EINVAL when the message is out of its ranges. */
int wire_encode(const struct wire_message *message, const struct key *key, uint8_t *out);

/* Checks and reads a datagram. *out is written only with WIRE_OK, and only as
 * far as a message of its type goes. */
enum wire_result wire_decode(const uint8_t *data, size_t length, const struct keyring *ring, struct wire_message *out);

/* The cookie of a session of a node, for the manager. secret: KEY_BYTES random bytes made at start.
 * generation: how many sessions of this node were accepted before this one. */
void wire_cookie(const uint8_t secret[KEY_BYTES], const struct addr *node, uint64_t session, uint64_t generation,
                 uint8_t cookie[WIRE_COOKIE_BYTES]);

/* Compares two cookies in constant time. */
bool wire_cookie_equal(const uint8_t a[WIRE_COOKIE_BYTES], const uint8_t b[WIRE_COOKIE_BYTES]);

#endif
