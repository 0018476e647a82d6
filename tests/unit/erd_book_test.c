/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The book of a pair, with a kernel that is played: what is on which port, and what is done about it. */
#include "erd_book_test.h"

static void test_prepares_the_twin(void **state)
{
    struct kernel *kernel = *state;
    begin(kernel);
    assert_address(kernel, "A", true);
    assert_route(kernel, "R", true);
    assert_int_equal(book_count(&kernel->book, BOOK_ADDRESS), 1);
    assert_int_equal(book_count(&kernel->book, BOOK_ROUTE), 1);
}

static void test_moves_routes(void **state)
{
    struct kernel *kernel = *state;
    begin(kernel);
    fail_over(kernel);
    assert_route(kernel, "R", true);
    look(kernel);
    assert_route(kernel, "R", true);
    fail_over(kernel);
    look(kernel);
    assert_route(kernel, "R", true);
}

/* What lets traffic go on is no more than what must be. */
static void test_activates_with_few_steps(void **state)
{
    struct kernel *kernel = *state;
    begin(kernel);
    kernel->steps = 0;
    kernel->look.active = 1;
    assert_int_equal(book_activate(&kernel->book, 1, act, kernel), 0);
    assert_int_equal(kernel->steps, 1); /* the route; the address is there */
}

/* The rest of a failover is done a moment later. */
static void test_moves_back_before_the_rest_is_done(void **state)
{
    struct kernel *kernel = *state;
    begin(kernel);
    for (unsigned active = 1; active < 2; active--) {
        kernel->look.active = active;
        assert_int_equal(book_activate(&kernel->book, active, act, kernel), 0);
        assert_true(find(kernel, "R")->own[active]);
        assert_false(find(kernel, "R")->own[1 - active]);
    }
    look(kernel);
    assert_route(kernel, "R", true);
}

static void test_adds_gateways_last(void **state)
{
    struct kernel *kernel = *state;
    add(kernel, BOOK_ROUTE, "default ", 0)->rank = 1;
    add(kernel, BOOK_ROUTE, "connected ", 0);
    kernel->look.first = true;
    look(kernel);
    kernel->order[0] = '\0';
    kernel->look.active = 1;
    (void)book_activate(&kernel->book, 1, act, kernel);
    assert_string_equal(kernel->order, "connected default ");
}

static void test_follows_additions(void **state)
{
    struct kernel *kernel = *state;
    begin(kernel);
    add(kernel, BOOK_ADDRESS, "active", 0);
    add(kernel, BOOK_ADDRESS, "other", 1);
    add(kernel, BOOK_ROUTE, "on active", 0);
    add(kernel, BOOK_ROUTE, "on other", 1);
    look(kernel);
    assert_address(kernel, "active", true);
    assert_address(kernel, "other", true);
    assert_route(kernel, "on active", true);
    assert_route(kernel, "on other", true);
}

static void test_follows_removals(void **state)
{
    for (unsigned port = 0; port < PAIR_PORTS; port++) {
        struct kernel *kernel = *state;
        if (port == 0)
            begin(kernel);
        const char *key = port == 0 ? "first" : "second";
        add(kernel, BOOK_ADDRESS, key, 0);
        look(kernel);
        find(kernel, key)->own[port] = false;
        look(kernel);
        look(kernel); /* on the port that is not in use it might have been cleared */
        assert_address(kernel, key, false);
        assert_address(kernel, "A", true);
    }
}

static void test_follows_removal_of_a_route_on_the_active_port_only(void **state)
{
    struct kernel *kernel = *state;
    begin(kernel);
    find(kernel, "R")->copy[1] = false;
    look(kernel);
    assert_route(kernel, "R", true);
    find(kernel, "R")->own[0] = false;
    look(kernel);
    assert_route(kernel, "R", false);
}

static void test_adds_again_what_came_back(void **state)
{
    struct kernel *kernel = *state;
    begin(kernel);
    find(kernel, "R")->own[0] = false;
    kernel->refuses = EBUSY; /* it cannot be removed at once ... */
    read_kernel(kernel);
    (void)settle(kernel);
    kernel->refuses = 0;
    find(kernel, "R")->own[0] = true; /* ... and somebody adds it meanwhile */
    look(kernel);
    assert_route(kernel, "R", true);
}

/* systemd-networkd clears a port that loses its carrier. */
static void test_restores_what_was_cleared_without_carrier(void **state)
{
    struct kernel *kernel = *state;
    add(kernel, BOOK_ADDRESS, "B", 0);
    begin(kernel);
    kernel->look.carrier[0] = false;
    find(kernel, "A")->own[0] = find(kernel, "B")->own[0] = find(kernel, "R")->own[0] = false;
    look(kernel);
    assert_address(kernel, "A", true);
    assert_address(kernel, "B", true);
    assert_route(kernel, "R", true);
}

/* Pacemaker takes the cluster's address from a node whose port has failed. */
static void test_follows_one_removal_without_carrier(void **state)
{
    struct kernel *kernel = *state;
    add(kernel, BOOK_ADDRESS, "cluster", 0);
    begin(kernel);
    fail_over(kernel);
    kernel->look.carrier[0] = false;
    find(kernel, "cluster")->own[0] = false;
    look(kernel);
    assert_true(book_in_doubt(&kernel->book));
    look(kernel);
    assert_false(book_in_doubt(&kernel->book));
    assert_address(kernel, "cluster", false);
    assert_address(kernel, "A", true);
}

/* The reading may come while a program clears a port without a carrier, one address after another. */
static void test_restores_what_is_cleared_step_by_step(void **state)
{
    struct kernel *kernel = *state;
    add(kernel, BOOK_ADDRESS, "B", 0);
    begin(kernel);
    fail_over(kernel);
    kernel->look.carrier[0] = false;
    find(kernel, "A")->own[0] = false;
    look(kernel);
    assert_true(find(kernel, "A")->own[1]);
    assert_false(find(kernel, "A")->own[0]); /* not put back before it is known what is meant */
    find(kernel, "B")->own[0] = false;
    look(kernel);
    assert_address(kernel, "A", true);
    assert_address(kernel, "B", true);
}

/* "ip address flush", disable_ipv6. */
static void test_restores_what_was_cleared_on_the_other_port(void **state)
{
    struct kernel *kernel = *state;
    add(kernel, BOOK_ADDRESS, "B", 0);
    begin(kernel);
    find(kernel, "A")->own[1] = find(kernel, "B")->own[1] = false;
    look(kernel);
    look(kernel);
    assert_address(kernel, "A", true);
    assert_address(kernel, "B", true);
}

/* With the first address of a subnet the kernel removes those that were added later. */
static void test_restores_what_went_with_an_address(void **state)
{
    struct kernel *kernel = *state;
    add(kernel, BOOK_ADDRESS, "secondary", 0);
    begin(kernel);
    kernel->look.disturbed[1] = true;
    find(kernel, "secondary")->own[1] = false;
    look(kernel);
    assert_address(kernel, "secondary", true);
}

static void test_restores_what_the_kernel_forgot(void **state)
{
    struct kernel *kernel = *state;
    begin(kernel);
    for (unsigned port = 0; port < PAIR_PORTS; port++) {
        kernel->look.fresh[port] = true; /* set up again, or made anew */
        find(kernel, "A")->own[port] = find(kernel, "R")->own[port] = find(kernel, "R")->copy[port] = false;
        look(kernel);
        assert_address(kernel, "A", true);
        assert_route(kernel, "R", true);
    }
}

static void test_keeps_everything_while_both_are_gone(void **state)
{
    struct kernel *kernel = *state;
    begin(kernel);
    kernel->look.there[0] = kernel->look.there[1] = false;
    for (size_t i = 0; i < kernel->count; i++)
        for (unsigned port = 0; port < PAIR_PORTS; port++)
            kernel->things[i].own[port] = kernel->things[i].copy[port] = false;
    look(kernel);
    look(kernel);
    assert_int_equal(book_count(&kernel->book, BOOK_ROUTE), 1);
    kernel->look.there[1] = kernel->look.fresh[1] = true;
    fail_over(kernel);
    assert_true(find(kernel, "A")->own[1]);
    assert_true(find(kernel, "R")->own[1]);
}

/* Nobody renews an address on a port that hears no router. */
static void test_ignores_the_end_of_a_lifetime_on_the_other_port(void **state)
{
    struct kernel *kernel = *state;
    add(kernel, BOOK_ADDRESS, "leased", 0)->dynamic = true;
    begin(kernel);
    fail_over(kernel);
    find(kernel, "leased")->own[0] = false;
    look(kernel);
    assert_address(kernel, "leased", true);
    find(kernel, "leased")->own[1] = false;
    look(kernel);
    assert_address(kernel, "leased", false);
}

static void test_leaves_link_local_addresses_of_the_other_port(void **state)
{
    struct kernel *kernel = *state;
    begin(kernel);
    add(kernel, BOOK_ADDRESS, "fe80::2", 1)->link_local = true;
    add(kernel, BOOK_ADDRESS, "fe80::1", 0)->link_local = true;
    look(kernel);
    assert_false(find(kernel, "fe80::2")->own[0]);
    assert_true(find(kernel, "fe80::2")->own[1]);
    assert_address(kernel, "fe80::1", true);
    assert_int_equal(book_count(&kernel->book, BOOK_ADDRESS), 1);
}

static void test_adopts_what_an_earlier_one_left(void **state)
{
    struct kernel *kernel = *state;
    begin(kernel);
    fail_over(kernel);
    struct thing *stale = add(kernel, BOOK_ADDRESS, "removed meanwhile", 0);
    struct thing *route = add(kernel, BOOK_ROUTE, "removed too", 0);
    route->own[0] = false;
    route->copy[0] = true;
    book_clear(&kernel->book);
    book_init(&kernel->book, free);
    kernel->look.first = true;
    look(kernel);
    assert_address(kernel, "A", true);
    assert_route(kernel, "R", true);
    assert_false(stale->own[0] || stale->own[1]);
    assert_false(route->copy[0] || route->own[1]);
}

/* The copies are the memory when the active port was cleared while no erd ran. */
static void test_takes_copies_for_a_port_that_was_cleared(void **state)
{
    struct kernel *kernel = *state;
    begin(kernel);
    book_clear(&kernel->book);
    book_init(&kernel->book, free);
    find(kernel, "A")->own[0] = find(kernel, "R")->own[0] = false;
    kernel->look.carrier[0] = false;
    kernel->look.first = true;
    look(kernel);
    assert_address(kernel, "A", true);
    assert_route(kernel, "R", true);
}

static void test_tries_again(void **state)
{
    struct kernel *kernel = *state;
    add(kernel, BOOK_ADDRESS, "A", 0);
    kernel->look.first = true;
    kernel->refuses = ENOBUFS;
    read_kernel(kernel);
    assert_int_equal(book_settle(&kernel->book, 0, kernel->look.there, act, kernel), 1);
    kernel->refuses = 0;
    look(kernel);
    assert_address(kernel, "A", true);
}

static void test_removes_unknown_copies(void **state)
{
    struct kernel *kernel = *state;
    begin(kernel);
    struct thing *copy = add(kernel, BOOK_ROUTE, "nobody's", 1);
    copy->own[1] = false;
    copy->copy[1] = true;
    look(kernel);
    assert_false(copy->copy[1]);
    assert_false(copy->own[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_prepares_the_twin, setup, teardown),
        cmocka_unit_test_setup_teardown(test_moves_routes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_activates_with_few_steps, setup, teardown),
        cmocka_unit_test_setup_teardown(test_moves_back_before_the_rest_is_done, setup, teardown),
        cmocka_unit_test_setup_teardown(test_adds_gateways_last, setup, teardown),
        cmocka_unit_test_setup_teardown(test_follows_additions, setup, teardown),
        cmocka_unit_test_setup_teardown(test_follows_removals, setup, teardown),
        cmocka_unit_test_setup_teardown(test_follows_removal_of_a_route_on_the_active_port_only, setup, teardown),
        cmocka_unit_test_setup_teardown(test_adds_again_what_came_back, setup, teardown),
        cmocka_unit_test_setup_teardown(test_restores_what_was_cleared_without_carrier, setup, teardown),
        cmocka_unit_test_setup_teardown(test_follows_one_removal_without_carrier, setup, teardown),
        cmocka_unit_test_setup_teardown(test_restores_what_the_kernel_forgot, setup, teardown),
        cmocka_unit_test_setup_teardown(test_restores_what_is_cleared_step_by_step, setup, teardown),
        cmocka_unit_test_setup_teardown(test_restores_what_was_cleared_on_the_other_port, setup, teardown),
        cmocka_unit_test_setup_teardown(test_restores_what_went_with_an_address, setup, teardown),
        cmocka_unit_test_setup_teardown(test_keeps_everything_while_both_are_gone, setup, teardown),
        cmocka_unit_test_setup_teardown(test_ignores_the_end_of_a_lifetime_on_the_other_port, setup, teardown),
        cmocka_unit_test_setup_teardown(test_leaves_link_local_addresses_of_the_other_port, setup, teardown),
        cmocka_unit_test_setup_teardown(test_adopts_what_an_earlier_one_left, setup, teardown),
        cmocka_unit_test_setup_teardown(test_takes_copies_for_a_port_that_was_cleared, setup, teardown),
        cmocka_unit_test_setup_teardown(test_tries_again, setup, teardown),
        cmocka_unit_test_setup_teardown(test_removes_unknown_copies, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
