/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What goes out: the guard that keeps RSTs back, ARP and neighbour discovery with the right MAC or not at all, and
 * frames with the mark of replays, which never go out. */
#include "cvipd_engine_live.h"

#include <net/ethernet.h>

#define ARP_SENDER_MAC 22 /* offsets in a frame */
#define ND_OPTION_MAC 80

static int run_rst(struct world *world, sa_family_t family, uint8_t flags)
{
    struct frame_want want = {
        .family = family, .flags = flags, .client_port = 1000, .outgoing = true, .to = CLIENT_MAC};
    struct frame frame;

    frame_make(&frame, &want);
    return world_run_out(world, &frame, 0, NULL);
}

static void rsts_to_unknown_segments_go_out_in_own_only(void **state)
{
    static const uint8_t silent[] = {BUCKET_FOREIGN, BUCKET_SILENT, BUCKET_SILENT | BUCKET_HOLD_SYN};
    struct world *world = *state;

    world_start(world, BUCKET_FOREIGN);
    for (size_t i = 0; i < 2; i++) {
        for (size_t j = 0; j < sizeof(silent); j++) {
            world_set(world, silent[j]);
            assert_int_equal(run_rst(world, world_families[i], TCP_RST), WORLD_DROP);
            assert_int_equal(run_rst(world, world_families[i], TCP_RST | TCP_ACK), WORLD_PASS);
            assert_int_equal(run_rst(world, world_families[i], TCP_ACK), WORLD_PASS);
        }
        world_set(world, BUCKET_OWN);
        assert_int_equal(run_rst(world, world_families[i], TCP_RST), WORLD_PASS);
        engine_lease(world->engine, world_now());
        assert_int_equal(run_rst(world, world_families[i], TCP_RST), WORLD_DROP);
    }
    assert_int_equal(world_count(world, ENGINE_COUNT_RST), 2 * (sizeof(silent) + 1));
}

static void others_rsts_are_not_guarded(void **state)
{
    struct world *world = *state;
    struct frame_want want = {.family = AF_INET, .flags = TCP_RST, .outgoing = true, .to = CLIENT_MAC};
    struct frame frame;

    world_start(world, BUCKET_SILENT);
    frame_make(&frame, &want);
    frame.bytes[29] = 1; /* from 10.1.0.1, our own address */
    assert_int_equal(world_run_out(world, &frame, 0, NULL), WORLD_PASS);
}

static void arp_names_the_shared_mac(void **state)
{
    struct world *world = *state;
    struct frame frame;
    struct frame after;

    world_start(world, BUCKET_FOREIGN);
    for (uint16_t operation = 1; operation <= 2; operation++) {
        frame_make_our_arp(&frame, operation);
        assert_int_equal(world_run_out(world, &frame, 0, &after), WORLD_PASS);
        assert_memory_equal(&after.bytes[ARP_SENDER_MAC], SHARED_MAC, ETH_ALEN);
        memcpy(&frame.bytes[ARP_SENDER_MAC], SHARED_MAC, ETH_ALEN); /* and nothing else has changed */
        assert_memory_equal(after.bytes, frame.bytes, frame.length);
    }
    assert_int_equal(world_count(world, ENGINE_COUNT_ARP), 2);
    frame_make_our_arp(&frame, 2);
    frame.bytes[31] = 1; /* from 10.1.0.1 */
    assert_int_equal(world_run_out(world, &frame, 0, &after), WORLD_PASS);
    assert_memory_equal(after.bytes, frame.bytes, frame.length);
}

static void nd_names_the_shared_mac(void **state)
{
    struct world *world = *state;
    struct frame frame;
    struct frame after;

    world_start(world, BUCKET_FOREIGN);
    for (uint8_t type = 135; type <= 136; type++) {
        frame_make_our_nd(&frame, type, false);
        assert_true(frame_is_intact(&frame));
        assert_int_equal(world_run_out(world, &frame, 0, &after), WORLD_PASS);
        assert_memory_equal(&after.bytes[ND_OPTION_MAC], SHARED_MAC, ETH_ALEN);
        assert_true(frame_is_intact(&after));
        assert_memory_equal(after.bytes, frame.bytes, ETH_HLEN);
    }
    frame_make_our_nd(&frame, 135, true); /* nobody is asked whether the address is free */
    assert_int_equal(world_run_out(world, &frame, 0, NULL), WORLD_DROP);
    assert_int_equal(world_count(world, ENGINE_COUNT_ND), 3);
    frame_make_our_nd(&frame, 136, false);
    frame.bytes[77] = 1; /* for another target */
    assert_int_equal(world_run_out(world, &frame, 0, &after), WORLD_PASS);
    assert_memory_equal(after.bytes, frame.bytes, frame.length);
}

static void check_all_told(struct world *world, int expected)
{
    struct frame frame;
    struct frame after;

    for (uint16_t i = 0; i < 4; i++) {
        if (i < 2) {
            frame_make_our_arp(&frame, (uint16_t)(i + 1));
        } else {
            frame_make_our_nd(&frame, (uint8_t)(133 + i), false);
        }
        assert_int_equal(world_run_out(world, &frame, 0, &after), expected);
        assert_memory_equal(after.bytes, frame.bytes, frame.length);
    }
}

static void with_its_own_mac_the_owner_alone_tells(void **state)
{
    struct world *world = *state;

    world->settings.mac_kind = ENGINE_MAC_OWN;
    world_start(world, BUCKET_SILENT);
    check_all_told(world, WORLD_DROP);
    engine_announce(world->engine, true);
    check_all_told(world, WORLD_PASS);
    engine_lease(world->engine, world_now());
    check_all_told(world, WORLD_DROP);
    world_set(world, BUCKET_SILENT);
    check_all_told(world, WORLD_PASS);
    engine_announce(world->engine, false);
    check_all_told(world, WORLD_DROP);
    world->settings.mac_kind = ENGINE_MAC_SHARED;
}

static void a_marked_frame_never_goes_out(void **state)
{
    struct world *world = *state;
    struct frame_want want = {.family = AF_INET, .flags = TCP_SYN};
    struct frame frame;

    world_start(world, BUCKET_SILENT);
    frame_make(&frame, &want);
    uint32_t mark = world->engine->table->replay_mark;
    assert_int_not_equal(mark, 0);
    assert_int_equal(world_run_out(world, &frame, mark, NULL), WORLD_REDIRECT);
    assert_int_equal(world_run_out(world, &frame, mark ^ 1, NULL), WORLD_PASS);
    assert_int_equal(world_count(world, ENGINE_COUNT_REPLAYED), 1);
}

int live_out(struct world *world)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(rsts_to_unknown_segments_go_out_in_own_only, world),
        cmocka_unit_test_prestate(others_rsts_are_not_guarded, world),
        cmocka_unit_test_prestate(arp_names_the_shared_mac, world),
        cmocka_unit_test_prestate(nd_names_the_shared_mac, world),
        cmocka_unit_test_prestate(with_its_own_mac_the_owner_alone_tells, world),
        cmocka_unit_test_prestate(a_marked_frame_never_goes_out, world),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
