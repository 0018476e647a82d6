/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What masters know and must learn, under simulated time: index 0, restarts, foreign answers, reloads. */
#include "tcd_report_simulation.h"

/* Index 0: at once, again until acknowledged, then nothing; thesis 3.24.11. */
static void stopped_reports_end_when_they_are_known(void **state)
{
    struct report_state s;
    (void)state;
    start(&s);
    simulate(&s, 0, 5050, 3);
    s.stopped = true;
    report_news(&s, 5050);
    struct run run = simulate(&s, 5050, 5051, 0);
    assert_int_equal(run.reports[0], 1); /* at once, to every master */
    assert_int_equal(run.reports[1], 1);
    assert_int_equal(run.wanted[0], 1);
    assert_false(report_news_known(&s));
    run = simulate(&s, 5051, 5551, 0); /* the answers are lost */
    assert_int_equal(run.reports[0], 5);
    run = simulate(&s, 5551, 6551, 1); /* master1 answers, master2 does not */
    assert_int_equal(run.reports[0], 1);
    assert_int_equal(run.reports[1], 10);
    run = simulate(&s, 6551, 60000, 3);
    assert_int_equal(run.reports[0], 0);
    assert_int_equal(run.reports[1], 1);
    assert_true(report_news_known(&s));
    assert_false(s.masters[0].silent); /* who says nothing cannot miss an answer */
    s.stopped = false;
    report_news(&s, 60000);
    run = simulate(&s, 60000, 61000, 3);
    assert_in_range(run.reports[0], 10, 12);
}

static void a_restarted_master_learns_the_index_0(void **state)
{
    struct report_state s;
    struct addr from = address("10.1.0.1");
    (void)state;
    start(&s);
    simulate(&s, 0, 1000, 3);
    s.stopped = true;
    report_news(&s, 1000);
    simulate(&s, 1000, 5000, 3);
    assert_true(report_hello(&s, &from, 5000));
    struct run run = simulate(&s, 5000, 6000, 3);
    assert_int_equal(run.reports[0], 1);
    assert_int_equal(run.reports[1], 0);
}

static void a_master_with_new_cookies_knows_nothing_yet(void **state)
{
    struct report_state s;
    struct addr from = address("10.1.0.1");
    (void)state;
    start(&s);
    simulate(&s, 0, 1000, 3);
    s.stopped = true;
    report_news(&s, 1000);
    simulate(&s, 1000, 2000, 3);
    assert_true(report_news_known(&s));
    struct wire_acknowledgement ack = ack_of(&s, 0, false, 200); /* another instance, that has not seen the news */
    assert_true(report_acknowledged(&s, &from, &ack, 2001));
    assert_false(report_news_known(&s));
    assert_int_equal(report_next(&s), 0);
}

static void answers_that_are_not_ours_change_nothing(void **state)
{
    struct report_state s;
    struct addr from = address("10.1.0.1");
    struct addr stranger = address("10.1.0.3");
    (void)state;
    start(&s);
    simulate(&s, 0, 1000, 3);
    struct report_state before = s;
    struct wire_acknowledgement ack = ack_of(&s, 0, true, 50);
    assert_false(report_acknowledged(&s, &stranger, &ack, 1000));
    ack.session++;
    assert_false(report_acknowledged(&s, &from, &ack, 1000));
    ack.session--;
    ack.sequence = s.sequence + 1; /* of a report that we never sent */
    assert_false(report_acknowledged(&s, &from, &ack, 1000));
    ack.sequence = s.masters[0].answered - 1; /* replayed */
    assert_false(report_acknowledged(&s, &from, &ack, 1000));
    assert_memory_equal(&before, &s, sizeof(s));
}

static void who_does_not_take_us_need_not_know(void **state)
{
    struct report_state s;
    struct addr from = address("fd00:1::2");
    struct report_order orders[REPORT_MASTERS_MAX];
    (void)state;
    start(&s);
    simulate(&s, 0, 1000, 1);
    report_news(&s, 1000);
    report_round(&s, 1000, orders);
    answer(&s, "10.1.0.1", 1, 1000);
    struct wire_acknowledgement ack = ack_of(&s, 1, false, 5);
    report_acknowledged(&s, &from, &ack, 1000);
    assert_false(report_news_known(&s)); /* so far only a cookie */
    report_round(&s, 1020, orders);
    ack = ack_of(&s, 1, false, 5);
    report_acknowledged(&s, &from, &ack, 1020);
    assert_true(report_news_known(&s));
}

static void a_late_loop_sends_no_burst(void **state)
{
    struct report_state s;
    struct report_order orders[REPORT_MASTERS_MAX];
    (void)state;
    start(&s);
    simulate(&s, 0, 1000, 3);
    report_round(&s, 60000, orders);
    assert_int_equal(s.round_ms, 60000 + UPDATES);
}

static void slow_updates_have_their_own_patience(void **state)
{
    struct report_state s;
    struct report_master master = {.name = "master1", .count = 1};
    (void)state;
    master.addresses[0].address = address("10.1.0.1");
    report_init(&s, 0);
    report_configure(&s, &master, 1, 60000, RETRY, 0);
    s.muted = false;
    simulate(&s, 0, 120001, 1);
    assert_false(s.masters[0].silent);
    simulate(&s, 120001, 240001, 0);
    assert_false(s.masters[0].silent);
    simulate(&s, 240001, 420001, 0);
    assert_true(s.masters[0].silent);
}

static void slow_updates_do_not_slow_the_news_down(void **state)
{
    struct report_state s;
    (void)state;
    start(&s);
    s.updates_ms = 5000;
    simulate(&s, 0, 10001, 3);
    s.stopped = true;
    report_news(&s, 11000);
    struct run run = simulate(&s, 11000, 11951, 1); /* master2's answers are lost */
    assert_int_equal(run.reports[0], 1);
    assert_int_equal(run.reports[1], 10);
    assert_int_equal(run.wanted[1], 10);
    run = simulate(&s, 11951, 20000, 3);
    assert_int_equal(run.reports[0], 0);
    assert_int_equal(run.reports[1], 1);
    s.stopped = false;
    report_news(&s, 20000);
    run = simulate(&s, 20000, 40000, 3);
    assert_in_range(run.reports[0], 4, 5); /* known: the rounds again */
}

static void another_configuration_keeps_what_is_known(void **state)
{
    struct report_state s;
    struct report_master masters[2] = {{.name = "master7", .session = 7, .count = 2},
                                       {.name = "master8", .session = 8, .count = 1}};
    (void)state;
    masters[0].addresses[0].address = address("10.3.0.1");
    masters[0].addresses[1].address = address("10.1.0.1");
    masters[1].addresses[0].address = address("10.1.0.8");
    start(&s);
    simulate(&s, 0, 1000, 3);
    report_configure(&s, masters, 2, UPDATES, RETRY, 1000);
    assert_string_equal(s.masters[0].name, "master7");
    assert_true(s.masters[0].has_cookie);
    assert_false(s.masters[0].addresses[0].acknowledged);
    assert_true(s.masters[0].addresses[1].acknowledged);
    assert_false(s.masters[1].has_cookie);
    assert_int_equal(s.masters[0].session, SESSION);
    assert_int_equal(s.masters[1].session, 8);
}

static void a_master_that_becomes_two_gets_a_second_session(void **state)
{
    struct report_state s;
    struct report_master masters[2] = {{.name = "master1", .session = 7, .count = 1},
                                       {.name = "master2", .session = 8, .count = 1}};
    (void)state;
    masters[0].addresses[0].address = address("10.1.0.1");
    masters[1].addresses[0].address = address("10.2.0.1");
    start(&s);
    simulate(&s, 0, 1000, 3);
    report_configure(&s, masters, 2, UPDATES, RETRY, 1000);
    assert_int_equal(s.masters[0].session, SESSION);
    assert_int_equal(s.masters[1].session, 8);
    assert_false(s.masters[1].has_cookie);
}

/* An authentic answer of master1, sent again with the source address of master2. */
static void an_answer_fits_one_master_only(void **state)
{
    struct report_state s;
    struct report_order orders[REPORT_MASTERS_MAX];
    struct addr from1 = address("10.1.0.1");
    struct addr from2 = address("fd00:1::2");
    (void)state;
    start(&s);
    simulate(&s, 0, 1000, 3);
    s.stopped = true;
    report_news(&s, 1000);
    report_round(&s, 1000, orders);
    struct wire_acknowledgement ack = ack_of(&s, 0, true, 1);
    struct report_state before = s;
    assert_false(report_acknowledged(&s, &from2, &ack, 1000));
    assert_memory_equal(&before, &s, sizeof(s));
    assert_true(report_acknowledged(&s, &from1, &ack, 1000));
    assert_false(report_news_known(&s));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stopped_reports_end_when_they_are_known),
        cmocka_unit_test(a_restarted_master_learns_the_index_0),
        cmocka_unit_test(a_master_with_new_cookies_knows_nothing_yet),
        cmocka_unit_test(answers_that_are_not_ours_change_nothing),
        cmocka_unit_test(who_does_not_take_us_need_not_know),
        cmocka_unit_test(a_late_loop_sends_no_burst),
        cmocka_unit_test(slow_updates_have_their_own_patience),
        cmocka_unit_test(slow_updates_do_not_slow_the_news_down),
        cmocka_unit_test(another_configuration_keeps_what_is_known),
        cmocka_unit_test(a_master_that_becomes_two_gets_a_second_session),
        cmocka_unit_test(an_answer_fits_one_master_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
