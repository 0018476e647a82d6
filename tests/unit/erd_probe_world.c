/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "erd_probe_world.h"

#include "probe_frame.h"

#define ROUND_US 20000

struct addr world_addr(const char *text)
{
    struct addr address = {.family = AF_UNSPEC};

    if (text != NULL)
        assert_int_equal(addr_parse(text, &address), 0);
    return address;
}

static unsigned answered_targets(const struct world *world)
{
    unsigned count = 0;

    for (size_t i = 0; i < world->target_count; i++)
        count += world->answers[i] > 0;
    return count;
}

static void on_answer(void *context, const struct addr *target)
{
    struct world *world = context;
    size_t i = 0;

    while (i < world->target_count && !addr_equal(&world->targets[i].address, target))
        i++;
    assert_true(i < world->target_count);
    world->answers[i]++;
    if (answered_targets(world) == world->wanted)
        qb_loop_stop(world->loop);
}

static void on_round(void *context)
{
    struct world *world = context;

    if (++world->round >= WORLD_ROUNDS_MAX)
        qb_loop_stop(world->loop);
    else if (world->sends)
        (void)probe_send(world->probe, world->targets, world->target_count);
}

void world_ask_for(struct world *world, const char *target, const char *source)
{
    world->targets[world->target_count++] =
        (struct probe_target){.address = world_addr(target), .source = world_addr(source)};
}

void world_until_answered(struct world *world, unsigned targets, bool sends)
{
    memset(world->answers, 0, sizeof(world->answers));
    world->wanted = targets;
    world->round = 0;
    world->sends = sends;
    wake_each(&world->rounds, ROUND_US);
    qb_loop_run(world->loop);
    wake_never(&world->rounds);
    assert_int_equal(answered_targets(world), targets);
}

int world_make(void **state)
{
    struct world *world = *state;

    world->target_count = 0;
    veth_make(&world->veth);
    probe_frame_spare_mac(world->veth.mac, 1, world->spare);
    world->loop = qb_loop_create();
    assert_int_equal(wake_open(&world->rounds, world->loop, QB_LOOP_LOW, on_round, world), 0);
    return probe_open(world->loop, world->veth.port, on_answer, world, &world->probe);
}

int world_end(void **state)
{
    struct world *world = *state;

    probe_close(world->probe);
    wake_close(&world->rounds);
    qb_loop_destroy(world->loop);
    veth_remove(&world->veth);
    return 0;
}

void world_turn(struct world *world)
{
    world->round = WORLD_ROUNDS_MAX - 2;
    world->sends = false;
    wake_each(&world->rounds, ROUND_US);
    qb_loop_run(world->loop);
    wake_never(&world->rounds);
}

void world_put_answer(uint8_t frame[WORLD_ARP_BYTES], const uint8_t from[6], const struct addr *target,
                      const uint8_t to[6])
{
    static const uint8_t head[] = {0x08, 0x06, 0, 1, 8, 0, 6, 4, 0, 2};

    memset(frame, 0, WORLD_ARP_BYTES);
    memcpy(frame, to, 6);
    memcpy(frame + 6, from, 6);
    memcpy(frame + 12, head, sizeof(head));
    memcpy(frame + 22, from, 6);
    memcpy(frame + 28, target->bytes, 4);
    memcpy(frame + 32, to, 6);
}
