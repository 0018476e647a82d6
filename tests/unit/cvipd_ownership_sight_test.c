/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is cut off from the clients: it sees none of their frames while another sees many. What it saw is known only as
 * its heartbeats tell, so that clients who have just begun prove nothing. */
#include "unit.h"

#include "ownership.h"

#define MS UINT64_C(1000)
#define STEP (10 * MS)
#define INTERVAL (30 * MS)
#define SESSION 101
#define BURST 500

struct world {
    struct ownership *ownership; /* member 1; we play 2 */
    struct wire_heartbeat ours;
    uint64_t sequence, now_us;
    uint64_t frames_here, frames_there;
};

static void hear(struct world *world)
{
    const struct wire_heartbeat message = {
        .flags = WIRE_MEMBER_READY | WIRE_MEMBER_PORT_UP | WIRE_MEMBER_QUORATE,
        .member = 2,
        .session = 102,
        .sequence = ++world->sequence,
        .weight = 1,
        .active = OWNERSHIP_ALL,
        .frames = world->frames_there,
        .released = world->ours.map.epoch,
        .filled = world->ours.map.epoch,
        .echo_count = 1,
        .echoes = {{.member = 1, .session = SESSION, .sequence = world->ours.sequence}},
        .map = world->ours.map,
    };
    ownership_heartbeat(world->ownership, &message, world->now_us);
}

/* Member 2 is heard each interval only, as it is. */
static void step(struct world *world)
{
    static const uint64_t nothing[HASH_BUCKETS];
    struct ownership_orders orders;
    ownership_sight(world->ownership, nothing, world->frames_here, world->now_us);
    if (world->now_us % INTERVAL == 0)
        hear(world);
    ownership_tick(world->ownership, world->now_us);
    ownership_take_orders(world->ownership, world->now_us, &orders);
    if (orders.reconstruct)
        ownership_filled(world->ownership, orders.reconstruct_epoch, world->now_us);
    if (orders.send)
        ownership_make_heartbeat(world->ownership, world->now_us, &world->ours);
    world->now_us += STEP;
}

static void run(struct world *world, uint64_t us)
{
    for (uint64_t end_us = world->now_us + us; world->now_us < end_us;)
        step(world);
}

static void set_up(struct world *world)
{
    const struct ownership_settings settings = {.self = 1,
                                                .members = 3,
                                                .weight = 1,
                                                .active = OWNERSHIP_ALL,
                                                .sees_all = true,
                                                .interval_us = INTERVAL,
                                                .dead_us = 3 * INTERVAL,
                                                .rejoin_us = 300 * MS,
                                                .own_us = 1000 * MS,
                                                .grace_us = 1000 * MS,
                                                .session = SESSION};
    *world = (struct world){.now_us = 900000 * MS};
    world->ownership = ownership_new(&settings, world->now_us);
    assert_non_null(world->ownership);
    ownership_port(world->ownership, true, world->now_us);
    ownership_ready(world->ownership, true, world->now_us);
    run(world, 3000 * MS);
}

static bool is_blind(const struct world *world, uint8_t id)
{
    struct ownership_member_view members[WIRE_MEMBERS_MAX];
    size_t count = ownership_members(world->ownership, world->now_us, members, WIRE_MEMBERS_MAX);
    for (size_t i = 0; i < count; i++)
        if (members[i].id == id)
            return members[i].blind;
    return false;
}

static void clients_who_begin_blind_nobody(void **state)
{
    (void)state;
    for (uint64_t begin_us = 0; begin_us < 400 * MS; begin_us += STEP) {
        struct world world;
        set_up(&world);
        run(&world, begin_us);
        world.frames_here = BURST;
        step(&world);
        world.frames_there = BURST;
        for (int i = 0; i < 60; i++) {
            step(&world);
            assert_false(is_blind(&world, 1));
            assert_false(is_blind(&world, 2));
        }
        ownership_free(world.ownership);
    }
}

static void who_sees_nothing_for_long_is_blind(void **state)
{
    (void)state;
    struct world world;
    set_up(&world);
    for (int i = 0; i < 60; i++) {
        world.frames_here += 10;
        step(&world);
    }
    assert_true(is_blind(&world, 2));
    assert_false(is_blind(&world, 1));
    for (int i = 0; i < 60; i++) {
        world.frames_here += 10;
        world.frames_there += 10;
        step(&world);
    }
    assert_false(is_blind(&world, 2));
    for (int i = 0; i < 60; i++) {
        world.frames_there += 10;
        step(&world);
    }
    assert_true(is_blind(&world, 1));
    ownership_free(world.ownership);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clients_who_begin_blind_nobody),
        cmocka_unit_test(who_sees_nothing_for_long_is_blind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
