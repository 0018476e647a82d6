/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cvipd_engine_world.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <time.h>

#define WAIT_MS 3000

const sa_family_t world_families[2] = {AF_INET, AF_INET6};

static int shell(const char *command)
{
    return system(command);
}

static int make_links(void)
{
    return shell("ip link set lo up &&"
                 "ip link add port0 address 02:00:00:00:00:01 type veth peer name wire0 address 02:00:00:00:00:02 &&"
                 "sysctl -qw net.ipv6.conf.wire0.disable_ipv6=1 net.ipv6.conf.port0.accept_dad=0"
                 " net.ipv4.conf.port0.rp_filter=0 net.ipv4.conf.all.rp_filter=0 &&"
                 "ip link set wire0 up && ip link set port0 up &&"
                 "ip addr add 10.1.0.1/24 dev port0 && ip addr add " OUR_IPV4 "/32 dev port0 &&"
                 "ip addr add fd00:1::1/64 dev port0 nodad && ip addr add " OUR_IPV6 "/128 dev port0 nodad &&"
                 "ip neigh add " CLIENT_IPV4 " lladdr 02:00:00:00:00:09 dev port0 &&"
                 "ip neigh add " CLIENT_IPV6 " lladdr 02:00:00:00:00:09 dev port0");
}

int world_open_wire(const char *interface)
{
    struct sockaddr_ll where = {
        .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = (int)if_nametoindex(interface)};
    const int one = 1;
    int wire = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));

    if (wire < 0 || setsockopt(wire, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one)) != 0 ||
        bind(wire, (struct sockaddr *)&where, sizeof(where)) != 0) {
        return -1;
    }
    return wire;
}

int world_make(struct world *world)
{
    cpu_set_t first;
    const char *what;

    CPU_ZERO(&first);
    CPU_SET(0, &first);
    memset(world, 0, sizeof(*world));
    if (geteuid() != 0 || unshare(CLONE_NEWNET) != 0 || sched_setaffinity(0, sizeof(first), &first) != 0 ||
        make_links() != 0 || (world->wire = world_open_wire("wire0")) < 0) {
        return -1;
    }
    world->settings = (struct engine_settings){.interfaces = {"port0"}, .address_count = 2, .seed = 24301};
    addr_parse(OUR_IPV4, &world->settings.addresses[0]);
    addr_parse(OUR_IPV6, &world->settings.addresses[1]);
    memcpy(world->settings.shared_mac, SHARED_MAC, ETH_ALEN);
    if (engine_open(&world->settings, &world->engine, &what) != 0) {
        fprintf(stderr, "cannot %s: %s\n", what, strerror(errno));
        return -1;
    }
    world_stop(world);
    return 0;
}

void world_start(struct world *world, uint8_t state)
{
    const char *what;

    world_stop(world);
    assert_int_equal(engine_open(&world->settings, &world->engine, &what), 0);
    world_set(world, state);
}

void world_stop(struct world *world)
{
    engine_close(world->engine, false);
    world->engine = NULL;
}

void world_set(struct world *world, uint8_t state)
{
    uint8_t states[HASH_BUCKETS];

    memset(states, state, sizeof(states));
    engine_set(world->engine, states);
    engine_lease(world->engine, world_now() + 60 * SECOND);
}

uint64_t world_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_BOOTTIME, &now);
    return (uint64_t)now.tv_sec * SECOND + (uint64_t)now.tv_nsec;
}

static int run(struct world *world, bool outgoing, const struct frame *frame, uint32_t mark, struct frame *out,
               int repeat, unsigned *cost)
{
    struct frame unused = {0};
    struct __sk_buff context = {.mark = mark, .ifindex = if_nametoindex("port0")};
    struct frame *after = out != NULL ? out : &unused;
    struct bpf_test_run_opts options = {.sz = sizeof(options),
                                        .data_in = frame->bytes,
                                        .data_size_in = (uint32_t)frame->length,
                                        .data_out = after->bytes,
                                        .data_size_out = sizeof(after->bytes),
                                        .ctx_in = &context,
                                        .ctx_size_in = sizeof(context),
                                        .repeat = repeat};
    int program = outgoing ? world->engine->program_out : world->engine->program_in;

    assert_int_equal(bpf_prog_test_run_opts(program, &options), 0);
    after->length = options.data_size_out;
    if (cost != NULL) {
        *cost = options.duration;
    }
    return (int)options.retval;
}

int world_run_in(struct world *world, const struct frame *frame)
{
    return run(world, false, frame, 0, NULL, 1, NULL);
}

int world_run_out(struct world *world, const struct frame *frame, uint32_t mark, struct frame *out)
{
    return run(world, true, frame, mark, out, 1, NULL);
}

unsigned world_cost(struct world *world, const struct frame *frame, bool outgoing)
{
    unsigned cost = 0;

    run(world, outgoing, frame, 0, NULL, 20000, &cost);
    return cost;
}

uint64_t world_count(struct world *world, enum engine_counter counter)
{
    uint64_t counters[ENGINE_COUNT_MAX];

    engine_counters(world->engine, counters);
    return counters[counter];
}

void world_send(struct world *world, const struct frame *frame)
{
    assert_int_equal(send(world->wire, frame->bytes, frame->length, 0), frame->length);
}

/* -1: none of them. */
static int kind_of(const struct frame *frame)
{
    if (frame->bytes[12] == 0x08 && frame->bytes[13] == 0x06) {
        return WORLD_ARP;
    }
    if (frame->bytes[12] == 0x86 && frame->bytes[20] == IPPROTO_ICMPV6) {
        return frame->bytes[54] == 135 || frame->bytes[54] == 136 ? WORLD_ND : -1;
    }
    return frame_tcp(frame) != 0 ? WORLD_TCP : -1;
}

/* -1: nothing came in 3 seconds. */
static int receive_any(struct world *world, struct frame *frame)
{
    struct pollfd ready = {.fd = world->wire, .events = POLLIN};

    while (poll(&ready, 1, WAIT_MS) > 0) {
        ssize_t length = recv(world->wire, frame->bytes, sizeof(frame->bytes), MSG_DONTWAIT);

        frame->length = length > 0 ? (size_t)length : 0;
        if (length > 0 && kind_of(frame) >= 0) {
            return kind_of(frame);
        }
    }
    return -1;
}

bool world_receive(struct world *world, enum world_frame kind, struct frame *frame)
{
    int received;

    do {
        received = receive_any(world, frame);
    } while (received >= 0 && received != (int)kind);
    return received == (int)kind;
}

static bool is_arp_reply(const struct frame *frame)
{
    return kind_of(frame) == WORLD_ARP && frame->bytes[21] == 2;
}

bool world_is_silent(struct world *world)
{
    struct frame frame;
    bool silent = true;

    frame_make_arp(&frame);
    world_send(world, &frame);
    while (receive_any(world, &frame) >= 0) {
        if (is_arp_reply(&frame)) {
            return silent;
        }
        silent = silent && frame_tcp(&frame) == 0;
    }
    return false;
}

void world_drain(struct world *world)
{
    (void)world_is_silent(world);
}
