/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cvipd_connections_world.h"

#include "clock.h"
#include "wake.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libgen.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sodium.h>
#include <sys/wait.h>
#include <time.h>

#define WAIT_MS 3000
#define DEADLINE_US 20000000
#define SYNC_PORT 8848
#define SYNC_TYPE 50 /* offset in the frame: of the first connection, 1 is IPv6 */

static int make_links(void)
{
    return system("ip netns add traffic && ip link set lo up && ip -netns traffic link set lo up &&"
                  "ip link add port0 address 02:00:00:00:00:01 type veth peer name wire0 address 02:00:00:00:00:02 &&"
                  "ip link add lan0 type veth peer name eth0 netns traffic &&"
                  "ip link add sync0 type veth peer name sync1 &&"
                  "sysctl -qw net.ipv6.conf.wire0.disable_ipv6=1 net.ipv6.conf.sync1.disable_ipv6=1"
                  " net.ipv6.conf.port0.accept_dad=0 net.ipv6.conf.lan0.accept_dad=0"
                  " net.ipv4.conf.port0.rp_filter=0 net.ipv4.conf.all.rp_filter=0 &&"
                  "for i in wire0 port0 lan0 sync0 sync1; do ip link set $i up; done &&"
                  "ip addr add 10.1.0.1/16 dev port0 && ip addr add " OUR_IPV4 "/32 dev port0 &&"
                  "ip addr add fd00:1::1/64 dev port0 nodad && ip addr add " OUR_IPV6 "/128 dev port0 nodad &&"
                  "ip addr add 10.2.0.1/24 dev lan0 && ip addr add fd00:2::1/64 dev lan0 nodad &&"
                  "ip addr add 10.3.0.1/24 dev sync0 && ip -netns traffic link set eth0 up &&"
                  "for i in 1 2 3 4; do ip -netns traffic addr add 10.2.0.1$i/24 dev eth0;"
                  " ip -netns traffic addr add fd00:2::1$i/64 dev eth0 nodad; done");
}

static int open_packets(const char *interface, bool ours)
{
    struct sockaddr_ll where = {
        .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = (int)if_nametoindex(interface)};
    const int others_only = ours ? 0 : 1;
    const int size = 4 << 20;
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(ETH_P_ALL));

    if (fd < 0 || setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &others_only, sizeof(others_only)) != 0 ||
        setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) != 0 ||
        bind(fd, (struct sockaddr *)&where, sizeof(where)) != 0)
        return -1;
    return fd;
}

static void make_keys(struct world *world)
{
    struct conf_error error;
    char line[128];

    key_generate_line(1, line, sizeof(line));
    snprintf(world->keys, sizeof(world->keys), "/run/cvipd_connections.%d.keys", (int)getpid());
    unit_put(world->keys, line, strlen(line), 0600);
    if (key_load(world->keys, &world->ring, &error) != 0)
        fail_msg("%s", error.text);
}

int world_make(struct world *world, const char *program)
{
    char path[PATH_MAX];

    memset(world, 0, sizeof(*world));
    snprintf(path, sizeof(path), "%s", program);
    snprintf(world->fake_connections, sizeof(world->fake_connections), "%s/../bench/fake_connections", dirname(path));
    if (geteuid() != 0 || unshare(CLONE_NEWNET) != 0 || ipvs_open(&world->ipvs) != 0 || make_links() != 0)
        return -1;
    world->wire = open_packets("wire0", false);
    world->lan = open_packets("lan0", true);
    world->outside = open_packets("sync1", false);
    world->loop = qb_loop_create();
    if (world->wire < 0 || world->lan < 0 || world->outside < 0 || world->loop == NULL || sodium_init() < 0)
        return -1;
    make_keys(world);
    return 0;
}

static void end_nodes(struct world *world)
{
    for (unsigned family = 0; family < WORLD_FAMILIES; family++)
        for (unsigned i = 0; i < WORLD_NODES; i++) {
            if (world->nodes[family][i] <= 0)
                continue;
            kill(world->nodes[family][i], SIGKILL);
            waitpid(world->nodes[family][i], NULL, 0);
            close(world->outputs[family][i]);
            world->nodes[family][i] = 0;
        }
}

void world_end(struct world *world)
{
    end_nodes(world);
    close(world->wire);
    close(world->lan);
    close(world->outside);
    qb_loop_destroy(world->loop);
    ipvs_close(world->ipvs);
    unlink(world->keys);
    assert_int_equal(system("ip netns del traffic"), 0);
}

static struct addr addr_of(const char *text)
{
    struct addr address;

    assert_int_equal(addr_parse(text, &address), 0);
    return address;
}

struct addr world_client(unsigned family, unsigned number)
{
    char text[ADDR_TEXT_MAX];

    snprintf(text, sizeof(text), family == 0 ? "10.1.%u.9" : "fd00:1::%x:9", number * 8);
    return addr_of(number == 0 && family == 1 ? CLIENT_IPV6 : text);
}

struct addr world_server(unsigned family, unsigned number)
{
    char text[ADDR_TEXT_MAX];

    snprintf(text, sizeof(text), family == 0 ? "10.2.0.1%u" : "fd00:2::1%u", number + 1);
    return addr_of(text);
}

struct addr world_ours(unsigned family)
{
    return addr_of(family == 0 ? OUR_IPV4 : OUR_IPV6);
}

void world_services(struct world *world, uint32_t persistence, uint32_t netmask4, uint32_t netmask6)
{
    for (unsigned family = 0; family < WORLD_FAMILIES; family++) {
        struct ipvs_service service = {.family = family == 0 ? AF_INET : AF_INET6,
                                       .protocol = IPPROTO_TCP,
                                       .address = world_ours(family),
                                       .port = OUR_PORT,
                                       .scheduler = "wrr",
                                       .persistence = persistence,
                                       .netmask = family == 0 ? netmask4 : netmask6};

        assert_int_equal(ipvs_service_add(world->ipvs, &service), 0);
        for (unsigned i = 0; i < WORLD_NODES; i++) {
            struct ipvs_server server = {
                .address = world_server(family, i), .port = OUR_PORT, .forward = IPVS_DIRECT, .weight = 1};

            assert_int_equal(ipvs_server_add(world->ipvs, &service, &server), 0);
        }
    }
}

void world_node(struct world *world, unsigned family, unsigned number, uint32_t connections)
{
    char node[ADDR_TEXT_MAX], ours[ADDR_TEXT_MAX], client[ADDR_TEXT_MAX], count[16], port[16], service_port[16];
    struct addr addresses[] = {world_server(family, number), world_ours(family), world_client(family, number)};
    char ready[6];
    int output[2];
    pid_t pid;

    addr_format(&addresses[0], node);
    addr_format(&addresses[1], ours);
    addr_format(&addresses[2], client);
    snprintf(count, sizeof(count), "%u", connections);
    snprintf(port, sizeof(port), "%d", WORLD_TRAFFIC_PORT);
    snprintf(service_port, sizeof(service_port), "%d", OUR_PORT);
    assert_int_equal(pipe(output), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        dup2(output[1], STDOUT_FILENO);
        close(output[0]);
        close(output[1]);
        execlp("ip", "ip", "netns", "exec", "traffic", world->fake_connections, "-k", world->keys, "-a", node, "-v",
               ours, "-c", client, "-n", count, "-p", port, "-w", service_port, NULL);
        _exit(127);
    }
    world->nodes[family][number] = pid;
    world->outputs[family][number] = output[0];
    close(output[1]);
    assert_int_equal(read(output[0], ready, sizeof(ready)), sizeof(ready)); /* it says so when it can be asked */
}

static void done(void *context, const struct reconstruct_result *result)
{
    struct world *world = context;

    world->result = *result;
    world->done = true;
    qb_loop_stop(world->loop);
}

static void out_of_patience(void *context)
{
    qb_loop_stop(((struct world *)context)->loop);
}

void world_reconstruct(struct world *world)
{
    struct reconstruct_settings settings = {.sync_interface = "sync0",
                                            .sync_id = 1,
                                            .port = WORLD_TRAFFIC_PORT,
                                            .address_count = 2,
                                            .addresses = {world_ours(0), world_ours(1)}};
    struct reconstruct *reconstruct;
    struct wake patience;

    world->done = false;
    assert_int_equal(reconstruct_open(world->loop, &settings, &world->ring, done, world, &reconstruct), 0);
    assert_true(reconstruct_has_servers(reconstruct));
    assert_int_equal(wake_open(&patience, world->loop, QB_LOOP_MED, out_of_patience, world), 0);
    wake_in(&patience, DEADLINE_US);
    assert_int_equal(reconstruct_start(reconstruct, 7), 0);
    if (!world->done)
        qb_loop_run(world->loop);
    wake_close(&patience);
    reconstruct_close(reconstruct);
    assert_true(world->done);
    assert_int_equal(world->result.epoch, 7);
}

static void drain(int fd)
{
    uint8_t bytes[2048];

    while (recv(fd, bytes, sizeof(bytes), 0) > 0)
        ;
}

bool world_forwards(struct world *world, unsigned family, uint16_t port, uint8_t flags)
{
    struct frame_want want = {.family = family == 0 ? AF_INET : AF_INET6,
                              .kind = FRAME_TCP,
                              .flags = flags,
                              .client_port = port,
                              .sequence = 1000,
                              .acknowledged = 2000,
                              .to = PORT_MAC};
    struct pollfd ready = {.fd = world->lan, .events = POLLIN};
    struct frame frame;

    drain(world->lan);
    frame_make(&frame, &want);
    assert_int_equal(send(world->wire, frame.bytes, frame.length, 0), frame.length);
    while (poll(&ready, 1, WAIT_MS / 10) > 0) {
        ssize_t length = recv(world->lan, frame.bytes, sizeof(frame.bytes), 0);
        size_t tcp;

        frame.length = length > 0 ? (size_t)length : 0;
        tcp = length > 0 ? frame_tcp(&frame) : 0;
        if (tcp != 0 && frame.bytes[tcp] == port >> 8 && frame.bytes[tcp + 1] == (port & 0xff))
            return true;
    }
    return false;
}

static bool is_sync(const uint8_t *bytes, ssize_t length)
{
    return length > SYNC_TYPE && bytes[12] == 0x08 && bytes[13] == 0x00 && bytes[23] == IPPROTO_UDP &&
           bytes[36] == SYNC_PORT >> 8 && bytes[37] == (SYNC_PORT & 0xff);
}

unsigned world_leaked(struct world *world)
{
    uint8_t bytes[2048];
    unsigned count = 0;
    ssize_t length;

    while ((length = recv(world->outside, bytes, sizeof(bytes), 0)) > 0)
        count += is_sync(bytes, length);
    return count;
}

bool world_tells_others(struct world *world, unsigned family)
{
    struct pollfd ready = {.fd = world->outside, .events = POLLIN};
    uint8_t bytes[2048];

    while (poll(&ready, 1, WAIT_MS) > 0) {
        ssize_t length = recv(world->outside, bytes, sizeof(bytes), 0);

        if (is_sync(bytes, length) && bytes[SYNC_TYPE] == family)
            return true;
    }
    return false;
}
