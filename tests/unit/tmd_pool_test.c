/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pool of nodes under virtual time: silence, N+M, drains, joining, adoption, reload. */
#include "placement.h"
#include "pool.h"
#include "tmd_test.h"

#include <errno.h>

#define TIMEOUT "timeout 400\n"
#define WEB "service web tcp 10.1.0.100 80\n"

struct world {
    struct config *config;
    struct pool *pool;
    struct placement *placement;
    uint64_t now_ms;
    unsigned changes; /* of conditions */
};

static void count_change(void *context, const struct pool_node *node, enum node_condition from)
{
    struct world *w = context;
    assert_int_not_equal(node->condition, from);
    w->changes++;
}

static void begin(struct world *w, const char *text)
{
    *w = (struct world){.config = a_config(text), .now_ms = 5000};
    w->pool = pool_new(count_change, w);
    w->placement = placement_new();
    assert_non_null(w->pool);
    assert_int_equal(pool_configure(w->pool, w->config, w->now_ms), 0);
}

static void end(struct world *w)
{
    pool_free(w->pool);
    placement_free(w->placement);
    config_free(w->config);
}

static struct pool_node *node(const struct world *w, const char *text)
{
    struct addr address = an_address(text);
    struct pool_node *found = pool_find(w->pool, &address);
    assert_non_null(found);
    return found;
}

static enum node_state state_of(const struct world *w, const char *text)
{
    return node_state(node(w, text)->condition);
}

static void report_as(struct world *w, const char *text, uint32_t index, uint8_t flags)
{
    struct wire_report report = a_report(text, index);
    report.flags = flags;
    pool_report(w->pool, node(w, text), &report, w->now_ms);
}

static void report(struct world *w, const char *text, uint32_t index)
{
    report_as(w, text, index, 0);
}

/* Time goes on in steps of 100 ms; in each, these nodes (ends with NULL) report an index of 5000. */
static void run(struct world *w, uint64_t ms, const char *const *texts)
{
    for (uint64_t end_ms = w->now_ms + ms; w->now_ms < end_ms;) {
        w->now_ms += 100;
        for (size_t i = 0; texts[i] != NULL; i++)
            report(w, texts[i], 5000);
        pool_expire(w->pool, w->now_ms);
        pool_balance(w->pool, w->now_ms);
    }
}

/* What the executor is told about the server in the first service, or NULL. */
static const struct executor_wanted_server *wanted(struct world *w, const char *text)
{
    const struct executor_wanted *table = placement_build(w->placement, w->config, w->pool);
    struct addr address = an_address(text);
    assert_non_null(table);
    for (size_t i = 0; i < table->services[0].server_count; i++)
        if (addr_equal(&table->services[0].servers[i].address, &address))
            return &table->services[0].servers[i];
    return NULL;
}

#define A "10.1.0.11"
#define B "10.1.0.12"
#define S "10.1.0.15"
#define S2 "10.1.0.16"
static const char *const a[] = {A, NULL};
static const char *const ab[] = {A, B, NULL};
static const char *const as[] = {A, S, NULL};
static const char *const abs_[] = {A, B, S, NULL};
static const char *const bs[] = {B, S, NULL};
static const char *const abss[] = {A, B, S, S2, NULL};
static const char *const ss[] = {S, S2, NULL};
static const char two[] = TIMEOUT WEB "traffic1 " A "\ntraffic2 " B "\n";
static const char two_plus_two[] = TIMEOUT WEB "traffic1 " A "\ntraffic2 " B "\n" S "\n" S2 "\n";

static void test_silence_and_return(void **state)
{
    (void)state;
    struct world w;
    begin(&w, two);
    assert_int_equal(state_of(&w, A), NODE_STATE_IN_TRANSITION);
    run(&w, 1000, ab);
    assert_int_equal(state_of(&w, A), NODE_STATE_ACTIVE);
    run(&w, 300, a);
    assert_int_equal(state_of(&w, B), NODE_STATE_ACTIVE);
    run(&w, 100, a);
    assert_int_equal(state_of(&w, B), NODE_STATE_OUT_OF_CLUSTER);
    assert_true(wanted(&w, B)->remove_now);
    assert_false(wanted(&w, A)->remove_now);
    report(&w, B, 5000);
    assert_int_equal(state_of(&w, B), NODE_STATE_ACTIVE);
    assert_true(wanted(&w, B)->weight > 0);
    assert_false(wanted(&w, B)->remove_now);
    end(&w);
}

static void test_expiry_says_when_to_look_again(void **state)
{
    (void)state;
    struct world w;
    begin(&w, two);
    assert_int_equal(pool_expire(w.pool, w.now_ms), 5400);
    w.now_ms = 5100;
    report(&w, A, 1);
    assert_int_equal(pool_expire(w.pool, w.now_ms), 5400); /* of B */
    w.now_ms = 5200;
    report(&w, B, 1);
    assert_int_equal(pool_expire(w.pool, w.now_ms), 5500); /* of A */
    assert_int_equal(pool_expire(w.pool, 5500), 5600);
    assert_int_equal(pool_expire(w.pool, 5600), UINT64_MAX);
    assert_int_equal(state_of(&w, B), NODE_STATE_OUT_OF_CLUSTER);
    end(&w);
}

static void test_a_manager_that_was_held_up_forgives(void **state)
{
    (void)state;
    struct world w;
    begin(&w, two);
    run(&w, 500, ab);
    w.now_ms += 3000;    /* the machine stood still */
    report(&w, B, 5000); /* was in the socket */
    pool_forgive(w.pool, 3000, w.now_ms);
    pool_expire(w.pool, w.now_ms);
    assert_int_equal(state_of(&w, A), NODE_STATE_ACTIVE);
    assert_true(node(&w, B)->last_ms == w.now_ms); /* not later than now */
    pool_expire(w.pool, w.now_ms + 400);
    assert_int_equal(state_of(&w, A), NODE_STATE_OUT_OF_CLUSTER);
    assert_int_equal(state_of(&w, B), NODE_STATE_OUT_OF_CLUSTER);
    end(&w);
}

static void test_index_0_is_at_once(void **state)
{
    (void)state;
    struct world w;
    begin(&w, two);
    run(&w, 1000, ab);
    report(&w, B, 0);
    assert_int_equal(state_of(&w, B), NODE_STATE_OUT_OF_CLUSTER);
    assert_string_equal(node_reason(node(&w, B)->condition), "application down");
    assert_null(wanted(&w, B)); /* drained: its connections may still be answered */
    run(&w, 60000, a);          /* updates stop until it passes again */
    assert_null(wanted(&w, B));
    report(&w, B, 1);
    assert_int_equal(state_of(&w, B), NODE_STATE_ACTIVE);
    end(&w);
}

static void test_a_leaving_node_is_drained(void **state)
{
    (void)state;
    struct world w;
    begin(&w, two);
    run(&w, 1000, ab);
    report_as(&w, B, 5000, WIRE_DRAINING);
    assert_int_equal(state_of(&w, B), NODE_STATE_IN_TRANSITION);
    assert_null(wanted(&w, B));
    run(&w, 400, a); /* it is gone */
    assert_int_equal(state_of(&w, B), NODE_STATE_OUT_OF_CLUSTER);
    end(&w);
}

static void test_n_plus_m_in_the_same_step(void **state)
{
    (void)state;
    struct world w;
    begin(&w, two_plus_two);
    run(&w, 1000, abss);
    assert_int_equal(state_of(&w, S), NODE_STATE_STANDBY);
    assert_null(wanted(&w, S));
    report(&w, A, 0);
    assert_int_equal(state_of(&w, S), NODE_STATE_ACTIVE); /* before anything else happens */
    assert_true(wanted(&w, S)->weight > 0);
    assert_int_equal(state_of(&w, S2), NODE_STATE_STANDBY);
    run(&w, 400, ss); /* B is silent now */
    assert_int_equal(state_of(&w, B), NODE_STATE_OUT_OF_CLUSTER);
    assert_int_equal(state_of(&w, S2), NODE_STATE_ACTIVE);
    end(&w);
}

static void test_a_standby_serves_until_the_slow_start_is_over(void **state)
{
    (void)state;
    struct world w;
    begin(&w, two_plus_two);
    run(&w, 20000, abs_);
    run(&w, 60000, bs);
    assert_int_equal(state_of(&w, S), NODE_STATE_ACTIVE);
    run(&w, 9000, abs_); /* A is back */
    assert_int_equal(state_of(&w, A), NODE_STATE_ACTIVE);
    assert_int_equal(state_of(&w, S), NODE_STATE_ACTIVE);
    run(&w, 1500, abs_);
    assert_int_equal(state_of(&w, S), NODE_STATE_IN_TRANSITION);
    assert_null(wanted(&w, S));
    pool_idle(w.pool, node(&w, S), w.now_ms);
    assert_int_equal(state_of(&w, S), NODE_STATE_STANDBY);
    end(&w);
}

/* An active node that comes and goes does not make its standby come and go. */
static void test_flapping_does_not_reach_the_standby(void **state)
{
    (void)state;
    struct world w;
    begin(&w, two_plus_two);
    run(&w, 20000, abs_);
    run(&w, 20000, bs);
    unsigned before = w.changes;
    for (int i = 0; i < 20; i++) {
        run(&w, 500, abs_);
        run(&w, 600, bs);
        assert_int_equal(state_of(&w, S), NODE_STATE_ACTIVE);
    }
    assert_int_equal(w.changes - before, 40); /* A's alone */
    end(&w);
}

static void test_a_drain_holds(void **state)
{
    (void)state;
    struct world w;
    begin(&w, two_plus_two);
    run(&w, 20000, abss);
    pool_override(w.pool, node(&w, A), WIRE_OVERRIDE_DRAIN, 0, w.now_ms);
    assert_int_equal(state_of(&w, A), NODE_STATE_IN_TRANSITION);
    assert_null(wanted(&w, A));
    assert_int_equal(state_of(&w, S), NODE_STATE_ACTIVE);
    run(&w, 1000, abss);
    pool_idle(w.pool, node(&w, A), w.now_ms);
    assert_int_equal(state_of(&w, A), NODE_STATE_OUT_OF_CLUSTER);
    run(&w, 1000, bs); /* it is rebooted meanwhile */
    run(&w, 1000, abss);
    assert_null(wanted(&w, A));
    pool_override(w.pool, node(&w, A), WIRE_OVERRIDE_NONE, 0, w.now_ms);
    assert_int_equal(state_of(&w, A), NODE_STATE_ACTIVE);
    end(&w);
}

static void test_a_fixed_weight_holds(void **state)
{
    (void)state;
    struct world w;
    begin(&w, two);
    run(&w, 20000, ab);
    pool_override(w.pool, node(&w, A), WIRE_OVERRIDE_WEIGHT, 7, w.now_ms);
    run(&w, 1000, ab);
    assert_int_equal(wanted(&w, A)->weight, 7);
    assert_true(wanted(&w, A)->forced);
    pool_override(w.pool, node(&w, A), WIRE_OVERRIDE_WEIGHT, 0, w.now_ms); /* quiesced */
    assert_int_equal(wanted(&w, A)->weight, 0);
    assert_false(wanted(&w, A)->remove_now);
    report(&w, A, 0); /* a fixed weight does not keep a dead application in */
    assert_null(wanted(&w, A));
    report(&w, A, 5000);
    pool_override(w.pool, node(&w, A), WIRE_OVERRIDE_NONE, 0, w.now_ms);
    assert_true(wanted(&w, A)->weight > 90);
    end(&w);
}

static void test_services_fail_one_by_one(void **state)
{
    (void)state;
    struct world w;
    begin(&w, TIMEOUT WEB "service mail tcp 10.1.0.100 25\ntraffic1 " A "\n");
    struct wire_report mixed = a_report(A, 5000);
    mixed.service_count = 2;
    strcpy(mixed.services[0].name, "web");
    strcpy(mixed.services[1].name, "mail");
    mixed.services[1].up = true;
    pool_report(w.pool, node(&w, A), &mixed, w.now_ms);
    assert_null(wanted(&w, A));
    const struct executor_wanted *table = placement_build(w.placement, w.config, w.pool);
    assert_int_equal(table->services[1].server_count, 1);
    assert_true(table->services[1].servers[0].weight > 0);
    mixed.services[0].up = true;
    pool_report(w.pool, node(&w, A), &mixed, w.now_ms);
    assert_true(wanted(&w, A)->weight > 0);
    end(&w);
}

static void test_joining(void **state)
{
    (void)state;
    struct world w;
    begin(&w, TIMEOUT WEB "join any\ntraffic1 " A "\n");
    struct wire_report stranger = a_report("10.1.0.77", 5000);
    strcpy(stranger.name, "new");
    struct pool_node *joined = pool_join(w.pool, &stranger, w.now_ms);
    assert_non_null(joined);
    assert_string_equal(joined->name, "new");
    pool_report(w.pool, joined, &stranger, w.now_ms);
    assert_int_equal(state_of(&w, "10.1.0.77"), NODE_STATE_ACTIVE);
    assert_true(wanted(&w, "10.1.0.77")->weight > 0);
    stranger = a_report("10.1.0.78", 5000);
    strcpy(stranger.name, "new"); /* taken */
    joined = pool_join(w.pool, &stranger, w.now_ms);
    assert_string_equal(joined->name, "10.1.0.78");
    run(&w, 1000, a);
    assert_int_equal(state_of(&w, "10.1.0.77"), NODE_STATE_OUT_OF_CLUSTER);
    end(&w);
    begin(&w, two);
    assert_null(pool_join(w.pool, &stranger, w.now_ms));
    end(&w);
}

static void test_adopted_weights_stay_until_all_have_spoken(void **state)
{
    (void)state;
    struct world w;
    begin(&w, two_plus_two);
    pool_adopt(w.pool, node(&w, A), 0, 42);
    pool_adopt(w.pool, node(&w, S), 0, 17); /* it served in B's place */
    pool_balance(w.pool, w.now_ms);
    assert_int_equal(wanted(&w, A)->weight, 42);
    assert_int_equal(wanted(&w, S)->weight, 17);
    assert_null(wanted(&w, B)); /* the kernel does not know it, and it has not reported */
    run(&w, 200, as);
    assert_int_equal(state_of(&w, S), NODE_STATE_ACTIVE);
    assert_int_equal(wanted(&w, A)->weight, 42);
    assert_int_equal(wanted(&w, S)->weight, 17);
    run(&w, 300, as); /* B was silent for the timeout */
    assert_true(wanted(&w, B)->remove_now);
    assert_in_range(wanted(&w, A)->weight, 95, 100); /* no slow start: they served all the time */
    assert_in_range(wanted(&w, S)->weight, 95, 100);
    end(&w);
}

static void test_an_adopted_node_that_is_dead(void **state)
{
    (void)state;
    struct world w;
    begin(&w, two);
    pool_adopt(w.pool, node(&w, A), 0, 42);
    pool_adopt(w.pool, node(&w, B), 0, 42);
    run(&w, 300, a);
    assert_int_equal(wanted(&w, B)->weight, 42);
    run(&w, 100, a);
    assert_true(wanted(&w, B)->remove_now);
    end(&w);
}

static void test_reload(void **state)
{
    (void)state;
    struct world w;
    begin(&w, two);
    run(&w, 1000, ab);
    uint64_t generation = node(&w, A)->admission.generation;
    struct config *next = a_config(TIMEOUT WEB "traffic1 " A " name=first\ntraffic9 10.1.0.19\n");
    assert_int_equal(pool_configure(w.pool, next, w.now_ms), 0);
    config_free(w.config);
    w.config = next;
    assert_int_equal(pool_count(w.pool), 2);
    assert_int_equal(state_of(&w, A), NODE_STATE_ACTIVE);
    assert_int_equal(node(&w, A)->admission.generation, generation);
    assert_string_equal(node(&w, A)->name, "first");
    assert_int_equal(state_of(&w, "10.1.0.19"), NODE_STATE_IN_TRANSITION);
    struct addr gone = an_address(B);
    assert_null(pool_find(w.pool, &gone));
    assert_null(wanted(&w, B)); /* drained */
    run(&w, 500, a);
    assert_int_equal(state_of(&w, "10.1.0.19"), NODE_STATE_OUT_OF_CLUSTER);
    end(&w);
}

static void test_a_reload_with_another_policy(void **state)
{
    (void)state;
    struct world w;
    begin(&w, two);
    run(&w, 15000, ab);
    struct config *next = a_config("policy pressure\n" TIMEOUT WEB "traffic1 " A "\ntraffic2 " B "\n");
    assert_int_equal(pool_configure(w.pool, next, w.now_ms), 0);
    config_free(w.config);
    w.config = next;
    assert_int_equal(wanted(&w, A)->weight, 100); /* nothing is known yet */
    run(&w, 1000, ab);
    assert_in_range(wanted(&w, A)->weight, 62, 63); /* half is free */
    end(&w);
}

static void test_families_and_the_sorry_server(void **state)
{
    (void)state;
    struct world w;
    begin(&w, TIMEOUT WEB "service web tcp fd00:1::100 80\nsorry web 10.1.0.200 forward=tunnel\n"
                          "traffic1 " A " fd00:1::11\ntraffic2 fd00:1::12\n");
    const struct executor_wanted *table = placement_build(w.placement, w.config, w.pool);
    assert_int_equal(table->services[0].server_count, 1);
    assert_int_equal(table->services[0].servers[0].forward, IPVS_TUNNEL);
    assert_int_equal(table->services[1].server_count, 0); /* it has no sorry server */
    report(&w, "fd00:1::11", 5000);                       /* the same node by its other address */
    report(&w, "fd00:1::12", 5000);
    table = placement_build(w.placement, w.config, w.pool);
    assert_int_equal(table->services[0].server_count, 1);
    assert_null(wanted(&w, "10.1.0.200"));
    assert_true(wanted(&w, A)->weight > 0);
    assert_int_equal(table->services[1].server_count, 2);
    report(&w, "fd00:1::11", 0);
    assert_int_equal(wanted(&w, "10.1.0.200")->weight, 1);
    end(&w);
}

/* Any order of events: the sums stay right, and no two nodes more serve than are wanted, but for slow starts. */
static void test_anything_may_happen(void **state)
{
    (void)state;
    static const char *const names[] = {A, B, S, S2};
    for (uint64_t seed = 1; seed <= 50; seed++) {
        struct chance chance = {seed};
        struct world w;
        begin(&w, two_plus_two);
        for (int n = 0; n < 2000; n++) {
            const char *name = names[chance_next(&chance) % 4];
            w.now_ms += chance_next(&chance) % 100;
            switch (chance_next(&chance) % 16) {
            case 0:
                report(&w, name, 0);
                break;
            case 1:
                report_as(&w, name, 5000, WIRE_DRAINING);
                break;
            case 2:
                pool_override(w.pool, node(&w, name), (enum wire_override_kind)(chance_next(&chance) % 3),
                              chance_next(&chance) % 100, w.now_ms);
                break;
            case 3:
                pool_idle(w.pool, node(&w, name), w.now_ms);
                break;
            case 4:
                assert_true(pool_expire(w.pool, w.now_ms) > w.now_ms);
                break;
            case 5:
                pool_balance(w.pool, w.now_ms);
                break;
            default:
                report(&w, name, chance_next(&chance));
                break;
            }
            for (size_t i = 0; i < 4; i++) {
                const struct pool_node *one = node(&w, names[i]);
                assert_int_equal(one->policy.serving, one->condition == NODE_SERVING);
                assert_true(one->policy.weight <= 100);
                if (one->condition == NODE_SERVING)
                    assert_int_not_equal(one->override_kind, WIRE_OVERRIDE_DRAIN);
            }
        }
        end(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_silence_and_return),
        cmocka_unit_test(test_expiry_says_when_to_look_again),
        cmocka_unit_test(test_a_manager_that_was_held_up_forgives),
        cmocka_unit_test(test_index_0_is_at_once),
        cmocka_unit_test(test_a_leaving_node_is_drained),
        cmocka_unit_test(test_n_plus_m_in_the_same_step),
        cmocka_unit_test(test_a_standby_serves_until_the_slow_start_is_over),
        cmocka_unit_test(test_flapping_does_not_reach_the_standby),
        cmocka_unit_test(test_a_drain_holds),
        cmocka_unit_test(test_a_fixed_weight_holds),
        cmocka_unit_test(test_services_fail_one_by_one),
        cmocka_unit_test(test_joining),
        cmocka_unit_test(test_adopted_weights_stay_until_all_have_spoken),
        cmocka_unit_test(test_an_adopted_node_that_is_dead),
        cmocka_unit_test(test_reload),
        cmocka_unit_test(test_a_reload_with_another_policy),
        cmocka_unit_test(test_families_and_the_sorry_server),
        cmocka_unit_test(test_anything_may_happen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
