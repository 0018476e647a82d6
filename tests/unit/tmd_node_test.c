/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The node's state machine (thesis 3.12). */
#include "node.h"
#include "unit.h"

static enum node_condition after(enum node_condition condition, enum node_event event)
{
    return node_next(condition, event, false);
}

static void test_every_pair_leads_somewhere(void **state)
{
    (void)state;
    for (int c = 0; c < NODE_CONDITION_COUNT; c++)
        for (int e = 0; e < NODE_EVENT_COUNT; e++)
            for (int standby = 0; standby <= 1; standby++)
                assert_in_range(node_next((enum node_condition)c, (enum node_event)e, standby != 0), 0,
                                NODE_CONDITION_COUNT - 1);
}

static void test_a_report_brings_a_node_home(void **state)
{
    (void)state;
    static const enum node_condition away[] = {NODE_STARTING, NODE_SILENT, NODE_FAILED, NODE_LEAVING, NODE_LEFT};
    for (size_t i = 0; i < sizeof away / sizeof away[0]; i++) {
        assert_int_equal(node_next(away[i], NODE_REPORTS, false), NODE_SERVING);
        assert_int_equal(node_next(away[i], NODE_REPORTS, true), NODE_WAITING);
    }
}

static void test_index_0_takes_out_from_everywhere(void **state)
{
    (void)state;
    for (int c = 0; c < NODE_CONDITION_COUNT; c++)
        assert_int_equal(after((enum node_condition)c, NODE_REPORTS_DOWN), NODE_FAILED);
}

static void test_silence_takes_out_all_but_the_failed(void **state)
{
    (void)state;
    for (int c = 0; c < NODE_CONDITION_COUNT; c++) {
        enum node_condition to = after((enum node_condition)c, NODE_SILENCE);
        assert_int_equal(node_state(to), NODE_STATE_OUT_OF_CLUSTER);
        assert_int_equal(node_may_expire((enum node_condition)c), to != (enum node_condition)c);
    }
}

static void test_leaving_is_no_failure(void **state)
{
    (void)state;
    assert_int_equal(after(after(NODE_SERVING, NODE_REPORTS_LEAVING), NODE_SILENCE), NODE_LEFT);
    assert_int_equal(after(NODE_LEFT, NODE_REPORTS), NODE_SERVING);
}

static void test_a_drain_holds_until_it_is_lifted(void **state)
{
    (void)state;
    enum node_condition node = after(NODE_SERVING, NODE_HELD);
    assert_int_equal(node, NODE_DRAINING);
    node = after(node, NODE_REPORTS_HELD);
    assert_int_equal(node, NODE_DRAINING);
    node = after(node, NODE_IDLE);
    assert_int_equal(node, NODE_DRAINED);
    node = after(node, NODE_PROMOTED);
    assert_int_equal(node, NODE_DRAINED);
    node = after(node, NODE_SILENCE);
    assert_int_equal(node, NODE_SILENT);
    node = after(node, NODE_REPORTS_HELD);
    assert_int_equal(node, NODE_DRAINED);
    assert_int_equal(after(node, NODE_FREED), NODE_SERVING);
}

static void test_n_plus_m(void **state)
{
    (void)state;
    enum node_condition node = node_next(NODE_SILENT, NODE_REPORTS, true);
    assert_int_equal(node_state(node), NODE_STATE_STANDBY);
    node = node_next(node, NODE_PROMOTED, true);
    assert_int_equal(node_state(node), NODE_STATE_ACTIVE);
    node = node_next(node, NODE_REPORTS, true);
    assert_int_equal(node_state(node), NODE_STATE_ACTIVE);
    node = node_next(node, NODE_DEMOTED, true);
    assert_int_equal(node_state(node), NODE_STATE_IN_TRANSITION);
    assert_int_equal(node_next(node, NODE_PROMOTED, true), NODE_SERVING);
    assert_int_equal(node_next(node, NODE_IDLE, true), NODE_WAITING);
    assert_int_equal(node_next(NODE_WAITING, NODE_REPORTS, true), NODE_WAITING);
    assert_int_equal(node_next(NODE_WAITING, NODE_REPORTS, false), NODE_SERVING); /* made an active node by a reload */
}

static void test_nobody_who_is_out_is_promoted(void **state)
{
    (void)state;
    static const enum node_condition out[] = {NODE_LEAVING, NODE_DRAINING, NODE_DRAINED,
                                              NODE_FAILED,  NODE_SILENT,   NODE_LEFT};
    for (size_t i = 0; i < sizeof out / sizeof out[0]; i++)
        assert_int_equal(node_next(out[i], NODE_PROMOTED, true), out[i]);
}

static void test_names_are_the_thesis(void **state)
{
    (void)state;
    assert_string_equal(node_state_name(node_state(NODE_SERVING)), "active");
    assert_string_equal(node_state_name(node_state(NODE_WAITING)), "standby");
    assert_string_equal(node_state_name(node_state(NODE_DRAINING)), "in-transition");
    assert_string_equal(node_state_name(node_state(NODE_FAILED)), "out-of-cluster");
    assert_string_equal(node_reason(NODE_FAILED), "application down");
    for (int c = 0; c < NODE_CONDITION_COUNT; c++)
        assert_non_null(node_reason((enum node_condition)c));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_pair_leads_somewhere),
        cmocka_unit_test(test_a_report_brings_a_node_home),
        cmocka_unit_test(test_index_0_takes_out_from_everywhere),
        cmocka_unit_test(test_silence_takes_out_all_but_the_failed),
        cmocka_unit_test(test_leaving_is_no_failure),
        cmocka_unit_test(test_a_drain_holds_until_it_is_lifted),
        cmocka_unit_test(test_n_plus_m),
        cmocka_unit_test(test_nobody_who_is_out_is_promoted),
        cmocka_unit_test(test_names_are_the_thesis),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
