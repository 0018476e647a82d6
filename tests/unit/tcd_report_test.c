/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When reports go to which master, under simulated time. */
#include "tcd_report_simulation.h"

static void one_round_each_update(void **state)
{
    struct report_state s;
    (void)state;
    start(&s);
    simulate(&s, 0, 50, 3);
    uint64_t sequence = s.sequence;
    struct run run = simulate(&s, 50, 10050, 3);
    assert_in_range(run.reports[0], 99, 101);
    assert_int_equal(run.reports[0], run.reports[1]);
    assert_int_equal(s.sequence - sequence, (uint64_t)run.reports[0]); /* one number for all */
    assert_in_range(run.wanted[0], 9, 12);                             /* about once in a second */
}

static void nothing_is_said_while_muted(void **state)
{
    struct report_state s;
    (void)state;
    start(&s);
    s.muted = true;
    struct run run = simulate(&s, 0, 10000, 3);
    assert_int_equal(run.reports[0] + run.reports[1], 0);
    s.muted = false;
    report_news(&s, 10000);
    assert_int_equal(report_next(&s), 0);
    run = simulate(&s, 10000, 10001, 0);
    assert_int_equal(run.reports[0], 1);
    assert_false(s.masters[0].silent);
}

static void a_first_cookie_is_used_at_once(void **state)
{
    struct report_state s;
    struct report_order orders[REPORT_MASTERS_MAX];
    (void)state;
    start(&s);
    assert_int_equal(report_round(&s, 0, orders), 2);
    assert_true(orders[0].want_ack);
    answer(&s, "10.1.0.1", 9, 1);
    assert_int_equal(report_next(&s), 0);
    answer(&s, "10.2.0.1", 9, 1); /* the same over the other network */
    assert_int_equal(report_round(&s, 1, orders), 1);
    assert_int_equal(orders[0].master, 0);
    assert_int_equal(s.sequence, 2);
    assert_int_equal(s.masters[0].cookie[15], 9);
    assert_false(s.masters[1].has_cookie); /* a cookie is one master's */
    answer(&s, "10.1.0.1", 9, 2);
    assert_int_equal(s.masters[0].accepted, 2);
    assert_int_not_equal(report_next(&s), 0);
}

static void two_programs_do_not_excite_each_other(void **state)
{
    struct report_state s;
    struct report_order orders[REPORT_MASTERS_MAX];
    struct addr from = address("10.1.0.1");
    int sent = 0;
    (void)state;
    start(&s);
    for (uint64_t now = 0; now < 1000; now++) {
        while (report_next(&s) <= now) {
            if (report_round(&s, now, orders) == 0)
                break;
            sent++;
            struct wire_acknowledgement ack = ack_of(&s, 0, false, (uint8_t)(sent * 7 + 1)); /* never the same cookie */
            report_acknowledged(&s, &from, &ack, now);
        }
    }
    assert_in_range(sent, 10, 1000 / REPORT_REPEAT_MS + 20);
}

static void a_silent_master_is_tried_slowly(void **state)
{
    struct report_state s;
    (void)state;
    start(&s);
    simulate(&s, 0, 10000, 3);
    simulate(&s, 10000, 15000, 1); /* master2 dies */
    assert_true(s.masters[1].silent);
    assert_false(s.masters[1].addresses[0].acknowledged);
    assert_false(s.masters[0].silent);
    struct run run = simulate(&s, 15000, 65000, 1);
    assert_in_range(run.reports[1], 9, 11);
    assert_int_equal(run.wanted[1], run.reports[1]);
    assert_in_range(run.reports[0], 498, 502 + 11);
    run = simulate(&s, 65000, 75000, 3); /* it is back: heard at the next try, then all reports again */
    assert_false(s.masters[1].silent);
    assert_in_range(run.reports[1], 45, 102);
}

static void hello_ends_the_silence_at_once(void **state)
{
    struct report_state s;
    struct addr from = address("fd00:1::2");
    struct addr stranger = address("10.9.9.9");
    (void)state;
    start(&s);
    simulate(&s, 0, 8000, 1);
    assert_true(s.masters[1].silent);
    assert_false(report_hello(&s, &stranger, 8000));
    assert_true(report_hello(&s, &from, 8000));
    struct run run = simulate(&s, 8000, 8001, 0);
    assert_int_equal(run.reports[1], 1);
    assert_int_equal(run.wanted[1], 1);
    run = simulate(&s, 8001, 9001, 3);
    assert_in_range(run.reports[1], 10, 13);
}

static void refused_shortens_the_patience_but_an_answer_wins(void **state)
{
    struct report_state s;
    struct addr second = address("10.2.0.1");
    struct addr other = address("fd00:1::2");
    (void)state;
    start(&s);
    simulate(&s, 0, 5000, 3);
    for (uint64_t now = 5000; now < 9000; now += 100) { /* one network says "refused", the other answers */
        report_refused(&s, &second, now);
        report_refused(&s, &other, now);
        simulate(&s, now, now + 100, 1);
    }
    assert_false(s.masters[0].silent);
    assert_true(s.masters[1].silent);
    report_hello(&s, &other, 9000);
    report_refused(&s, &other, 9001);
    simulate(&s, 9001, 9400, 1);
    assert_false(s.masters[1].silent);
    simulate(&s, 9400, 9000 + REPORT_REFUSED_MS + 300, 1);
    assert_true(s.masters[1].silent); /* long before REPORT_SILENT_MS */
}

static void both_networks_get_every_report(void **state)
{
    struct report_state s;
    (void)state;
    start(&s);
    simulate(&s, 0, 20000, 3); /* master1 answers on its first network only */
    assert_false(s.masters[0].silent);
    assert_true(s.masters[0].addresses[0].acknowledged);
    assert_false(s.masters[0].addresses[1].acknowledged);
    answer(&s, "10.2.0.1", 1, 20000);
    assert_true(s.masters[0].addresses[1].acknowledged);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_round_each_update),
        cmocka_unit_test(nothing_is_said_while_muted),
        cmocka_unit_test(a_first_cookie_is_used_at_once),
        cmocka_unit_test(two_programs_do_not_excite_each_other),
        cmocka_unit_test(a_silent_master_is_tried_slowly),
        cmocka_unit_test(hello_ends_the_silence_at_once),
        cmocka_unit_test(refused_shortens_the_patience_but_an_answer_wins),
        cmocka_unit_test(both_networks_get_every_report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
