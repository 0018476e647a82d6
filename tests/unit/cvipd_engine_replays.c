/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The replay of unanswered SYNs: that the right ones are taken in again, and that nothing of it is on the wire. */
#include "cvipd_engine_live.h"

#include "cvipd_engine_client.h"

#include <errno.h>

#define NEVER_TOO_OLD 60000 /* ms */

static const uint64_t always[HASH_BUCKETS]; /* however old */

static void wanted_all(bool wanted[HASH_BUCKETS])
{
    memset(wanted, true, HASH_BUCKETS * sizeof(wanted[0]));
}

static int replay(struct world *world, unsigned max_age_ms)
{
    bool wanted[HASH_BUCKETS];

    struct engine_replay state = {0};
    int sum = 0;

    wanted_all(wanted);
    do {
        int count = engine_replay(world->engine, wanted, always, world_now(), max_age_ms, &state);

        if (count < 0) {
            return count;
        }
        assert_in_range(count, 0, ENGINE_REPLAY_MAX);
        sum += count;
    } while (state.more);
    return sum;
}

static void replays_what_nobody_answered(void **state)
{
    static const uint8_t before[] = {BUCKET_FOREIGN, BUCKET_SILENT | BUCKET_HOLD_SYN};
    struct world *world = *state;

    for (size_t i = 0; i < 4; i++) {
        sa_family_t family = world_families[i % 2];
        struct frame_want want = {
            .family = family, .flags = TCP_SYN, .client_port = client_port_next(), .sequence = 1000};
        bool none[HASH_BUCKETS] = {false};
        struct engine_replay replayed = {0};
        int listener = client_listener(family);

        world_start(world, before[i / 2]);
        client_send(world, &want);
        assert_true(world_is_silent(world));
        world_set(world, BUCKET_SILENT);
        assert_int_equal(engine_replay(world->engine, none, always, world_now(), NEVER_TOO_OLD, &replayed), 0);
        assert_int_equal(replay(world, NEVER_TOO_OLD), 1);
        want.acknowledged =
            client_expect_answer(world) + 1; /* the first frame on the wire: the SYN itself is not there */
        want.sequence = 1001;
        want.flags = TCP_ACK;
        client_send(world, &want);
        assert_true(client_is_accepted(listener));
        world_drain(world);
        assert_int_equal(replay(world, NEVER_TOO_OLD), 0);
        assert_int_equal(world_count(world, ENGINE_COUNT_REPLAYED), 1);
        assert_true(world_is_silent(world));
        close(listener);
    }
}

static void replays_many(void **state)
{
    struct world *world = *state;
    struct frame_want want = {.family = AF_INET, .flags = TCP_SYN};

    world_start(world, BUCKET_FOREIGN);
    for (want.client_port = 1; want.client_port <= 3000; want.client_port++) {
        client_send(world, &want);
    }
    assert_int_equal(world_count(world, ENGINE_COUNT_FOREIGN), 3000);
    world_set(world, BUCKET_SILENT);
    assert_int_equal(replay(world, NEVER_TOO_OLD), 3000);
    assert_int_equal(world_count(world, ENGINE_COUNT_PASSED), 3000);
    world_drain(world); /* the closed port's answers */
}

/* Answered while the bucket was another's, or after it became ours; or too old; or a fast open with more data than is
 * kept: its client sends again, without data. */
static void does_not_replay_what_was_answered(void **state)
{
    struct world *world = *state;
    struct frame_want syn = {.family = AF_INET, .flags = TCP_SYN, .client_port = client_port_next()};
    struct frame_want ack = syn;
    uint64_t since[HASH_BUCKETS];
    bool wanted[HASH_BUCKETS];
    struct engine_replay replayed = {0};

    ack.flags = TCP_ACK;
    world_start(world, BUCKET_FOREIGN);
    client_send(world, &syn);
    client_send(world, &ack);
    world_set(world, BUCKET_SILENT);
    assert_int_equal(replay(world, NEVER_TOO_OLD), 0);

    world_start(world, BUCKET_FOREIGN);
    client_send(world, &syn);
    world_set(world, BUCKET_SILENT);
    client_send(world, &ack);
    assert_int_equal(replay(world, NEVER_TOO_OLD), 0);

    world_start(world, BUCKET_FOREIGN);
    client_send(world, &syn);
    world_set(world, BUCKET_SILENT);
    assert_int_equal(replay(world, 0), 0);

    world_start(world, BUCKET_FOREIGN);
    client_send(world, &syn); /* the old owner answers this one … */
    for (size_t i = 0; i < HASH_BUCKETS; i++) {
        since[i] = world_now();
    }
    syn.client_port = client_port_next();
    client_send(world, &syn); /* … and nobody that one */
    world_set(world, BUCKET_SILENT);
    wanted_all(wanted);
    assert_int_equal(engine_replay(world->engine, wanted, since, world_now(), NEVER_TOO_OLD, &replayed), 1);
    world_drain(world);

    world_start(world, BUCKET_FOREIGN);
    syn.data = ENGINE_SYN_BYTES;
    client_send(world, &syn);
    world_set(world, BUCKET_SILENT);
    assert_int_equal(replay(world, NEVER_TOO_OLD), 0);
}

static void a_replay_into_a_foreign_bucket_is_dropped_again(void **state)
{
    struct world *world = *state;
    struct frame_want syn = {.family = AF_INET, .flags = TCP_SYN, .client_port = client_port_next()};

    world_start(world, BUCKET_FOREIGN);
    client_send(world, &syn);
    assert_int_equal(replay(world, NEVER_TOO_OLD), 1);
    assert_int_equal(world_count(world, ENGINE_COUNT_FOREIGN), 2);
    assert_true(world_is_silent(world));
}

static void without_the_program_nothing_is_replayed(void **state)
{
    struct world *world = *state;
    struct frame_want syn = {.family = AF_INET, .flags = TCP_SYN, .client_port = client_port_next()};

    world_start(world, BUCKET_FOREIGN);
    client_send(world, &syn);
    world_set(world, BUCKET_SILENT);
    assert_int_equal(engine_clean("port0"), 0);
    assert_int_equal(replay(world, NEVER_TOO_OLD), -ENOLINK);
    assert_true(world_is_silent(world));
    assert_int_equal(engine_clean("port0"), 0);
    assert_int_equal(engine_clean("nothere"), 0);
    assert_int_equal(engine_check(world->engine, ENGINE_PRIMARY), 1);
    assert_int_equal(engine_check(world->engine, ENGINE_PRIMARY), 0);
    assert_int_equal(replay(world, NEVER_TOO_OLD), 1);
    world_drain(world);
    assert_int_equal(system("tc qdisc del dev port0 clsact"), 0);
    assert_int_equal(engine_check(world->engine, ENGINE_PRIMARY), 1);
    world_set(world, BUCKET_FOREIGN);
    client_send(world, &syn);
    assert_true(world_is_silent(world));
}

/* The dispatcher sends the replayed SYN on to a server, out of the same port, and nothing else leaves. */
static void replays_through_ipvs(void **state)
{
    struct world *world = *state;
    struct frame_want syn = {.family = AF_INET, .flags = TCP_SYN, .client_port = client_port_next()};
    struct frame frame;

    if (system("ip neigh replace 10.1.0.20 lladdr 02:00:00:00:00:20 dev port0 &&"
               "ipvsadm -A -t " OUR_IPV4 ":8080 2>/dev/null && ipvsadm -a -t " OUR_IPV4 ":8080 -r 10.1.0.20 -g") != 0) {
        skip();
    }
    world_start(world, BUCKET_FOREIGN);
    client_send(world, &syn);
    assert_true(world_is_silent(world));
    world_set(world, BUCKET_SILENT);
    assert_int_equal(replay(world, NEVER_TOO_OLD), 1);
    assert_true(world_receive(world, WORLD_TCP, &frame));
    assert_memory_equal(frame.bytes, "\x02\x00\x00\x00\x00\x20" PORT_MAC, 12);
    assert_int_equal(frame.bytes[frame_tcp(&frame) + 13], TCP_SYN);
    assert_true(world_is_silent(world));
    assert_int_equal(world_count(world, ENGINE_COUNT_REPLAYED), 1);
    assert_int_equal(system("ipvsadm -C"), 0);
}

int live_replays(struct world *world)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(replays_what_nobody_answered, world),
        cmocka_unit_test_prestate(replays_many, world),
        cmocka_unit_test_prestate(does_not_replay_what_was_answered, world),
        cmocka_unit_test_prestate(a_replay_into_a_foreign_bucket_is_dropped_again, world),
        cmocka_unit_test_prestate(without_the_program_nothing_is_replayed, world),
        cmocka_unit_test_prestate(replays_through_ipvs, world),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
