/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The decision table of cvipd(8), every cell of it, in both families and with each kind of MAC; then what it leaves
 * behind: kept SYNs, evidence of answered ones. */
#include "cvipd_engine_live.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <unistd.h>

/* p: passes, d: dropped */
struct row {
    const char *name;
    struct frame_want want;
    const char *foreign, *silent, *holding, *own;
};

static const struct row rows[] = {
    {"SYN", {.kind = FRAME_TCP, .flags = TCP_SYN}, "d", "p", "d", "p"},
    {"SYN with data", {.kind = FRAME_TCP, .flags = TCP_SYN, .data = 100}, "d", "p", "d", "p"},
    {"ACK", {.kind = FRAME_TCP, .flags = TCP_ACK}, "d", "p", "p", "p"},
    {"SYN and ACK", {.kind = FRAME_TCP, .flags = TCP_SYN | TCP_ACK}, "d", "p", "p", "p"},
    {"data", {.kind = FRAME_TCP, .flags = TCP_ACK, .data = 100}, "d", "p", "p", "p"},
    {"FIN", {.kind = FRAME_TCP, .flags = TCP_FIN | TCP_ACK}, "d", "p", "p", "p"},
    {"RST", {.kind = FRAME_TCP, .flags = TCP_RST}, "d", "p", "p", "p"},
    {"fragment of TCP", {.kind = FRAME_TCP_FRAGMENT, .flags = TCP_ACK}, "d", "p", "p", "p"},
    {"fragment of UDP", {.kind = FRAME_UDP_FRAGMENT}, "d", "p", "d", "p"},
    {"UDP", {.kind = FRAME_UDP}, "d", "p", "d", "p"},
    {"unknown protocol", {.kind = FRAME_OTHER}, "d", "p", "d", "p"},
    {"echo", {.kind = FRAME_ECHO}, "d", "p", "d", "p"},
    {"ICMP error", {.kind = FRAME_ICMP_ERROR}, "p", "p", "p", "p"},
    {"ND", {.kind = FRAME_SOLICITATION}, "p", "p", "p", "p"},
    {"SYN behind options", {.kind = FRAME_TCP, .flags = TCP_SYN, .options = 4}, "d", "p", "d", "p"},
    {"ACK behind options", {.kind = FRAME_TCP, .flags = TCP_ACK, .options = 4}, "d", "p", "p", "p"},
    {"ACK behind too many", {.kind = FRAME_TCP, .flags = TCP_ACK, .options = 5}, "d", "p", "d", "p"},
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static void check_cell(struct world *world, const struct row *row, sa_family_t family, const char *expected)
{
    static uint16_t port = 20000; /* a new connection each time */
    struct frame_want want = row->want;
    struct frame frame;
    int verdict;

    want.family = family;
    want.client_port = port++;
    frame_make(&frame, &want);
    verdict = world_run_in(world, &frame);
    if (verdict != (expected[0] == 'p' ? WORLD_PASS : WORLD_DROP)) {
        fail_msg("%s, family %d: %d, not %s", row->name, family, verdict, expected);
    }
}

static bool has_row(const struct row *row, sa_family_t family)
{
    return family == AF_INET6 || (row->want.kind != FRAME_SOLICITATION && row->want.options == 0);
}

static void check_column(struct world *world, uint8_t state, size_t offset)
{
    world_set(world, state);
    for (size_t i = 0; i < ROWS; i++) {
        for (size_t j = 0; j < 2; j++) {
            if (has_row(&rows[i], world_families[j])) {
                const char *const *expected = (const char *const *)(const void *)((const char *)&rows[i] + offset);
                check_cell(world, &rows[i], world_families[j], *expected);
            }
        }
    }
}

static void check_table(struct world *world)
{
    check_column(world, BUCKET_FOREIGN, offsetof(struct row, foreign));
    check_column(world, BUCKET_SILENT, offsetof(struct row, silent));
    check_column(world, BUCKET_SILENT | BUCKET_HOLD_SYN, offsetof(struct row, holding));
    check_column(world, BUCKET_OWN, offsetof(struct row, own));
    /* A lease that is over makes FOREIGN of all. */
    world_set(world, BUCKET_OWN);
    engine_lease(world->engine, world_now());
    for (size_t i = 0; i < ROWS; i++) {
        for (size_t j = 0; j < 2; j++) {
            if (has_row(&rows[i], world_families[j])) {
                check_cell(world, &rows[i], world_families[j], rows[i].foreign);
            }
        }
    }
}

static void every_cell(void **state)
{
    struct world *world = *state;

    for (int behind = ENGINE_DISPATCHER; behind <= ENGINE_SOCKETS; behind++) {
        for (int hash = ENGINE_HASH_ADDRESS; hash <= ENGINE_HASH_ADDRESS_PORT; hash++) {
            world->settings.behind = (enum engine_behind)behind;
            world->settings.hash = (enum engine_hash)hash;
            world_start(world, BUCKET_FOREIGN);
            check_table(world);
        }
    }
    world->settings.behind = ENGINE_DISPATCHER;
    world->settings.hash = ENGINE_HASH_ADDRESS;
}

static void counts_each_frame_once(void **state)
{
    static const enum engine_counter decisions[] = {ENGINE_COUNT_PASSED,  ENGINE_COUNT_PASSED_SOCKET,
                                                    ENGINE_COUNT_FOREIGN, ENGINE_COUNT_HELD,
                                                    ENGINE_COUNT_EXPIRED, ENGINE_COUNT_ICMP_ERROR};
    struct world *world = *state;
    uint64_t decided = 0;

    world_start(world, BUCKET_FOREIGN);
    check_table(world);
    for (size_t i = 0; i < sizeof(decisions) / sizeof(decisions[0]); i++) {
        decided += world_count(world, decisions[i]);
    }
    assert_int_equal(decided, world_count(world, ENGINE_COUNT_FRAMES));
    /* all rows in both families in five columns, without ND and what only IPv6 has in IPv4 */
    assert_int_equal(decided, 5 * (13 + 16));
    assert_int_equal(world_count(world, ENGINE_COUNT_FRAGMENT), 5 * 4);
    assert_int_equal(world_count(world, ENGINE_COUNT_EXPIRED), 12 + 15);
    assert_int_equal(world_count(world, ENGINE_COUNT_ICMP_ERROR), 5 * 2);
}

/* Each client goes where the hash in C says, and no other. */
static void the_program_hashes_as_the_daemon_does(void **state)
{
    struct world *world = *state;

    for (int hash = ENGINE_HASH_ADDRESS; hash <= ENGINE_HASH_ADDRESS_PORT; hash++) {
        world->settings.hash = (enum engine_hash)hash;
        world_start(world, BUCKET_FOREIGN);
        for (uint16_t port = 1; port < 200; port++) {
            struct frame_want want = {.family = world_families[port % 2], .flags = TCP_ACK, .client_port = port};
            bool ipv4 = want.family == AF_INET;
            uint8_t states[HASH_BUCKETS] = {0};
            uint32_t words[4] = {0};
            struct frame frame;

            frame_make(&frame, &want);
            /* another client each time */
            frame.bytes[ipv4 ? 29 : 37] = (uint8_t)port;
            memcpy(words, &frame.bytes[ipv4 ? 26 : 22], ipv4 ? 4 : 16);
            states[hash_bucket(words, ipv4 ? 1 : 4, hash == ENGINE_HASH_ADDRESS ? 0 : htons(port), 24301)] =
                BUCKET_SILENT;
            engine_set(world->engine, states);
            assert_int_equal(world_run_in(world, &frame), WORLD_PASS);
            for (size_t i = 0; i < HASH_BUCKETS; i++) {
                states[i] = states[i] == BUCKET_SILENT ? BUCKET_FOREIGN : BUCKET_SILENT;
            }
            engine_set(world->engine, states);
            assert_int_equal(world_run_in(world, &frame), WORLD_DROP);
        }
    }
    world->settings.hash = ENGINE_HASH_ADDRESS;
}

static void run_tcp(struct world *world, sa_family_t family, uint8_t flags, uint16_t port, int expected)
{
    struct frame_want want = {.family = family, .flags = flags, .client_port = port};
    struct frame frame;

    frame_make(&frame, &want);
    assert_int_equal(world_run_in(world, &frame), expected);
}

static uint64_t last_answered(struct world *world)
{
    uint64_t times[HASH_BUCKETS];
    uint64_t last = 0;

    engine_answered(world->engine, times);
    for (size_t i = 0; i < HASH_BUCKETS; i++) {
        last = times[i] > last ? times[i] : last;
    }
    return last;
}

static void an_answered_syn_is_evidence(void **state)
{
    struct world *world = *state;

    for (size_t i = 0; i < 2; i++) {
        uint64_t before = world_now();
        uint64_t answered;

        world_start(world, BUCKET_FOREIGN);
        run_tcp(world, world_families[i], TCP_ACK, 1000, WORLD_DROP);
        assert_int_equal(last_answered(world), 0); /* no SYN was seen */
        run_tcp(world, world_families[i], TCP_SYN, 1000, WORLD_DROP);
        run_tcp(world, world_families[i], TCP_RST | TCP_ACK, 1000, WORLD_DROP);
        run_tcp(world, world_families[i], TCP_ACK, 1000, WORLD_DROP);
        assert_int_equal(last_answered(world), 0); /* the client gave up */
        run_tcp(world, world_families[i], TCP_SYN, 1000, WORLD_DROP);
        run_tcp(world, world_families[i], TCP_ACK, 1001, WORLD_DROP);
        assert_int_equal(last_answered(world), 0); /* another connection's */
        uint64_t after_syn = world_now();
        run_tcp(world, world_families[i], TCP_ACK, 1000, WORLD_DROP);
        answered = last_answered(world);
        assert_in_range(answered, before, after_syn);
        run_tcp(world, world_families[i], TCP_ACK, 1000, WORLD_DROP);
        assert_int_equal(last_answered(world), answered);
    }
}

/* While holding, a connection that began since is the new owner's; what was there before is ours. */
static void holding_drops_what_began_since(void **state)
{
    struct world *world = *state;

    for (size_t i = 0; i < 2; i++) {
        world_start(world, BUCKET_FOREIGN);
        run_tcp(world, world_families[i], TCP_SYN, 1002, WORLD_DROP);
        world_set(world, BUCKET_SILENT | BUCKET_HOLD_SYN);
        run_tcp(world, world_families[i], TCP_ACK, 1002, WORLD_PASS); /* the old owner's, which we take over */
        run_tcp(world, world_families[i], TCP_SYN, 1000, WORLD_DROP);
        run_tcp(world, world_families[i], TCP_ACK, 1000, WORLD_DROP);
        run_tcp(world, world_families[i], TCP_ACK, 1000, WORLD_DROP);
        run_tcp(world, world_families[i], TCP_ACK, 1001, WORLD_PASS);
        assert_int_equal(world_count(world, ENGINE_COUNT_HELD), 3);
    }
}

static size_t kept_syns(struct world *world)
{
    struct engine_syn_key key;
    size_t count = 0;
    void *before = NULL;

    while (bpf_map_get_next_key(world->engine->syns_map, before, &key) == 0) {
        before = &key;
        count++;
    }
    return count;
}

/* As if the SYN had been kept some seconds ago. */
static void age_syns(struct world *world)
{
    struct engine_syn_key key;
    struct engine_syn syn;

    assert_int_equal(bpf_map_get_next_key(world->engine->syns_map, NULL, &key), 0);
    assert_int_equal(bpf_map_lookup_elem(world->engine->syns_map, &key, &syn), 0);
    assert_true(syn.held);
    syn.time = syn.time > ENGINE_HELD_NS ? syn.time - ENGINE_HELD_NS : 0;
    assert_int_equal(bpf_map_update_elem(world->engine->syns_map, &key, &syn, BPF_ANY), 0);
}

/* What is left of an earlier move says nothing about a connection that has lived on. */
static void holding_forgets_what_began_in_an_earlier_move(void **state)
{
    struct world *world = *state;

    while (world_now() <= ENGINE_HELD_NS) {
        usleep(100000); /* the machine has just started: there is no such time yet */
    }
    world_start(world, BUCKET_SILENT | BUCKET_HOLD_SYN);
    run_tcp(world, AF_INET, TCP_SYN, 1000, WORLD_DROP);
    age_syns(world);
    run_tcp(world, AF_INET, TCP_ACK, 1000, WORLD_PASS);
    assert_int_equal(kept_syns(world), 0);
}

/* With MACs of their own nobody else sees those frames, so that there is nothing to learn from them. */
static void with_its_own_mac_it_keeps_only_while_holding(void **state)
{
    struct world *world = *state;
    struct frame_want want = {.family = AF_INET, .flags = TCP_SYN, .client_port = 1000, .to = PORT_MAC};
    struct frame frame;

    world->settings.mac_kind = ENGINE_MAC_OWN;
    world_start(world, BUCKET_FOREIGN);
    frame_make(&frame, &want);
    assert_int_equal(world_run_in(world, &frame), WORLD_DROP);
    assert_int_equal(kept_syns(world), 0);
    world_set(world, BUCKET_SILENT | BUCKET_HOLD_SYN);
    assert_int_equal(world_run_in(world, &frame), WORLD_DROP);
    assert_int_equal(kept_syns(world), 1);
    world->settings.mac_kind = ENGINE_MAC_SHARED;
}

static void frames_for_others_are_none_of_its_business(void **state)
{
    struct world *world = *state;
    struct frame_want want = {.family = AF_INET, .flags = TCP_SYN, .client_port = 1000, .to = CLIENT_MAC};
    struct frame frame;

    world_start(world, BUCKET_FOREIGN);
    frame_make(&frame, &want); /* flooded: to the MAC of another machine */
    assert_int_equal(world_run_in(world, &frame), WORLD_PASS);
    want.to = NULL;
    frame_make(&frame, &want);
    frame.bytes[33] = 101; /* to 10.1.0.101 */
    assert_int_equal(world_run_in(world, &frame), WORLD_PASS);
    assert_int_equal(world_count(world, ENGINE_COUNT_FRAMES), 0);
}

int live_table(struct world *world)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(every_cell, world),
        cmocka_unit_test_prestate(counts_each_frame_once, world),
        cmocka_unit_test_prestate(the_program_hashes_as_the_daemon_does, world),
        cmocka_unit_test_prestate(an_answered_syn_is_evidence, world),
        cmocka_unit_test_prestate(holding_drops_what_began_since, world),
        cmocka_unit_test_prestate(holding_forgets_what_began_in_an_earlier_move, world),
        cmocka_unit_test_prestate(with_its_own_mac_it_keeps_only_while_holding, world),
        cmocka_unit_test_prestate(frames_for_others_are_none_of_its_business, world),
    };

    world->settings.mac_kind = ENGINE_MAC_SHARED;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
