/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine_private.h"

#include <arpa/inet.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if_arp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* Our place among the filters of the port: the first but for the gate of a port that is not in use (lib/gate), and
 * under a handle ("HAS") that no other filter has by accident. */
#define ATTACH_PRIORITY 2
#define OLDER_PRIORITY 1 /* of a cvipd that knew no gates */
#define ATTACH_HANDLE 0x484153

static const enum bpf_tc_attach_point points[2] = {BPF_TC_INGRESS, BPF_TC_EGRESS};

static int attach_one(const struct engine *engine, struct engine_port *port, int which)
{
    struct bpf_tc_hook hook = {.sz = sizeof(hook), .ifindex = port->interface, .attach_point = points[which]};
    struct bpf_tc_opts options = {.sz = sizeof(options),
                                  .handle = ATTACH_HANDLE,
                                  .priority = ATTACH_PRIORITY,
                                  .flags = BPF_TC_F_REPLACE,
                                  .prog_fd = which == 0 ? engine->program_in : engine->program_out};
    int error = bpf_tc_attach(&hook, &options);

    port->attached[which] = error == 0;
    return error;
}

/* Egress first: what goes out is right before anything can come in. */
static int attach_programs(const struct engine *engine, struct engine_port *port, const char **what)
{
    struct bpf_tc_hook hook = {
        .sz = sizeof(hook), .ifindex = port->interface, .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS};
    int error;

    *what = "make clsact on the interface";
    error = bpf_tc_hook_create(&hook);
    if (error != 0 && error != -EEXIST) {
        return error == -ENOENT ? -EOPNOTSUPP : error;
    }
    *what = "attach the BPF program to egress";
    error = attach_one(engine, port, 1);
    if (error != 0) {
        return error;
    }
    *what = "attach the BPF program to ingress";
    return attach_one(engine, port, 0);
}

static int detach_at(int interface, int which, uint32_t priority)
{
    struct bpf_tc_hook hook = {.sz = sizeof(hook), .ifindex = interface, .attach_point = points[which]};
    struct bpf_tc_opts options = {.sz = sizeof(options), .handle = ATTACH_HANDLE, .priority = priority};

    return bpf_tc_detach(&hook, &options);
}

void engine_detach(struct engine *engine)
{
    for (int i = 0; i < ENGINE_PORTS; i++) {
        struct engine_port *port = &engine->ports[i];

        for (int which = 0; which < 2; which++) {
            if (port->attached[which]) {
                detach_at(port->interface, which, ATTACH_PRIORITY);
            }
            port->attached[which] = false;
        }
    }
}

/* The id of the program of ours with that priority, 0 for none. */
static uint32_t find_at(int interface, int which, uint32_t priority)
{
    struct bpf_tc_hook hook = {.sz = sizeof(hook), .ifindex = interface, .attach_point = points[which]};
    struct bpf_tc_opts options = {.sz = sizeof(options), .handle = ATTACH_HANDLE, .priority = priority};

    return bpf_tc_query(&hook, &options) == 0 ? options.prog_id : 0;
}

bool engine_is_attached(const struct engine *engine, const struct engine_port *port)
{
    return port->interface != 0 && find_at(port->interface, 1, ATTACH_PRIORITY) == engine->program_out_id;
}

/* What an older cvipd that died left stands before us, and drops everything. */
static int detach_older(int interface)
{
    int result = 0;

    for (int which = 0; which < 2; which++) {
        if (find_at(interface, which, OLDER_PRIORITY) != 0) {
            int error = detach_at(interface, which, OLDER_PRIORITY);
            result = error != 0 ? error : result;
        }
    }
    return result;
}

int engine_clean(const char *interface)
{
    int index = (int)if_nametoindex(interface);
    int result = 0;

    engine_take_messages();
    if (index == 0) {
        return 0;
    }
    for (int which = 0; which < 2; which++) {
        if (find_at(index, which, ATTACH_PRIORITY) != 0) {
            int error = detach_at(index, which, ATTACH_PRIORITY);
            result = error != 0 ? error : result;
        }
    }
    int error = detach_older(index);
    return error != 0 ? error : result;
}

/* The kernel leaves the group when the socket is closed, also by a daemon that dies, and when the interface is removed.
 * Frames to the broadcast address arrive anyway. */
static int join_shared_mac(const struct engine *engine, const struct engine_port *port)
{
    static const uint8_t broadcast[ETH_ALEN] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    const uint8_t *mac = engine->table->shared_mac;
    struct packet_mreq request = {.mr_ifindex = port->interface,
                                  .mr_type = (mac[0] & 1) != 0 ? PACKET_MR_MULTICAST : PACKET_MR_UNICAST,
                                  .mr_alen = ETH_ALEN};

    if (engine->table->mac_kind != ENGINE_MAC_SHARED || memcmp(mac, broadcast, sizeof(broadcast)) == 0) {
        return 0;
    }
    memcpy(request.mr_address, mac, ETH_ALEN);
    return setsockopt(engine->socket, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &request, sizeof(request)) == 0 ? 0 : -errno;
}

static int read_mac(const struct engine *engine, struct engine_port *port)
{
    struct ifreq request = {0};

    strncpy(request.ifr_name, port->name, sizeof(request.ifr_name) - 1);
    if (ioctl(engine->socket, SIOCGIFHWADDR, &request) != 0) {
        return -errno;
    }
    if (request.ifr_hwaddr.sa_family != ARPHRD_ETHER) {
        return -EAFNOSUPPORT;
    }
    memcpy(port->mac, request.ifr_hwaddr.sa_data, sizeof(port->mac));
    return 0;
}

static int take_into_use(struct engine *engine, struct engine_port *port, const char **what)
{
    int error;

    *what = "read the interface's MAC (it must be an Ethernet)";
    error = read_mac(engine, port);
    if (error != 0) {
        return error;
    }
    *what = "join the shared MAC";
    error = join_shared_mac(engine, port);
    if (error != 0) {
        return error;
    }
    error = attach_programs(engine, port, what);
    if (error == 0) {
        *what = "remove an older BPF program";
        error = detach_older(port->interface);
    }
    return error;
}

static bool is_there(const struct engine_port *port)
{
    return port->interface != 0 && (int)if_nametoindex(port->name) == port->interface;
}

int engine_attach(struct engine *engine, struct engine_port *port, const char **what)
{
    int error;

    *what = "find the interface";
    *port = (struct engine_port){.name = port->name};
    if (port->name[0] != '\0') {
        port->interface = (int)if_nametoindex(port->name);
    }
    if (port->interface == 0) {
        return -ENODEV;
    }
    error = take_into_use(engine, port, what);
    if (error != 0 && !is_there(port)) { /* it was removed under our hands */
        error = -ENODEV;
    }
    if (error == -ENODEV) {
        *port = (struct engine_port){.name = port->name};
    }
    return error;
}

int engine_check(struct engine *engine, int which)
{
    struct engine_port *port = &engine->ports[which];
    const char *what;
    int error;

    if (!is_there(port)) {
        error = engine_attach(engine, port, &what);
        return error == 0 ? ENGINE_NEW : error;
    }
    (void)read_mac(engine, port); /* erd gives both ports one */
    if (find_at(port->interface, 0, ATTACH_PRIORITY) != 0 && engine_is_attached(engine, port)) {
        return ENGINE_WELL;
    }
    error = attach_programs(engine, port, &what);
    if (error != 0 && !is_there(port)) {
        return -ENODEV;
    }
    return error == 0 ? ENGINE_MENDED : error;
}

int engine_socket_open(struct engine *engine, const char **what)
{
    uint32_t mark = engine->table->replay_mark;

    *what = "open a packet socket";
    engine->socket = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); /* 0: it receives nothing */
    if (engine->socket < 0) {
        return -errno;
    }
    *what = "set the mark of replays";
    return setsockopt(engine->socket, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) == 0 ? 0 : -errno;
}
