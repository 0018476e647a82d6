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
#define ATTACH_HANDLE 0x484153

static const enum bpf_tc_attach_point points[2] = {BPF_TC_INGRESS, BPF_TC_EGRESS};

static int attach_one(struct engine *engine, int which)
{
    struct bpf_tc_hook hook = {.sz = sizeof(hook), .ifindex = engine->interface, .attach_point = points[which]};
    struct bpf_tc_opts options = {.sz = sizeof(options),
                                  .handle = ATTACH_HANDLE,
                                  .priority = ATTACH_PRIORITY,
                                  .flags = BPF_TC_F_REPLACE,
                                  .prog_fd = which == 0 ? engine->program_in : engine->program_out};
    int error = bpf_tc_attach(&hook, &options);

    engine->attached[which] = error == 0;
    return error;
}

/* Egress first: what goes out is right before anything can come in. */
int engine_attach(struct engine *engine, const char **what)
{
    struct bpf_tc_hook hook = {
        .sz = sizeof(hook), .ifindex = engine->interface, .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS};
    int error;

    *what = "make clsact on the interface";
    error = bpf_tc_hook_create(&hook);
    if (error != 0 && error != -EEXIST) {
        return error == -ENOENT ? -EOPNOTSUPP : error;
    }
    *what = "attach the BPF program to egress";
    error = attach_one(engine, 1);
    if (error != 0) {
        return error;
    }
    *what = "attach the BPF program to ingress";
    return attach_one(engine, 0);
}

static int detach_one(int interface, int which)
{
    struct bpf_tc_hook hook = {.sz = sizeof(hook), .ifindex = interface, .attach_point = points[which]};
    struct bpf_tc_opts options = {.sz = sizeof(options), .handle = ATTACH_HANDLE, .priority = ATTACH_PRIORITY};

    return bpf_tc_detach(&hook, &options);
}

void engine_detach(struct engine *engine)
{
    for (int i = 0; i < 2; i++) {
        if (engine->attached[i]) {
            detach_one(engine->interface, i);
        }
        engine->attached[i] = false;
    }
}

/* The id of the program at our place, 0 for none. */
static uint32_t find_attached(int interface, int which)
{
    struct bpf_tc_hook hook = {.sz = sizeof(hook), .ifindex = interface, .attach_point = points[which]};
    struct bpf_tc_opts options = {.sz = sizeof(options), .handle = ATTACH_HANDLE, .priority = ATTACH_PRIORITY};

    return bpf_tc_query(&hook, &options) == 0 ? options.prog_id : 0;
}

bool engine_is_attached(const struct engine *engine)
{
    return find_attached(engine->interface, 1) == engine->program_out_id;
}

int engine_check(struct engine *engine)
{
    const char *what;
    int error;

    if (find_attached(engine->interface, 0) != 0 && engine_is_attached(engine)) {
        return 0;
    }
    error = engine_attach(engine, &what);
    return error == 0 ? 1 : error;
}

int engine_clean(const char *interface)
{
    int index = (int)if_nametoindex(interface);
    int result = 0;

    engine_take_messages();
    for (int i = 0; index != 0 && i < 2; i++) {
        if (find_attached(index, i) != 0) {
            int error = detach_one(index, i);
            result = error != 0 ? error : result;
        }
    }
    return result;
}

/* The kernel leaves the group when the socket is closed, also by a daemon that dies. Frames to the broadcast address
 * arrive anyway. */
static int join_shared_mac(const struct engine *engine)
{
    static const uint8_t broadcast[ETH_ALEN] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    const uint8_t *mac = engine->table->shared_mac;
    struct packet_mreq request = {.mr_ifindex = engine->interface,
                                  .mr_type = (mac[0] & 1) != 0 ? PACKET_MR_MULTICAST : PACKET_MR_UNICAST,
                                  .mr_alen = ETH_ALEN};

    if (engine->table->mac_kind != ENGINE_MAC_SHARED || memcmp(mac, broadcast, sizeof(broadcast)) == 0) {
        return 0;
    }
    memcpy(request.mr_address, mac, ETH_ALEN);
    return setsockopt(engine->socket, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &request, sizeof(request)) == 0 ? 0 : -errno;
}

static int read_mac(struct engine *engine, const char *interface)
{
    struct ifreq request = {0};

    strncpy(request.ifr_name, interface, sizeof(request.ifr_name) - 1);
    if (ioctl(engine->socket, SIOCGIFHWADDR, &request) != 0) {
        return -errno;
    }
    if (request.ifr_hwaddr.sa_family != ARPHRD_ETHER) {
        return -EAFNOSUPPORT;
    }
    memcpy(engine->mac, request.ifr_hwaddr.sa_data, sizeof(engine->mac));
    return 0;
}

int engine_socket_open(struct engine *engine, const char *interface, const char **what)
{
    uint32_t mark = engine->table->replay_mark;
    int error;

    *what = "open a packet socket";
    engine->socket = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); /* 0: it receives nothing */
    if (engine->socket < 0) {
        return -errno;
    }
    *what = "read the interface's MAC (it must be an Ethernet)";
    error = read_mac(engine, interface);
    if (error != 0) {
        return error;
    }
    *what = "set the mark of replays";
    if (setsockopt(engine->socket, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) != 0) {
        return -errno;
    }
    *what = "join the shared MAC";
    return join_shared_mac(engine);
}
