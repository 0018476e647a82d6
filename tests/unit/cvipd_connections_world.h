/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A master node with IPVS in a network namespace of the test's own: "port0" is its service port, what is sent from its
 * other end "wire0" comes from the LAN; behind "lan0" are four traffic nodes in a namespace of their own, played by
 * tests/bench/fake_connections; "sync0" is the private LAN, and "sync1" what others would see of it. */
#ifndef CVIPD_CONNECTIONS_WORLD_H
#define CVIPD_CONNECTIONS_WORLD_H

#include "unit.h"

#include "cvipd_engine_frames.h"
#include "ipvs.h"
#include "key.h"
#include "reconstruct.h"

#include <qb/qbloop.h>
#include <sys/types.h>

#define WORLD_NODES 4
#define WORLD_FAMILIES 2 /* 0: IPv4, 1: IPv6 */
#define WORLD_FIRST_PORT 1024
#define WORLD_TRAFFIC_PORT 5500

/* Tests' state. */
struct world {
    struct ipvs *ipvs;
    qb_loop_t *loop;
    struct keyring ring;
    char fake_connections[PATH_MAX];
    char keys[PATH_MAX];
    int wire;    /* packet socket on wire0 */
    int lan;     /* likewise on lan0: what goes to the traffic nodes */
    int outside; /* likewise on sync1: what leaves the master by the private LAN */
    pid_t nodes[WORLD_FAMILIES][WORLD_NODES];
    int outputs[WORLD_FAMILIES][WORLD_NODES];
    struct reconstruct_result result;
    bool done;
};

/* A new one, with an empty table, beside the one before. program: argv[0]. 0, or -1 where the kernel or we ourselves
 * may not. */
int world_make(struct world *world, const char *program);
void world_end(struct world *world);

/* The services on our two addresses with four servers each. persistence: seconds. */
void world_services(struct world *world, uint32_t persistence, uint32_t netmask4, uint32_t netmask6);

/* Starts traffic node number (0 to 3) in a family with so many connections of the client of that number: 10.1.0.9,
 * 10.1.8.9, … from port 1024 on. */
void world_node(struct world *world, unsigned family, unsigned number, uint32_t connections);

/* Opens the reconstruction, runs it to its end, and closes it; the result is in world->result. */
void world_reconstruct(struct world *world);

/* One line of the kernel's connection table. */
struct world_connection {
    struct addr client, virtual_address, server;
    unsigned client_port, virtual_port, server_port;
    char state[16];
    unsigned expires; /* seconds */
};
/* How many connections the table holds; the first max of them are written. The kernel takes a quadratic time for a
 * large table. */
size_t world_table(struct world_connection *out, size_t max);

/* Waits until the servers have so many connections and templates, a few seconds at most; returns how many they have. */
size_t world_wait_for(struct world *world, size_t connections);

struct addr world_ours(unsigned family);
struct addr world_client(unsigned family, unsigned number);
struct addr world_server(unsigned family, unsigned number);

/* Whether a TCP segment of the first node's client from that port, sent to our address, goes on to the traffic
 * nodes. */
bool world_forwards(struct world *world, unsigned family, uint16_t port, uint8_t flags);

/* How many datagrams for UDP port 8848 left by the private LAN since the last call. */
unsigned world_leaked(struct world *world);

/* Whether the kernel tells other masters of a connection of that family within 3 seconds of the last one. */
bool world_tells_others(struct world *world, unsigned family);

#endif
