/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames that really arrive at the port and leave it, with a listening socket behind the engine: that what passes is
 * taken in, and that nothing leaves that must not. */
#include "cvipd_engine_live.h"

#include "announce.h"
#include "cvipd_engine_client.h"

#include <errno.h>
#include <fcntl.h>
#include <net/ethernet.h>

static void takes_in_what_came_to_the_shared_mac(void **state)
{
    static const char *const macs[] = {SHARED_MAC, "\x03\x00\x00\x00\x00\x64", "\xff\xff\xff\xff\xff\xff"};
    struct world *world = *state;

    for (size_t i = 0; i < 3; i++) {
        memcpy(world->settings.shared_mac, macs[i], ETH_ALEN);
        world_start(world, BUCKET_SILENT);
        for (size_t j = 0; j < 2; j++) {
            int listener = client_listener(world_families[j]);
            struct frame_want want = {.family = world_families[j],
                                      .flags = TCP_SYN,
                                      .client_port = client_port_next(),
                                      .sequence = 1000,
                                      .to = macs[i]};

            client_send(world, &want);
            want.acknowledged = client_expect_answer(world) + 1;
            want.sequence = 1001;
            want.flags = TCP_ACK;
            client_send(world, &want);
            assert_true(client_is_accepted(listener));
            world_drain(world);
            close(listener);
        }
    }
    memcpy(world->settings.shared_mac, SHARED_MAC, ETH_ALEN);
}

static void expect_advertisement(struct world *world, struct frame *frame)
{
    do {
        assert_true(world_receive(world, WORLD_ND, frame));
    } while (frame->bytes[54] != 136);
    assert_true(frame_is_intact(frame));
}

static void tells_the_shared_mac(void **state)
{
    struct world *world = *state;
    struct frame_want solicitation = {
        .family = AF_INET6, .kind = FRAME_SOLICITATION, .to = "\x33\x33\xff\x00\x01\x00", .multicast = true};
    struct frame frame;

    world_start(world, BUCKET_FOREIGN);
    frame_make_arp(&frame);
    world_send(world, &frame);
    assert_true(world_receive(world, WORLD_ARP, &frame));
    assert_memory_equal(&frame.bytes[ETH_ALEN], PORT_MAC, ETH_ALEN);
    assert_memory_equal(&frame.bytes[22], SHARED_MAC, ETH_ALEN);
    client_send(world, &solicitation);
    expect_advertisement(world, &frame);
    assert_memory_equal(&frame.bytes[ETH_ALEN], PORT_MAC, ETH_ALEN);
    assert_memory_equal(&frame.bytes[80], SHARED_MAC, ETH_ALEN);
    solicitation.to = SHARED_MAC; /* a client checks what it knows already */
    solicitation.multicast = false;
    client_send(world, &solicitation);
    expect_advertisement(world, &frame);
}

/* An unknown segment: no RST in SILENT, one in OWN; a closed port is told in both. */
static void guards_against_rsts(void **state)
{
    struct world *world = *state;

    for (size_t i = 0; i < 2; i++) {
        struct frame_want ack = {.family = world_families[i], .flags = TCP_ACK, .client_port = client_port_next()};
        struct frame_want syn = {.family = world_families[i], .flags = TCP_SYN, .client_port = client_port_next()};
        struct frame frame;

        world_start(world, BUCKET_SILENT);
        client_send(world, &ack);
        assert_true(world_is_silent(world));
        assert_int_equal(world_count(world, ENGINE_COUNT_RST), 1);
        client_send(world, &syn);
        assert_true(world_receive(world, WORLD_TCP, &frame));
        assert_int_equal(frame.bytes[frame_tcp(&frame) + 13], TCP_RST | TCP_ACK);
        world_set(world, BUCKET_OWN);
        client_send(world, &ack);
        assert_true(world_receive(world, WORLD_TCP, &frame));
        assert_int_equal(frame.bytes[frame_tcp(&frame) + 13], TCP_RST);
    }
}

/* Opens a connection in SILENT, and says whether its data are acknowledged in FOREIGN. */
static bool goes_on_in_foreign(struct world *world, sa_family_t family, int behind)
{
    int listener = client_listener(family);
    struct frame_want want = {.family = family, .flags = TCP_SYN, .client_port = client_port_next(), .sequence = 1000};
    struct frame frame;
    bool result;
    int fd;

    world->settings.behind = (enum engine_behind)behind;
    world_start(world, BUCKET_SILENT);
    client_send(world, &want);
    want.acknowledged = client_expect_answer(world) + 1;
    want.sequence = 1001;
    want.flags = TCP_ACK;
    client_send(world, &want);
    fd = accept(listener, NULL, NULL);
    assert_true(fd >= 0);
    world_set(world, BUCKET_FOREIGN);
    want.client_port++; /* a segment that meets the listener only */
    client_send(world, &want);
    assert_true(world_is_silent(world));
    want.client_port--;
    want.data = 10;
    client_send(world, &want);
    assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
    result = recv(fd, frame.bytes, sizeof(frame.bytes), 0) == 10;
    client_hang_up(fd);
    close(listener);
    world_drain(world);
    world->settings.behind = ENGINE_DISPATCHER;
    return result;
}

static void sockets_finish_what_they_began(void **state)
{
    struct world *world = *state;

    for (size_t i = 0; i < 2; i++) {
        assert_true(goes_on_in_foreign(world, world_families[i], ENGINE_SOCKETS));
        assert_int_equal(world_count(world, ENGINE_COUNT_PASSED_SOCKET), 1);
        assert_false(goes_on_in_foreign(world, world_families[i], ENGINE_DISPATCHER));
    }
}

/* The answer is a cookie, so that there is no socket when the client's ACK comes: in SILENT it reaches the listener,
 * in FOREIGN it does not. */
static void syn_cookies(void **state)
{
    struct world *world = *state;
    struct frame_want want = {.family = AF_INET, .flags = TCP_SYN, .client_port = client_port_next(), .sequence = 1000};
    int listener;

    if (system("sysctl -qw net.ipv4.tcp_syncookies=2") != 0) {
        skip();
    }
    listener = client_listener(AF_INET);
    world->settings.behind = ENGINE_SOCKETS;
    world_start(world, BUCKET_SILENT);
    client_send(world, &want);
    want.acknowledged = client_expect_answer(world) + 1;
    want.sequence = 1001;
    want.flags = TCP_ACK;
    world_set(world, BUCKET_FOREIGN);
    client_send(world, &want);
    assert_false(client_is_accepted(listener));
    world_set(world, BUCKET_SILENT);
    want.acknowledged ^= 1U << 30; /* a wrong cookie: the guard keeps the RST back */
    client_send(world, &want);
    assert_true(world_is_silent(world));
    assert_false(client_is_accepted(listener));
    want.acknowledged ^= 1U << 30;
    client_send(world, &want);
    assert_true(client_is_accepted(listener));
    world_drain(world);
    close(listener);
    world->settings.behind = ENGINE_DISPATCHER;
    assert_int_equal(system("sysctl -qw net.ipv4.tcp_syncookies=1"), 0);
}

static void frames_of_other_vlans_are_not_ours(void **state)
{
    struct world *world = *state;
    struct frame_want want = {.family = AF_INET, .flags = TCP_ACK, .client_port = 1, .vlan = true, .vlan_tag = 5};

    world_start(world, BUCKET_SILENT);
    client_send(world, &want);
    assert_true(world_is_silent(world));
    assert_int_equal(world_count(world, ENGINE_COUNT_FRAMES), 0);
    want.vlan_tag = 3U << 13; /* a priority, no VLAN */
    client_send(world, &want);
    assert_true(world_is_silent(world));
    assert_int_equal(world_count(world, ENGINE_COUNT_FRAMES), 1);
}

static void announces(void **state)
{
    struct world *world = *state;
    struct announce *announce;
    struct frame frame;

    world->settings.mac_kind = ENGINE_MAC_OWN;
    world_start(world, BUCKET_SILENT);
    assert_int_equal(announce_open("nothere", &announce), -ENODEV);
    assert_int_equal(announce_open("port0", &announce), 0);
    assert_int_equal(announce_send(announce, world->settings.addresses, 2, (const uint8_t *)PORT_MAC), -ENOBUFS);
    assert_int_equal(world_count(world, ENGINE_COUNT_ARP), 1); /* held back: we do not answer for them */
    assert_int_equal(world_count(world, ENGINE_COUNT_ND), 1);
    engine_announce(world->engine, true);
    assert_int_equal(announce_send(announce, world->settings.addresses, 2, (const uint8_t *)PORT_MAC), 0);
    assert_true(world_receive(world, WORLD_ARP, &frame));
    assert_memory_equal(frame.bytes, "\xff\xff\xff\xff\xff\xff" PORT_MAC "\x08\x06\x00\x01\x08\x00\x06\x04\x00\x01",
                        22);
    assert_memory_equal(&frame.bytes[22], PORT_MAC "\x0a\x01\x00\x64\x00\x00\x00\x00\x00\x00\x0a\x01\x00\x64", 20);
    assert_true(world_receive(world, WORLD_ND, &frame));
    assert_int_equal(frame.bytes[54], 136);
    assert_int_equal(frame.bytes[58], 0x20); /* it overrides */
    assert_memory_equal(&frame.bytes[80], PORT_MAC, ETH_ALEN);
    assert_true(frame_is_intact(&frame));
    announce_close(announce);
    world->settings.mac_kind = ENGINE_MAC_SHARED;
}

/* The program of a daemon that died keeps dropping; that of the next takes its place. */
static void outlives_its_daemon(void **state)
{
    struct world *world = *state;
    struct frame_want want = {.family = AF_INET, .flags = TCP_ACK, .client_port = client_port_next()};
    uint8_t states[HASH_BUCKETS];

    world_start(world, BUCKET_OWN);
    engine_states(world->engine, world_now(), states);
    assert_int_equal(states[7], BUCKET_OWN);
    engine_states(world->engine, world_now() + 61 * SECOND, states);
    assert_int_equal(states[7], BUCKET_FOREIGN);
    engine_close(world->engine, true);
    world->engine = NULL;
    client_send(world, &want);
    assert_true(world_is_silent(world));
    world_start(world, BUCKET_OWN);
    client_send(world, &want);
    assert_false(world_is_silent(world)); /* a RST */
}

int live_wire(struct world *world)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(takes_in_what_came_to_the_shared_mac, world),
        cmocka_unit_test_prestate(tells_the_shared_mac, world),
        cmocka_unit_test_prestate(guards_against_rsts, world),
        cmocka_unit_test_prestate(sockets_finish_what_they_began, world),
        cmocka_unit_test_prestate(syn_cookies, world),
        cmocka_unit_test_prestate(frames_of_other_vlans_are_not_ours, world),
        cmocka_unit_test_prestate(announces, world),
        cmocka_unit_test_prestate(outlives_its_daemon, world),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
