/* SPDX-License-Identifier: GPL-2.0-or-later */
/* N+M, drains, the adoption of what the kernel has, and anything in any order, under virtual time. */
#include "tmd_world.h"

#include "ipvs_table.h"

static const char *const a[] = {A, NULL};
static const char *const as[] = {A, S, NULL};
static const char *const abs_[] = {A, B, S, NULL};
static const char *const bs[] = {B, S, NULL};
static const char *const abss[] = {A, B, S, S2, NULL};
static const char *const ss[] = {S, S2, NULL};
static const char two[] = TIMEOUT WEB "traffic1 " A "\ntraffic2 " B "\n";
static const char two_plus_two[] = TIMEOUT WEB "traffic1 " A "\ntraffic2 " B "\n" S "\n" S2 "\n";

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

/* The administrator changes a node's role while it runs. */
static void test_a_reload_changes_roles(void **state)
{
    (void)state;
    static const char three[] = TIMEOUT WEB "traffic1 " A "\ntraffic2 " B "\ntraffic3 " S "\n";
    static const char two_plus_one[] = TIMEOUT WEB "traffic1 " A "\ntraffic2 " B "\n" S "\n";
    struct world w;
    begin(&w, two_plus_one);
    run(&w, 1000, abs_);
    assert_int_equal(state_of(&w, S), NODE_STATE_STANDBY);
    reload(&w, three);
    run(&w, 500, abs_);
    assert_int_equal(state_of(&w, S), NODE_STATE_ACTIVE);
    assert_true(wanted(&w, S)->weight > 0);
    reload(&w, two_plus_one);
    run(&w, 11000, abs_);
    assert_null(wanted(&w, S));
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

static void put(struct ipvs_table *table, const struct config_service *service, const char *address, uint32_t weight)
{
    struct ipvs_server server = {.address = an_address(address), .port = 80, .weight = weight};
    assert_int_equal(ipvs_table_put(table, &service->service), 0);
    assert_int_equal(ipvs_table_put_server(table, &service->service, &server), 0);
}

/* What manager.c does at its start. */
static void start_with(struct world *w, const struct ipvs_table *table)
{
    for (size_t s = 0; s < w->config->service_count; s++)
        placement_adopt_strangers(table, &w->config->services[s], w->pool, w->now_ms);
    for (size_t s = 0; s < w->config->service_count; s++)
        for (size_t i = 0; i < pool_count(w->pool); i++) {
            const struct ipvs_server *server;
            if (placement_find(table, &w->config->services[s], pool_at(w->pool, i), &server))
                pool_adopt(w->pool, pool_at(w->pool, i), s, server->weight);
        }
}

#define STRANGE "10.1.0.77"
#define STRANGE6 "fd00:1::77"
#define WEB6 "service web tcp fd00:1::100 80\n"
#define ANY "join any\n" TIMEOUT WEB WEB6 "sorry web 10.1.0.200\ntraffic1 " A "\n"

/* join any: a restart of the manager takes no node out that had joined. */
static void test_joined_nodes_survive_a_restart(void **state)
{
    (void)state;
    struct world w;
    struct ipvs_table table = {0};
    begin(&w, ANY);
    put(&table, &w.config->services[0], A, 50);
    put(&table, &w.config->services[0], STRANGE, 42);
    put(&table, &w.config->services[0], "10.1.0.78", 0);  /* drains */
    put(&table, &w.config->services[0], "10.1.0.200", 1); /* the sorry server */
    put(&table, &w.config->services[1], STRANGE6, 41);
    start_with(&w, &table);
    assert_int_equal(pool_count(w.pool), 3);
    assert_int_equal(state_of(&w, STRANGE), NODE_STATE_IN_TRANSITION);
    assert_int_equal(wanted(&w, STRANGE)->weight, 42);
    struct wire_report said = a_report(STRANGE, 5000);
    said.address6 = an_address(STRANGE6);
    strcpy(said.name, "t77");
    w.now_ms += 100;
    report(&w, A, 5000);
    pool_introduce(w.pool, node(&w, STRANGE), &said);
    pool_report(w.pool, node(&w, STRANGE), &said, w.now_ms);
    assert_int_equal(pool_count(w.pool), 2); /* both addresses are one node */
    assert_ptr_equal(node(&w, STRANGE), node(&w, STRANGE6));
    assert_string_equal(node(&w, STRANGE)->name, "t77");
    assert_int_equal(state_of(&w, STRANGE), NODE_STATE_ACTIVE);
    pool_balance(w.pool, w.now_ms);
    assert_in_range(wanted(&w, STRANGE)->weight, 95, 100); /* no slow start */
    const struct executor_wanted *all = placement_build(w.placement, w.config, w.pool);
    assert_int_equal(all->services[1].server_count, 1);
    assert_in_range(all->services[1].servers[0].weight, 95, 100);
    ipvs_table_free(&table);
    end(&w);
}

static void test_a_joined_node_that_is_gone(void **state)
{
    (void)state;
    struct world w;
    struct ipvs_table table = {0};
    begin(&w, ANY);
    put(&table, &w.config->services[0], STRANGE, 42);
    start_with(&w, &table);
    run(&w, 300, a);
    assert_int_equal(wanted(&w, STRANGE)->weight, 42);
    run(&w, 100, a);
    assert_true(wanted(&w, STRANGE)->remove_now);
    end(&w);
    begin(&w, two); /* join listed: nobody knows it */
    start_with(&w, &table);
    assert_int_equal(pool_count(w.pool), 2);
    ipvs_table_free(&table);
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
        cmocka_unit_test(test_n_plus_m_in_the_same_step),
        cmocka_unit_test(test_a_standby_serves_until_the_slow_start_is_over),
        cmocka_unit_test(test_a_reload_changes_roles),
        cmocka_unit_test(test_flapping_does_not_reach_the_standby),
        cmocka_unit_test(test_a_drain_holds),
        cmocka_unit_test(test_adopted_weights_stay_until_all_have_spoken),
        cmocka_unit_test(test_an_adopted_node_that_is_dead),
        cmocka_unit_test(test_joined_nodes_survive_a_restart),
        cmocka_unit_test(test_a_joined_node_that_is_gone),
        cmocka_unit_test(test_anything_may_happen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
