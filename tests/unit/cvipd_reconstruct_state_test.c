/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which nodes were asked, which of their parts came, and when that is all: under passed-in time. */
#include "unit.h"

#include "reconstruct_state.h"

#include <errno.h>

#define NOW 1000000 /* ms */

static struct reconstruct_state world;

static struct addr address(const char *text)
{
    struct addr result;

    assert_int_equal(addr_parse(text, &result), 0);
    return result;
}

static void add(const char *text)
{
    struct addr node = address(text);

    assert_int_equal(reconstruct_state_add(&world, &node), 0);
}

/* Asks all whose time has come, with request numbers from first on; returns how many. */
static unsigned ask(uint64_t now_ms, uint64_t first)
{
    unsigned count = 0;

    while (reconstruct_state_next(&world, now_ms, first + count) != NULL)
        count++;
    return count;
}

static bool part_from(const char *node, const char *from, uint64_t request, uint32_t part, bool last, uint64_t now_ms)
{
    struct addr a = node != NULL ? address(node) : (struct addr){.family = AF_UNSPEC};
    struct addr b = address(from);

    return reconstruct_state_part(&world, &a, &b, request, part, last, now_ms) != NULL;
}

static bool part(const char *node, uint64_t request, uint32_t number, bool last)
{
    return part_from(node, node, request, number, last, NOW);
}

static int clear(void **state)
{
    (void)state;
    reconstruct_state_clear(&world);
    return 0;
}

static void without_nodes_it_is_done(void **state)
{
    (void)state;
    assert_true(reconstruct_state_is_done(&world));
    assert_int_equal(ask(NOW, 1), 0);
}

static void a_node_is_asked_once_though_it_serves_twice(void **state)
{
    (void)state;
    add("10.1.0.11");
    add("10.1.0.12");
    add("10.1.0.11");
    assert_int_equal(world.count, 2);
    assert_int_equal(ask(NOW, 1), 2);
    assert_int_equal(ask(NOW + RECONSTRUCT_SILENT_MS - 1, 10), 0);
    assert_false(reconstruct_state_is_done(&world));
}

static void parts_come_in_any_order_and_twice(void **state)
{
    (void)state;
    add("10.1.0.11");
    ask(NOW, 1);
    assert_true(part("10.1.0.11", 1, 2, true));
    assert_true(part("10.1.0.11", 1, 0, false));
    assert_false(part("10.1.0.11", 1, 0, false));
    assert_false(part("10.1.0.11", 1, 2, true));
    assert_false(reconstruct_state_is_done(&world));
    assert_true(part("10.1.0.11", 1, 1, false));
    assert_true(reconstruct_state_is_done(&world));
    assert_int_equal(reconstruct_state_complete(&world), 1);
    assert_false(part("10.1.0.11", 1, 1, false));
}

static void only_who_was_asked_is_heard(void **state)
{
    (void)state;
    add("10.1.0.11");
    add("10.1.0.12");
    assert_false(part("10.1.0.11", 0, 0, true)); /* before it was asked */
    ask(NOW, 1);
    assert_false(part("10.1.0.13", 1, 0, true));
    assert_false(part("10.1.0.11", 2, 0, true)); /* the other's number */
    assert_false(part("10.1.0.11", 3, 0, true));
    assert_false(part("10.1.0.11", 1, RECONSTRUCT_PARTS_MAX, true));
    assert_int_equal(reconstruct_state_complete(&world), 0);
    assert_true(part("10.1.0.12", 2, 0, true));
}

static void a_node_may_send_from_another_of_its_addresses(void **state)
{
    (void)state;
    add("10.1.0.11");
    add("10.1.0.12");
    ask(NOW, 1);
    assert_true(part_from("10.1.0.11", "10.2.0.11", 1, 0, true, NOW));
    assert_true(part_from(NULL, "10.1.0.12", 2, 0, true, NOW)); /* one that knows no address of its own */
    assert_true(reconstruct_state_is_done(&world));
}

static void a_silent_node_is_asked_again_and_given_up(void **state)
{
    uint64_t now_ms = NOW;

    (void)state;
    add("10.1.0.11");
    for (unsigned round = 0; round < RECONSTRUCT_ROUNDS; round++) {
        assert_int_equal(ask(now_ms, 10 + round), 1);
        assert_int_equal(reconstruct_state_wait_ms(&world, now_ms), RECONSTRUCT_SILENT_MS);
        now_ms += RECONSTRUCT_SILENT_MS;
        assert_int_equal(reconstruct_state_wait_ms(&world, now_ms), 0);
        assert_false(reconstruct_state_is_done(&world));
    }
    assert_int_equal(ask(now_ms, 20), 0);
    assert_true(reconstruct_state_is_done(&world));
    assert_int_equal(reconstruct_state_complete(&world), 0);
    assert_false(part("10.1.0.11", 12, 0, true)); /* too late */
}

static void a_node_that_tells_is_waited_for(void **state)
{
    uint64_t now_ms = NOW;

    (void)state;
    add("10.1.0.11");
    ask(now_ms, 1);
    for (uint32_t i = 0; i < 10; i++) {
        now_ms += RECONSTRUCT_SILENT_MS - 1;
        assert_int_equal(ask(now_ms, 5), 0);
        assert_true(part_from("10.1.0.11", "10.1.0.11", 1, i, i == 9, now_ms));
    }
    assert_true(reconstruct_state_is_done(&world));
}

static void a_lost_part_begins_a_new_round(void **state)
{
    (void)state;
    add("10.1.0.11");
    ask(NOW, 1);
    assert_true(part("10.1.0.11", 1, 1, true)); /* part 0 is lost */
    world.nodes[0].connections = 100;
    assert_int_equal(ask(NOW + RECONSTRUCT_SILENT_MS, 2), 1);
    assert_int_equal(reconstruct_state_connections(&world), 0);
    assert_false(part("10.1.0.11", 1, 0, false)); /* of the old round */
    assert_true(part("10.1.0.11", 2, 0, false));
    assert_false(reconstruct_state_is_done(&world));
    assert_true(part("10.1.0.11", 2, 1, true));
    assert_true(reconstruct_state_is_done(&world));
    assert_int_equal(reconstruct_state_complete(&world), 1);
}

static void there_is_room_for_many_nodes_but_not_for_any_number(void **state)
{
    struct addr node = address("10.0.0.0");
    int rc = 0;

    (void)state;
    for (unsigned i = 0; i < RECONSTRUCT_NODES_MAX && rc == 0; i++) {
        node.bytes[2] = (uint8_t)(i >> 8);
        node.bytes[3] = (uint8_t)i;
        rc = reconstruct_state_add(&world, &node);
    }
    assert_int_equal(rc, 0);
    assert_int_equal(reconstruct_state_add(&world, &node), 0); /* known */
    node.bytes[1] = 1;
    assert_int_equal(reconstruct_state_add(&world, &node), -ENOSPC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(without_nodes_it_is_done, clear),
        cmocka_unit_test_teardown(a_node_is_asked_once_though_it_serves_twice, clear),
        cmocka_unit_test_teardown(parts_come_in_any_order_and_twice, clear),
        cmocka_unit_test_teardown(only_who_was_asked_is_heard, clear),
        cmocka_unit_test_teardown(a_node_may_send_from_another_of_its_addresses, clear),
        cmocka_unit_test_teardown(a_silent_node_is_asked_again_and_given_up, clear),
        cmocka_unit_test_teardown(a_node_that_tells_is_waited_for, clear),
        cmocka_unit_test_teardown(a_lost_part_begins_a_new_round, clear),
        cmocka_unit_test_teardown(there_is_room_for_many_nodes_but_not_for_any_number, clear),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
