/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gate of a port, in a user and network namespace of the test's own: "port" is shut and opened, and what is sent
 * from its other end "wire" comes from the LAN. Skipped (77) where the kernel does not let us make one. */
#include "unit.h"

#include "gate.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <netlink/route/link/veth.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define SKIPPED 77
#define WAIT_MS 3000
#define UDP_PORT 9000
#define NOBODY 0x7fffffff /* no interface has that index */

struct world {
    struct gate *gate;
    int port;   /* index */
    int wire;   /* packet socket at the other end */
    int tap;    /* packet socket on the port itself, past the gate */
    int socket; /* UDP, on the port's address */
};

/* --- making it -------------------------------------------------------------------------------------------- */

static int put(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

    if (fd >= 0)
        close(fd);
    return written ? 0 : -1;
}

/* Root there is who we are here. */
static int make_namespaces(void)
{
    char text[64];

    snprintf(text, sizeof(text), "0 %u 1", (unsigned)geteuid());
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
        return -1;
    (void)put("/proc/self/setgroups", "deny");
    return put("/proc/self/uid_map", text);
}

static int make_veth(void)
{
    struct nl_sock *socket = nl_socket_alloc();
    int rc = socket == NULL ? -1 : nl_connect(socket, NETLINK_ROUTE);

    if (rc == 0)
        rc = rtnl_link_veth_add(socket, "port", "wire", getpid());
    nl_socket_free(socket);
    return rc;
}

static int set_up(int any, const char *interface)
{
    struct ifreq request = {.ifr_flags = IFF_UP};

    strncpy(request.ifr_name, interface, sizeof(request.ifr_name) - 1);
    return ioctl(any, SIOCSIFFLAGS, &request);
}

static int set_address(int any, const char *interface, const char *address)
{
    struct ifreq request = {0};
    struct sockaddr_in in = {.sin_family = AF_INET};

    strncpy(request.ifr_name, interface, sizeof(request.ifr_name) - 1);
    inet_pton(AF_INET, address, &in.sin_addr);
    memcpy(&request.ifr_addr, &in, sizeof(in));
    return ioctl(any, SIOCSIFADDR, &request);
}

static int open_packets(const char *interface)
{
    struct sockaddr_ll where = {
        .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = (int)if_nametoindex(interface)};
    const int one = 1;
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));

    if (setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one)) != 0 ||
        setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof(one)) != 0)
        return -1;
    return bind(fd, (struct sockaddr *)&where, sizeof(where)) == 0 ? fd : -1;
}

static int open_udp(void)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(UDP_PORT)};
    const int one = 1;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &one, sizeof(one)) != 0 ||
        setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "port", sizeof("port")) != 0)
        return -1;
    return bind(fd, (struct sockaddr *)&here, sizeof(here)) == 0 ? fd : -1;
}

/* On one processor frames are taken in the order of their sending. */
static int make(struct world *world)
{
    cpu_set_t one;

    CPU_ZERO(&one);
    CPU_SET((unsigned)sched_getcpu(), &one);
    if (sched_setaffinity(0, sizeof(one), &one) != 0 || make_namespaces() != 0 || make_veth() != 0)
        return -1;
    world->socket = open_udp();
    world->port = (int)if_nametoindex("port");
    if (world->socket < 0 || set_up(world->socket, "wire") != 0 || set_up(world->socket, "port") != 0 ||
        set_address(world->socket, "port", "10.1.0.1") != 0)
        return -1;
    world->wire = open_packets("wire");
    world->tap = open_packets("port");
    if (world->wire < 0 || world->tap < 0 || gate_connect(&world->gate) != 0)
        return -1;
    int rc = gate_shut(world->gate, world->port); /* whether this kernel has what it takes */
    return rc != 0 ? rc : gate_open(world->gate, world->port);
}

/* --- what passes ------------------------------------------------------------------------------------------ */

/* The next datagram of ours among the frames: its number; -1: none comes. */
static int hear(int packets, int wait_ms)
{
    struct pollfd ready = {.fd = packets, .events = POLLIN};
    unsigned char frame[1600];

    while (poll(&ready, 1, wait_ms) > 0) {
        ssize_t length = recv(packets, frame, sizeof(frame), MSG_DONTWAIT);

        if (length == ETH_HLEN + 20 + 8 + 1 && frame[ETH_HLEN + 9] == IPPROTO_UDP &&
            frame[ETH_HLEN + 20 + 3] == (UDP_PORT & 0xff))
            return frame[length - 1];
    }
    return -1;
}

/* As from the network, with any number that is not 0. */
static void send_frame(int packets, unsigned char number)
{
    struct {
        struct ether_header ethernet;
        struct iphdr ip;
        struct udphdr udp;
        unsigned char number;
    } __attribute__((packed)) frame = {
        .ethernet.ether_type = htons(ETHERTYPE_IP),
        .ip = {.version = 4,
               .ihl = 5,
               .tot_len = htons(29),
               .ttl = 1,
               .protocol = IPPROTO_UDP,
               .saddr = htonl(0x0a010009),
               .daddr = htonl(INADDR_BROADCAST)},
        .udp = {.source = htons(UDP_PORT), .dest = htons(UDP_PORT), .len = htons(9)},
        .number = number,
    };
    uint32_t sum = 0;
    uint16_t words[10];

    memcpy(words, &frame.ip, sizeof(words));
    for (size_t i = 0; i < 10; i++)
        sum += words[i];
    sum = (sum & 0xffff) + (sum >> 16);
    frame.ip.check = (uint16_t) ~((sum & 0xffff) + (sum >> 16));
    memset(frame.ethernet.ether_dhost, 0xff, ETH_ALEN);
    frame.ethernet.ether_shost[0] = 2;
    assert_int_equal(send(packets, &frame, sizeof(frame), 0), sizeof(frame));
}

/* Whether what this machine sends is heard before what is sent past the gate. */
static bool goes_out(struct world *world, unsigned char number)
{
    struct sockaddr_in all = {
        .sin_family = AF_INET, .sin_port = htons(UDP_PORT), .sin_addr.s_addr = htonl(INADDR_BROADCAST)};
    const unsigned char marker = (unsigned char)(number + 100);

    (void)sendto(world->socket, &number, 1, 0, (struct sockaddr *)&all, sizeof(all));
    send_frame(world->tap, marker);
    int heard = hear(world->wire, WAIT_MS);
    if (heard == marker)
        return false;
    assert_int_equal(heard, number);
    assert_int_equal(hear(world->wire, WAIT_MS), marker);
    return true;
}

/* Our own broadcasts are heard, too. */
static void expect(int packets, unsigned char number)
{
    int heard;

    do {
        heard = hear(packets, WAIT_MS);
        assert_int_not_equal(heard, -1);
    } while (heard != number);
}

/* Of two frames that the tap has heard the gate has judged the first. */
static bool comes_in(struct world *world, unsigned char number)
{
    unsigned char got;
    bool came = false;

    for (int i = 0; i < 2; i++) {
        send_frame(world->wire, number);
        expect(world->tap, number);
    }
    while (recv(world->socket, &got, 1, MSG_DONTWAIT) == 1)
        came = came || got == number;
    return came;
}

/* --- tests ------------------------------------------------------------------------------------------------ */

static void a_port_is_open_until_it_is_shut(void **state)
{
    struct world *world = *state;

    assert_int_equal(gate_is_shut(world->gate, world->port), 0);
    assert_true(goes_out(world, 1));
    assert_true(comes_in(world, 2));
}

static void nothing_passes_when_it_is_shut(void **state)
{
    struct world *world = *state;

    assert_int_equal(gate_shut(world->gate, world->port), 0);
    assert_int_equal(gate_is_shut(world->gate, world->port), 1);
    assert_false(goes_out(world, 3));
    assert_false(comes_in(world, 4)); /* though a packet socket hears it */
    assert_int_equal(gate_open(world->gate, world->port), 0);
    assert_int_equal(gate_is_shut(world->gate, world->port), 0);
    assert_true(goes_out(world, 5));
    assert_true(comes_in(world, 6));
}

static void each_may_be_asked_twice(void **state)
{
    struct world *world = *state;

    assert_int_equal(gate_open(world->gate, world->port), 0);
    assert_int_equal(gate_shut(world->gate, world->port), 0);
    assert_int_equal(gate_shut(world->gate, world->port), 0);
    assert_int_equal(gate_is_shut(world->gate, world->port), 1);
    assert_int_equal(gate_open(world->gate, world->port), 0);
    assert_int_equal(gate_is_shut(world->gate, world->port), 0); /* there was one filter, not two */
    assert_int_equal(gate_open(world->gate, world->port), 0);
    assert_true(goes_out(world, 7));
}

static void it_outlives_who_shut_it(void **state)
{
    struct world *world = *state;

    assert_int_equal(gate_shut(world->gate, world->port), 0);
    gate_disconnect(world->gate);
    assert_int_equal(gate_connect(&world->gate), 0);
    assert_int_equal(gate_is_shut(world->gate, world->port), 1);
    assert_int_equal(gate_open(world->gate, world->port), 0);
}

/* One direction alone is not shut: whoever opens or shuts was interrupted. */
static void half_a_gate_is_open(void **state)
{
    struct world *world = *state;

    assert_int_equal(gate_shut(world->gate, world->port), 0);
    if (system("tc filter del dev port ingress prio 1") != 0)
        skip();
    assert_int_equal(gate_is_shut(world->gate, world->port), 0);
    assert_int_equal(gate_shut(world->gate, world->port), 0); /* and the rest is added */
    assert_int_equal(gate_is_shut(world->gate, world->port), 1);
    assert_false(comes_in(world, 8));
    assert_int_equal(gate_open(world->gate, world->port), 0);
}

static void there_is_no_such_port(void **state)
{
    struct world *world = *state;

    assert_int_equal(gate_shut(world->gate, NOBODY), -ENODEV);
    assert_int_equal(gate_open(world->gate, NOBODY), -ENODEV);
    assert_int_equal(gate_is_shut(world->gate, NOBODY), -ENODEV);
    assert_int_equal(gate_is_shut(world->gate, world->port), 0); /* the connection is good still */
}

static void other_filters_stay(void **state)
{
    struct world *world = *state;

    if (system("tc qdisc replace dev port clsact && tc filter add dev port egress prio 1 handle 1 protocol all bpf da "
               "bytecode '1,6 0 0 4294967295' && tc filter add dev port egress prio 2 handle 1 protocol all bpf da "
               "bytecode '1,6 0 0 4294967295'") != 0)
        skip();
    assert_int_equal(gate_is_shut(world->gate, world->port), 0);
    assert_int_equal(gate_shut(world->gate, world->port), 0);
    assert_int_equal(gate_open(world->gate, world->port), 0);
    assert_int_equal(system("test $(tc filter show dev port egress | grep -c 'handle 0x1 ') = 2"), 0);
    assert_int_equal(system("tc qdisc del dev port clsact"), 0);
}

int main(void)
{
    struct world world = {.wire = -1, .tap = -1, .socket = -1};
    int rc = make(&world);

    if (rc != 0) {
        fprintf(stderr, "skipped: needs user and network namespaces, veth, clsact and cls_bpf: %s\n",
                rc == -1 ? "cannot make the ports" : strerror(-rc));
        return SKIPPED;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(a_port_is_open_until_it_is_shut, &world),
        cmocka_unit_test_prestate(nothing_passes_when_it_is_shut, &world),
        cmocka_unit_test_prestate(each_may_be_asked_twice, &world),
        cmocka_unit_test_prestate(it_outlives_who_shut_it, &world),
        cmocka_unit_test_prestate(half_a_gate_is_open, &world),
        cmocka_unit_test_prestate(there_is_no_such_port, &world),
        cmocka_unit_test_prestate(other_filters_stay, &world),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    gate_disconnect(world.gate);
    close(world.wire);
    close(world.tap);
    close(world.socket);
    return failed;
}
