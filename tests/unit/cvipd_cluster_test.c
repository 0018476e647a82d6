/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the word of Corosync becomes. */
#include "unit.h"

#include "cluster.h"
#include "fake_corosync.h"
#include "log.h"
#include "wake.h"

#include <errno.h>
#include <sodium.h>

#define PATIENCE_US 20000000 /* what has not happened by then never will */
#define LOOK_US 1000
#define MEMBER(id) (1u << ((id)-1))
#define LIST(...) ((const uint32_t[]){__VA_ARGS__}), (sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))

static const struct keyring ring = {.count = 1, .keys = {{.id = 1, .bytes = {1, 2, 3}}}};

struct world {
    qb_loop_t *loop;
    struct wake look, patience;
    bool (*wanted)(struct world *);
    bool over;
    struct cluster *cluster;
    unsigned told;
    bool connected, quorate, strict_majority;
    uint16_t present, left;
    unsigned open_when_told; /* handles of Corosync's libraries */
    unsigned maps;
    struct wire_map map;
};

static void take_state(void *context, bool connected, bool quorate, bool strict_majority, uint16_t present,
                       uint16_t left)
{
    struct world *world = context;
    world->told++;
    world->connected = connected;
    world->quorate = quorate;
    world->strict_majority = strict_majority;
    world->present = present;
    world->left = left;
    world->open_when_told = fake_corosync.open;
}

static void take_map(void *context, const struct wire_map *map)
{
    struct world *world = context;
    world->maps++;
    world->map = *map;
}

static void look(void *context)
{
    struct world *world = context;
    if (world->wanted(world))
        qb_loop_stop(world->loop);
}

static void give_up(void *context)
{
    struct world *world = context;
    world->over = true;
    qb_loop_stop(world->loop);
}

/* Turns the loop until it is so. */
static void until(struct world *world, bool (*wanted)(struct world *))
{
    world->wanted = wanted;
    world->over = false;
    wake_each(&world->look, LOOK_US);
    wake_in(&world->patience, PATIENCE_US);
    qb_loop_run(world->loop);
    wake_never(&world->look);
    wake_never(&world->patience);
    assert_false(world->over);
}

static bool is_told(struct world *world)
{
    return world->told > 0;
}

static bool is_connected(struct world *world)
{
    return world->connected;
}

static bool has_map(struct world *world)
{
    return world->maps > 0;
}

static bool has_corosync(struct world *world)
{
    return cluster_counters(world->cluster)->connections > 0;
}

static bool has_second_corosync(struct world *world)
{
    return cluster_counters(world->cluster)->connections == 2;
}

static void until_told(struct world *world)
{
    world->told = 0;
    until(world, is_told);
}

/* A last word of the group, which is read after all that was said before. */
static void mark(struct world *world)
{
    struct wire_message message = {.type = WIRE_MAP, .map = {.epoch = 999, .coordinator = 1}};
    uint8_t data[WIRE_DATAGRAM_MAX];
    int length = wire_encode(&message, &ring.keys[0], data);
    world->maps = 0;
    fake_corosync_message(data, (size_t)length);
    until(world, has_map);
}

static void set_up(struct world *world)
{
    static const struct cluster_callbacks callbacks = {.state = take_state, .map = take_map};
    *world = (struct world){.loop = qb_loop_create()};
    assert_non_null(world->loop);
    assert_int_equal(wake_open(&world->look, world->loop, QB_LOOP_LOW, look, world), 0);
    assert_int_equal(wake_open(&world->patience, world->loop, QB_LOOP_LOW, give_up, world), 0);
    assert_int_equal(cluster_open(world->loop, &ring, &callbacks, world, &world->cluster), 0);
}

/* Three nodes, all in the group. */
static void set_up_three(struct world *world)
{
    fake_corosync_start();
    set_up(world);
    assert_int_equal(world->told, 0); /* not from cluster_open */
    fake_corosync_quorum(true, LIST(1, 2, 3));
    fake_corosync_group(LIST(1, 2, 3), 0, 0);
    until(world, is_connected);
}

static void tear_down(struct world *world)
{
    cluster_close(world->cluster);
    assert_int_equal(fake_corosync.open, 0);
    wake_close(&world->look);
    wake_close(&world->patience);
    qb_loop_destroy(world->loop);
}

static void group_and_quorum_make_connected(void **state)
{
    (void)state;
    struct world world;
    fake_corosync_start();
    set_up(&world);
    fake_corosync_group(LIST(1, 3), 0, 0);
    mark(&world);
    assert_int_equal(world.told, 0); /* quorum is not known yet */
    fake_corosync_quorum(true, LIST(1, 3));
    until_told(&world);
    assert_true(world.connected && world.quorate && world.strict_majority);
    assert_int_equal(world.present, MEMBER(1) | MEMBER(3));
    assert_int_equal(world.left, 0);
    fake_corosync_quorum(true, LIST(1, 3));
    mark(&world);
    assert_int_equal(world.told, 1); /* only changes are told */
    tear_down(&world);
}

static void a_node_lost_is_told_when_quorum_is_counted(void **state)
{
    (void)state;
    struct world world;
    set_up_three(&world);
    fake_corosync_group(LIST(1, 2), 3, CPG_REASON_NODEDOWN);
    until_told(&world);
    assert_int_equal(world.present, MEMBER(1) | MEMBER(2));
    assert_int_equal(world.left, 0);
    fake_corosync.total = 2;
    fake_corosync_quorum(true, LIST(1, 2));
    until_told(&world);
    assert_int_equal(world.left, MEMBER(3));
    assert_true(world.strict_majority);
    world.told = 0;
    fake_corosync_quorum(true, LIST(1, 2));
    mark(&world);
    assert_int_equal(world.told, 0); /* once */
    tear_down(&world);
}

/* The other order: quorum first. */
static void a_node_lost_after_quorum_is_told_at_once(void **state)
{
    (void)state;
    struct world world;
    set_up_three(&world);
    fake_corosync.total = 1;
    fake_corosync_quorum(false, LIST(1));
    until_told(&world);
    assert_true(world.connected && !world.quorate && !world.strict_majority);
    fake_corosync_group(LIST(1, 2), 3, CPG_REASON_NODEDOWN);
    until_told(&world);
    assert_int_equal(world.left, MEMBER(3));
    assert_false(world.strict_majority);
    tear_down(&world);
}

static void an_ended_process_is_told_at_once_a_goodbye_is_no_loss(void **state)
{
    (void)state;
    struct world world;
    set_up_three(&world);
    fake_corosync_group(LIST(1, 3), 2, CPG_REASON_PROCDOWN);
    until_told(&world);
    assert_int_equal(world.left, MEMBER(2));
    fake_corosync_group(LIST(1), 3, CPG_REASON_LEAVE);
    until_told(&world);
    assert_int_equal(world.left, 0);
    assert_int_equal(world.present, MEMBER(1));
    fake_corosync_quorum(false, LIST(1));
    until_told(&world);
    assert_int_equal(world.left, 0);
    tear_down(&world);
}

static void a_node_that_is_back_is_not_lost(void **state)
{
    (void)state;
    struct world world;
    set_up_three(&world);
    fake_corosync_group(LIST(1, 2), 3, CPG_REASON_NODEDOWN);
    fake_corosync_group(LIST(1, 2, 3), 0, 0);
    fake_corosync_quorum(true, LIST(1, 2));
    fake_corosync_quorum(true, LIST(1, 2, 3));
    mark(&world);
    assert_int_equal(world.left, 0);
    assert_int_equal(world.present, MEMBER(1) | MEMBER(2) | MEMBER(3));
    fake_corosync_group(LIST(1, 2, 3), 2, CPG_REASON_PROCDOWN); /* the older one of two processes there */
    mark(&world);
    assert_int_equal(world.left, 0);
    tear_down(&world);
}

static void one_of_two_is_no_majority(void **state)
{
    (void)state;
    struct world world;
    fake_corosync_start();
    fake_corosync.total = 1;
    fake_corosync.expected = 2;
    set_up(&world);
    fake_corosync_quorum(true, LIST(1)); /* two_node */
    fake_corosync_group(LIST(1), 0, 0);
    until(&world, is_connected);
    assert_true(world.quorate);
    assert_false(world.strict_majority);
    tear_down(&world);
    fake_corosync_start();
    fake_corosync.without_votes = true;
    set_up(&world);
    fake_corosync_quorum(true, LIST(1));
    fake_corosync_group(LIST(1), 0, 0);
    until(&world, is_connected);
    assert_true(world.quorate && !world.strict_majority);
    tear_down(&world);
}

static bool has_majority(struct world *world)
{
    return world->strict_majority;
}

static void a_count_under_way_is_asked_again(void **state)
{
    (void)state;
    struct world world;
    fake_corosync_start();
    fake_corosync.counting = CS_ERR_TRY_AGAIN;
    set_up(&world);
    fake_corosync_quorum(true, LIST(1, 2, 3));
    fake_corosync_group(LIST(1, 2, 3), 0, 0);
    until(&world, is_connected);
    assert_true(world.quorate && !world.strict_majority);
    fake_corosync.counting = CS_OK;
    until(&world, has_majority);
    tear_down(&world);
}

static void nodes_that_can_be_no_members_are_ignored(void **state)
{
    (void)state;
    struct world world;
    fake_corosync_start();
    set_up(&world);
    fake_corosync_quorum(true, LIST(1, 16, 17, 0));
    fake_corosync_group(LIST(1, 16, 17, 0x8001), 0, 0);
    until(&world, is_connected);
    assert_int_equal(world.present, MEMBER(1) | MEMBER(16));
    fake_corosync_group(LIST(1, 16), 17, CPG_REASON_PROCDOWN);
    mark(&world);
    assert_int_equal(world.left, 0);
    tear_down(&world);
}

static void maps_are_delivered_to_ourselves_too(void **state)
{
    (void)state;
    struct world world;
    const struct wire_map map = {.epoch = 5, .coordinator = 1, .owners = {[3] = 2}};
    const struct wire_map bad = {.epoch = 5, .coordinator = 17};
    set_up_three(&world);
    assert_int_equal(cluster_publish(world.cluster, &bad), -EINVAL);
    assert_int_equal(cluster_publish(world.cluster, &map), 0);
    assert_int_equal(world.maps, 0); /* at delivery, not before */
    until(&world, has_map);
    assert_memory_equal(&world.map, &map, sizeof map);
    assert_int_equal(cluster_counters(world.cluster)->published, 1);
    assert_int_equal(cluster_counters(world.cluster)->delivered, 1);
    tear_down(&world);
}

static void a_busy_corosync_gets_the_newest_map_later(void **state)
{
    (void)state;
    struct world world;
    struct wire_map map = {.epoch = 5, .coordinator = 1};
    set_up_three(&world);
    fake_corosync.sending = CS_ERR_TRY_AGAIN;
    assert_int_equal(cluster_publish(world.cluster, &map), 0);
    map.epoch = 6;
    assert_int_equal(cluster_publish(world.cluster, &map), 0);
    fake_corosync.sending = CS_OK;
    until(&world, has_map);
    assert_int_equal(world.map.epoch, 6);
    mark(&world);
    assert_int_equal(world.maps, 1); /* the older one was not sent */
    assert_int_equal(cluster_counters(world.cluster)->published, 1);
    tear_down(&world);
}

static bool all_is_refused(struct world *world)
{
    const struct cluster_counters *c = cluster_counters(world->cluster);
    return c->refused[WIRE_FORGED] == 1 && c->refused[WIRE_TRUNCATED] == 1 && c->unexpected == 1;
}

static void other_messages_are_counted(void **state)
{
    (void)state;
    struct world world;
    struct wire_message hello = {.type = WIRE_HELLO, .hello = {.instance = 1}};
    uint8_t data[WIRE_DATAGRAM_MAX];
    int length = wire_encode(&hello, &ring.keys[0], data);
    set_up_three(&world);
    fake_corosync_message(data, (size_t)length);
    fake_corosync_message(data, 3);
    data[13] ^= 1;
    fake_corosync_message(data, (size_t)length);
    until(&world, all_is_refused);
    assert_int_equal(world.maps, 0);
    tear_down(&world);
}

static void a_corosync_that_ends_is_told_before_we_let_go(void **state)
{
    (void)state;
    struct world world;
    const struct wire_map map = {.epoch = 5, .coordinator = 1};
    set_up_three(&world);
    fake_corosync_crash();
    until_told(&world);
    assert_false(world.connected || world.quorate || world.strict_majority);
    assert_int_equal(world.present | world.left, 0);
    assert_int_equal(world.open_when_told, 3); /* the others see our end only after that */
    assert_int_equal(fake_corosync.open, 0);
    assert_int_equal(cluster_publish(world.cluster, &map), -ENOTCONN);
    fake_corosync_start();
    until(&world, has_second_corosync);
    fake_corosync_group(LIST(1), 0, 0);
    fake_corosync_quorum(false, LIST(1));
    until(&world, is_connected);
    assert_int_equal(world.present, MEMBER(1));
    tear_down(&world);
}

static void corosync_may_start_after_us(void **state)
{
    (void)state;
    struct world world;
    fake_corosync_start();
    fake_corosync.refuses = CS_ERR_ACCESS;
    set_up(&world);
    assert_int_equal(fake_corosync.open, 0);
    fake_corosync.refuses = CS_OK;
    until(&world, has_corosync);
    tear_down(&world);
    assert_int_equal(fake_corosync.goodbyes, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(group_and_quorum_make_connected),
        cmocka_unit_test(a_node_lost_is_told_when_quorum_is_counted),
        cmocka_unit_test(a_node_lost_after_quorum_is_told_at_once),
        cmocka_unit_test(an_ended_process_is_told_at_once_a_goodbye_is_no_loss),
        cmocka_unit_test(a_node_that_is_back_is_not_lost),
        cmocka_unit_test(one_of_two_is_no_majority),
        cmocka_unit_test(a_count_under_way_is_asked_again),
        cmocka_unit_test(nodes_that_can_be_no_members_are_ignored),
        cmocka_unit_test(maps_are_delivered_to_ourselves_too),
        cmocka_unit_test(a_busy_corosync_gets_the_newest_map_later),
        cmocka_unit_test(other_messages_are_counted),
        cmocka_unit_test(a_corosync_that_ends_is_told_before_we_let_go),
        cmocka_unit_test(corosync_may_start_after_us),
    };

    if (sodium_init() < 0 || log_open("cvipd_cluster_test", "stderr", false) != 0)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    log_close();
    return failed;
}
