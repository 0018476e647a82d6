/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Announcements byte for byte, as they come to the other end of the cable. */
#include "unit.h"

#include "announce.h"
#include "gate.h"
#include "mld.h"
#include "veth.h"

#include <errno.h>

#define GROUPS 70 /* more than go into one report */

struct world {
    struct veth veth;
    struct announce *announce;
};

static const uint8_t told[6] = {0x02, 0x00, 0x5e, 0x10, 0x20, 0x30};

static int make(void **state)
{
    struct world *world = *state;

    veth_make(&world->veth);
    return announce_open(VETH_PORT, &world->announce);
}

static int end(void **state)
{
    struct world *world = *state;

    announce_close(world->announce);
    veth_remove(&world->veth);
    return 0;
}

static struct addr addr_of(const char *text)
{
    struct addr address;

    assert_int_equal(addr_parse(text, &address), 0);
    return address;
}

/* The next frame is that one, but for its Ethernet source, which is the port's. */
static void assert_heard(const struct world *world, const uint8_t *expected, size_t length)
{
    uint8_t frame[VETH_FRAME_MAX];

    assert_int_equal(veth_hear(&world->veth, frame, VETH_WAIT_MS), length);
    assert_memory_equal(frame, expected, 6);
    assert_memory_equal(frame + 6, world->veth.mac, 6);
    assert_memory_equal(frame + 12, expected + 12, length - 12);
}

static void assert_silence(const struct world *world)
{
    uint8_t frame[VETH_FRAME_MAX];

    assert_int_equal(veth_hear(&world->veth, frame, 0), 0); /* a cable takes no time */
}

static const uint8_t arp[] = {
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0,    0,    0,    0,    0, 0, 0x08, 0x06, /* to everyone */
    0x00, 0x01, 0x08, 0x00, 0x06, 0x04, 0x00, 0x01,                               /* a request */
    0x02, 0x00, 0x5e, 0x10, 0x20, 0x30, 0x0a, 0x4d, 0x00, 0x64,                   /* from 10.77.0.100 */
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x0a, 0x4d, 0x00, 0x64,                   /* for it */
};

static const uint8_t nd[] = {
    0x33, 0x33, 0x00, 0x00, 0x00, 0x01, 0,    0,    0,    0,    0,    0,    0x86, 0xdd,             /* all nodes */
    0x60, 0x00, 0x00, 0x00, 0x00, 0x20, 0x3a, 0xff,                                                 /* hop limit 255 */
    0xfd, 0x77, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, /* from */
    0xff, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, /* to */
    0x88, 0x00, 0xd9, 0x6f, 0x20, 0x00, 0x00, 0x00,                                                 /* override */
    0xfd, 0x77, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, /* fd77::100 */
    0x02, 0x01, 0x02, 0x00, 0x5e, 0x10, 0x20, 0x30,                                                 /* is at */
};

static const uint8_t mld[] = {
    0x33, 0x33, 0x00, 0x00, 0x00, 0x16, 0,    0,    0,    0,    0,    0,    0x86, 0xdd,             /* ff02::16 */
    0x60, 0x00, 0x00, 0x00, 0x00, 0x38, 0x00, 0x01,                                                 /* hop limit 1 */
    0xfe, 0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x5e, 0xff, 0xfe, 0x10, 0x20, 0x30, /* from */
    0xff, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x16, /* to */
    0x3a, 0x00, 0x05, 0x02, 0x00, 0x00, 0x01, 0x00,                                                 /* router alert */
    0x8f, 0x00, 0x9a, 0x02, 0x00, 0x00, 0x00, 0x02,                                                 /* two records */
    0x04, 0x00, 0x00, 0x00,                                                                         /* exclude nobody */
    0xff, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0xff, 0x00, 0x01, 0x00, /* of fd77::100 */
    0x04, 0x00, 0x00, 0x00,                                                                         /* exclude nobody */
    0xff, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0xff, 0x34, 0x56, 0x78, /* the other */
};

static void test_addresses_are_announced_with_the_mac_that_is_told(void **state)
{
    struct world *world = *state;
    const struct addr addresses[] = {addr_of("10.77.0.100"), addr_of("fd77::100")};

    assert_int_equal(announce_send(world->announce, addresses, 2, told), 0);
    assert_heard(world, arp, sizeof(arp));
    assert_heard(world, nd, sizeof(nd));
    assert_silence(world);
}

static void test_the_ethernet_source_is_the_ports_mac_of_now(void **state)
{
    struct world *world = *state;
    const struct addr address = addr_of("10.77.0.100");

    veth_near_run(&world->veth, "ip link set " VETH_PORT " address 02:00:00:00:00:99");
    memcpy(world->veth.mac, (uint8_t[]){2, 0, 0, 0, 0, 0x99}, 6);
    assert_int_equal(announce_send(world->announce, &address, 1, told), 0);
    assert_heard(world, arp, sizeof(arp));
}

static void test_another_port_may_be_used(void **state)
{
    struct world *world = *state;
    const struct addr address = addr_of("10.77.0.100");

    assert_int_equal(announce_use(world->announce, "nothere"), -ENODEV);
    assert_int_equal(announce_send(world->announce, &address, 1, told), -ENODEV);
    assert_silence(world);
    assert_int_equal(announce_use(world->announce, VETH_PORT), 0);
    assert_int_equal(announce_send(world->announce, &address, 1, told), 0);
    assert_heard(world, arp, sizeof(arp));
}

static void test_each_solicited_node_group_is_reported_once(void **state)
{
    struct world *world = *state;
    const struct addr link_local = addr_of("fe80::5eff:fe10:2030");
    const struct addr addresses[] = {addr_of("10.0.1.0"), addr_of("fd77::100"), addr_of("fd77::1234:5678"),
                                     addr_of("fd78::100")};

    assert_int_equal(announce_groups(world->announce, &link_local, addresses, 4), 0);
    assert_heard(world, mld, sizeof(mld));
    assert_silence(world);
    assert_int_equal(announce_groups(world->announce, &link_local, addresses, 1), 0); /* IPv4 alone */
    assert_silence(world);
}

/* A node that has no link-local address on the port says so (RFC 3590). */
static void test_a_report_may_have_no_source(void **state)
{
    struct world *world = *state;
    const struct addr none = {.family = AF_UNSPEC};
    const struct addr addresses[] = {addr_of("10.77.0.100"), addr_of("fd77::1:0:0")};
    uint8_t frame[VETH_FRAME_MAX];

    assert_int_equal(announce_groups(world->announce, &none, addresses, 2), 0);
    assert_int_equal(veth_hear(&world->veth, frame, VETH_WAIT_MS), sizeof(mld) - 20);
    for (size_t i = 0; i < 16; i++)
        assert_int_equal(frame[22 + i], 0);
}

static void test_many_groups_take_several_reports(void **state)
{
    struct world *world = *state;
    const struct addr link_local = addr_of("fe80::5eff:fe10:2030");
    struct addr addresses[GROUPS];
    uint8_t frame[VETH_FRAME_MAX];
    size_t heard = 0;

    for (unsigned i = 0; i < GROUPS; i++) {
        addresses[i] = addr_of("fd77::");
        addresses[i].bytes[15] = (uint8_t)i;
    }
    assert_int_equal(announce_groups(world->announce, &link_local, addresses, GROUPS), 0);
    for (int report = 0; report < 2; report++) {
        size_t length = veth_hear(&world->veth, frame, VETH_WAIT_MS);
        assert_in_range(length, 14 + 40 + 8 + 8 + 20, 14 + 1280);
        assert_int_equal(frame[68] << 8 | frame[69], (length - 70) / 20);
        for (size_t at = 70; at < length; at += 20)
            assert_int_equal(frame[at + 19], heard++);
    }
    assert_int_equal(heard, GROUPS);
    assert_silence(world);
    assert_int_equal(announce_groups(world->announce, &link_local, addresses, MLD_GROUPS_MAX), 0);
    assert_int_equal(veth_hear(&world->veth, frame, VETH_WAIT_MS), MLD_FRAME_MAX);
    assert_silence(world);
}

/* The kernel's bridge is such a switch, and reads reports with its own eyes. */
static void test_a_switch_that_snoops_learns_the_groups(void **state)
{
    struct world *world = *state;
    const struct addr link_local = addr_of("fe80::1"), none = {.family = AF_UNSPEC};
    const struct addr addresses[] = {addr_of("fd77::100"), addr_of("fd77::1234:5678")};

    if (!veth_far_can(&world->veth, "ip link add switch0 type bridge mcast_snooping 1 mcast_mld_version 2 &&"
                                    "ip link set switch0 up && ip link set " VETH_FAR " master switch0"))
        skip();
    assert_int_equal(announce_groups(world->announce, &link_local, &addresses[0], 1), 0);
    assert_int_equal(announce_groups(world->announce, &none, &addresses[1], 1), 0);
    veth_far_run(&world->veth, "bridge mdb show dev switch0 | grep -q 'port " VETH_FAR " grp ff02::1:ff00:100 '");
    veth_far_run(&world->veth, "bridge mdb show dev switch0 | grep -q 'port " VETH_FAR " grp ff02::1:ff34:5678 '");
    veth_far_run(&world->veth, "ip link del switch0");
}

/* They go by the port's queue, where traffic control holds them back: a gate here, cvipd's engine on a master that does
 * not have the address. */
static void test_a_filter_of_the_port_holds_announcements_back(void **state)
{
    struct world *world = *state;
    const struct addr link_local = addr_of("fe80::1"), addresses[] = {addr_of("10.77.0.100"), addr_of("fd77::100")};
    struct gate *gate;

    assert_int_equal(gate_connect(&gate), 0);
    assert_int_equal(gate_shut(gate, world->veth.port), 0);
    assert_int_equal(announce_send(world->announce, addresses, 2, told), -ENOBUFS);
    assert_int_equal(announce_groups(world->announce, &link_local, addresses, 2), -ENOBUFS);
    assert_silence(world);
    assert_int_equal(gate_open(gate, world->veth.port), 0);
    gate_disconnect(gate);
    assert_int_equal(announce_send(world->announce, addresses, 1, told), 0);
    assert_heard(world, arp, sizeof(arp));
}

static void test_a_port_that_is_down_or_gone_is_an_error(void **state)
{
    struct world *world = *state;
    const struct addr link_local = addr_of("fe80::1"), address = addr_of("fd77::100");
    struct announce *none;

    veth_near_run(&world->veth, "ip link set " VETH_PORT " down");
    assert_int_equal(announce_send(world->announce, &address, 1, told), -ENETDOWN);
    assert_int_equal(announce_groups(world->announce, &link_local, &address, 1), -ENETDOWN);
    veth_near_run(&world->veth, "ip link del " VETH_PORT);
    assert_int_equal(announce_send(world->announce, &address, 1, told), -ENODEV);
    assert_int_equal(announce_groups(world->announce, &link_local, &address, 1), -ENODEV);
    assert_int_equal(announce_open(VETH_PORT, &none), -ENODEV);
}

#define ANNOUNCE_TEST(function) cmocka_unit_test_prestate_setup_teardown(function, make, end, &world)

int main(void)
{
    static struct world world;
    const struct CMUnitTest tests[] = {
        ANNOUNCE_TEST(test_addresses_are_announced_with_the_mac_that_is_told),
        ANNOUNCE_TEST(test_the_ethernet_source_is_the_ports_mac_of_now),
        ANNOUNCE_TEST(test_another_port_may_be_used),
        ANNOUNCE_TEST(test_each_solicited_node_group_is_reported_once),
        ANNOUNCE_TEST(test_a_report_may_have_no_source),
        ANNOUNCE_TEST(test_many_groups_take_several_reports),
        ANNOUNCE_TEST(test_a_switch_that_snoops_learns_the_groups),
        ANNOUNCE_TEST(test_a_filter_of_the_port_holds_announcements_back),
        ANNOUNCE_TEST(test_a_port_that_is_down_or_gone_is_an_error),
    };

    return !veth_begin(&world.veth) ? VETH_SKIPPED : cmocka_run_group_tests(tests, NULL, NULL);
}
