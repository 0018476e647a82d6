/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A member that was paused gives way before it lets one packet in, whatever it is told first when it goes on: a tick,
 * what the engine saw, or heartbeats that lay in its socket. */
#include "unit.h"

#include "ownership.h"

#define MS UINT64_C(1000)
#define INTERVAL (30 * MS)
#define DEAD (3 * INTERVAL)
#define PAUSE (400 * MS)

struct side {
    struct ownership *ownership;
    struct ownership_orders orders;
    struct wire_heartbeat sent; /* the last one */
    bool paused;
};

struct pair {
    struct side sides[2];
    uint64_t now_us;
};

static struct ownership *new_member(uint8_t id, uint64_t now_us)
{
    const struct ownership_settings settings = {.self = id,
                                                .members = 3,
                                                .weight = 1,
                                                .active = OWNERSHIP_ALL,
                                                .sees_all = true,
                                                .interval_us = INTERVAL,
                                                .dead_us = DEAD,
                                                .rejoin_us = 300 * MS,
                                                .own_us = 1000 * MS,
                                                .grace_us = 1000 * MS,
                                                .session = 100u + id};
    struct ownership *o = ownership_new(&settings, now_us);
    assert_non_null(o);
    ownership_port(o, true, now_us);
    ownership_ready(o, true, now_us);
    return o;
}

/* Does what is ordered, as the daemon does; its heartbeat is heard by the other one at once, if that is awake. */
static void act(struct pair *pair, unsigned i)
{
    struct side *side = &pair->sides[i];
    struct side *other = &pair->sides[1 - i];
    ownership_take_orders(side->ownership, pair->now_us, &side->orders);
    if (side->orders.reconstruct)
        ownership_filled(side->ownership, side->orders.reconstruct_epoch, pair->now_us);
    if (!side->orders.send)
        return;
    ownership_make_heartbeat(side->ownership, pair->now_us, &side->sent);
    if (!other->paused)
        ownership_heartbeat(other->ownership, &side->sent, pair->now_us);
}

static void run(struct pair *pair, uint64_t us)
{
    for (uint64_t end_us = pair->now_us + us; pair->now_us < end_us; pair->now_us += 5 * MS)
        for (unsigned i = 0; i < 2; i++)
            if (!pair->sides[i].paused) {
                ownership_tick(pair->sides[i].ownership, pair->now_us);
                act(pair, i);
            }
}

/* Both own a half, then one is paused until the other has taken over. */
static void set_up(struct pair *pair, unsigned paused)
{
    struct ownership_view view;
    *pair = (struct pair){.now_us = 1000000 * MS};
    for (uint8_t i = 0; i < 2; i++)
        pair->sides[i].ownership = new_member((uint8_t)(i + 1), pair->now_us);
    run(pair, 5000 * MS);
    for (unsigned i = 0; i < 2; i++) {
        ownership_view(pair->sides[i].ownership, pair->now_us, &view);
        assert_int_equal(view.owned, HASH_BUCKETS / 2);
    }
    pair->sides[paused].paused = true;
    run(pair, PAUSE);
    ownership_view(pair->sides[1 - paused].ownership, pair->now_us, &view);
    assert_int_equal(view.owned, HASH_BUCKETS);
    pair->sides[paused].paused = false;
}

static void tear_down(struct pair *pair)
{
    for (unsigned i = 0; i < 2; i++)
        ownership_free(pair->sides[i].ownership);
}

static void assert_lets_nothing_in(struct pair *pair, unsigned i)
{
    const struct ownership_orders *orders = &pair->sides[i].orders;
    bool lease = orders->lease_until_us > pair->now_us;
    for (unsigned b = 0; b < HASH_BUCKETS; b++)
        assert_false(lease && orders->states[b] != BUCKET_FOREIGN);
}

/* The other one has taken over and keeps what it has until the paused one is heard; no map of the paused one counts. */
static void assert_makes_no_map(struct pair *pair, unsigned paused, uint64_t epoch)
{
    struct ownership_view view;
    ownership_view(pair->sides[paused].ownership, pair->now_us, &view);
    assert_int_equal(view.epoch, epoch);
}

static uint64_t epoch_of(struct pair *pair, unsigned i)
{
    struct ownership_view view;
    ownership_view(pair->sides[i].ownership, pair->now_us, &view);
    return view.epoch;
}

static void what_the_engine_saw_may_come_before_the_tick(void **state)
{
    (void)state;
    for (unsigned paused = 0; paused < 2; paused++) {
        struct pair pair;
        const uint64_t answered[HASH_BUCKETS] = {0};
        set_up(&pair, paused);
        struct ownership *o = pair.sides[paused].ownership;
        uint64_t epoch = epoch_of(&pair, paused);
        ownership_sight(o, answered, 1, pair.now_us);
        assert_makes_no_map(&pair, paused, epoch);
        ownership_take_orders(o, pair.now_us, &pair.sides[paused].orders);
        assert_lets_nothing_in(&pair, paused);
        tear_down(&pair);
    }
}

/* A heartbeat that was sent just before the pause lies in the socket; ours goes out, as it is overdue. */
static void an_old_heartbeat_may_come_before_the_tick(void **state)
{
    (void)state;
    for (unsigned paused = 0; paused < 2; paused++) {
        struct pair pair;
        set_up(&pair, paused);
        struct ownership *o = pair.sides[paused].ownership;
        uint64_t epoch = epoch_of(&pair, paused);
        struct wire_heartbeat old = pair.sides[1 - paused].sent;
        old.map.epoch = epoch - 1; /* sent before the take-over */
        old.sequence -= 5;
        assert_int_equal(ownership_heartbeat(o, &old, pair.now_us), OWNERSHIP_NEWS);
        ownership_make_heartbeat(o, pair.now_us, &pair.sides[paused].sent);
        ownership_take_orders(o, pair.now_us, &pair.sides[paused].orders);
        assert_lets_nothing_in(&pair, paused);
        tear_down(&pair);
    }
}

static void after_a_pause_both_serve_again(void **state)
{
    (void)state;
    for (unsigned paused = 0; paused < 2; paused++) {
        struct pair pair;
        struct ownership_view view;
        set_up(&pair, paused);
        run(&pair, 5000 * MS);
        for (unsigned i = 0; i < 2; i++) {
            ownership_view(pair.sides[i].ownership, pair.now_us, &view);
            assert_int_equal(view.owned, HASH_BUCKETS / 2);
        }
        tear_down(&pair);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_engine_saw_may_come_before_the_tick),
        cmocka_unit_test(an_old_heartbeat_may_come_before_the_tick),
        cmocka_unit_test(after_a_pause_both_serve_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
