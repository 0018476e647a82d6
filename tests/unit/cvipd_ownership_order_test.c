/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A planned map is on its way through Corosync when a member is lost and a map is made at once: no two maps may have
 * the same epoch and coordinator, or who hears them in another order keeps the other one. */
#include "unit.h"

#include "ownership.h"

#define MS UINT64_C(1000)
#define INTERVAL (30 * MS)
#define SESSION 101

struct world {
    struct ownership *ownership; /* member 1; we play 2 and 3 */
    struct ownership_orders orders;
    struct wire_heartbeat ours; /* the last one */
    bool held;                  /* what is published is not delivered, but kept here: */
    struct wire_map planned;    /* the last one */
    uint64_t sequence;
    uint64_t now_us;
};

static void hear(struct world *world, uint8_t id)
{
    const struct wire_heartbeat message = {
        .flags = WIRE_MEMBER_READY | WIRE_MEMBER_PORT_UP | WIRE_MEMBER_QUORATE,
        .member = id,
        .session = 100u + id,
        .sequence = ++world->sequence,
        .weight = 1,
        .active = OWNERSHIP_ALL,
        .frames = world->sequence * 100,
        .released = world->ours.map.epoch,
        .filled = world->ours.map.epoch,
        .echo_count = 1,
        .echoes = {{.member = 1, .session = SESSION, .sequence = world->ours.sequence}},
        .map = world->ours.map,
    };
    ownership_heartbeat(world->ownership, &message, world->now_us);
}

static void act(struct world *world)
{
    ownership_take_orders(world->ownership, world->now_us, &world->orders);
    if (world->orders.publish && world->held)
        world->planned = world->orders.publish_map;
    else if (world->orders.publish)
        ownership_map(world->ownership, &world->orders.publish_map, world->now_us);
    if (world->orders.reconstruct)
        ownership_filled(world->ownership, world->orders.reconstruct_epoch, world->now_us);
    if (world->orders.send)
        ownership_make_heartbeat(world->ownership, world->now_us, &world->ours);
}

/* The members of these bits are heard. */
static void run(struct world *world, uint64_t us, unsigned members)
{
    for (uint64_t end_us = world->now_us + us; world->now_us < end_us; world->now_us += 10 * MS) {
        for (uint8_t id = 2; id <= 3; id++)
            if ((members & 1u << (id - 1)) != 0)
                hear(world, id);
        ownership_tick(world->ownership, world->now_us);
        act(world);
    }
}

static void set_up(struct world *world)
{
    const struct ownership_settings settings = {.self = 1,
                                                .members = 7,
                                                .weight = 1,
                                                .active = OWNERSHIP_ALL,
                                                .corosync = true,
                                                .interval_us = INTERVAL,
                                                .dead_us = 3 * INTERVAL,
                                                .rejoin_us = 300 * MS,
                                                .own_us = 1000 * MS,
                                                .grace_us = 1000 * MS,
                                                .session = SESSION};
    *world = (struct world){.now_us = 1000000 * MS};
    world->ownership = ownership_new(&settings, world->now_us);
    assert_non_null(world->ownership);
    ownership_port(world->ownership, true, world->now_us);
    ownership_ready(world->ownership, true, world->now_us);
    ownership_cluster(world->ownership, true, true, true, 7, 0, world->now_us);
    run(world, 5000 * MS, 6);
}

static void a_map_made_at_once_is_newer_than_one_on_its_way(void **state)
{
    (void)state;
    struct world world;
    set_up(&world);
    world.held = true;
    ownership_aside(world.ownership, true, world.now_us);
    run(&world, 50 * MS, 6);
    const struct wire_map planned = world.planned;
    assert_true(planned.epoch > world.ours.map.epoch); /* not delivered yet */
    run(&world, 150 * MS, 2);                          /* member 3 is lost */
    assert_true(world.ours.map.epoch > 0);
    for (unsigned b = 0; b < HASH_BUCKETS; b++)
        assert_int_not_equal(world.ours.map.owners[b], 3);
    assert_true(world.ours.map.epoch > planned.epoch);
    ownership_free(world.ownership);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_map_made_at_once_is_newer_than_one_on_its_way),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
