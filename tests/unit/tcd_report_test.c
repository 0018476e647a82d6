/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The logic of reporting under simulated time: two masters, the first on two networks. */
#include "unit.h"

#include "report.h"

#define SESSION 77
#define UPDATES 100
#define RETRY 5000

static struct addr address(const char *text)
{
    struct addr a;
    assert_int_equal(addr_parse(text, &a), 0);
    return a;
}

static void start(struct report_state *s)
{
    struct report_master masters[2] = {{.name = "master1", .count = 2}, {.name = "master2", .count = 1}};
    masters[0].addresses[0].address = address("10.1.0.1");
    masters[0].addresses[1].address = address("10.2.0.1");
    masters[1].addresses[0].address = address("fd00:1::2");
    report_init(s, SESSION, 0);
    report_configure(s, masters, 2, UPDATES, RETRY, 0);
    s->muted = false;
}

static struct wire_acknowledgement ack_of(const struct report_state *s, bool accepted, uint8_t cookie)
{
    struct wire_acknowledgement ack = {
        .flags = accepted ? WIRE_ACCEPTED : 0, .session = s->session, .sequence = s->sequence};
    memset(ack.cookie, cookie, sizeof(ack.cookie));
    return ack;
}

/* A manager that answers as tmd does. */
static void answer(struct report_state *s, const char *from, uint8_t cookie, uint64_t now)
{
    struct addr a = address(from);
    size_t master = a.family == AF_INET ? 0 : 1;
    bool fits = s->masters[master].has_cookie && s->masters[master].cookie[0] == cookie;
    struct wire_acknowledgement ack = ack_of(s, fits, cookie);
    assert_true(report_acknowledged(s, &a, &ack, now));
}

struct run {
    int reports[2]; /* to each master */
    int wanted[2];  /* with WIRE_WANT_ACK */
    uint64_t last_ms[2];
};

/* Lets the time pass. answering: bit i set, master i answers what it is asked to. */
static struct run simulate(struct report_state *s, uint64_t from_ms, uint64_t until_ms, unsigned answering)
{
    struct run run = {0};
    struct report_order orders[REPORT_MASTERS_MAX];
    for (uint64_t now = from_ms; now < until_ms; now++) {
        if (report_next(s) > now)
            continue;
        size_t due = report_round(s, now, orders);
        for (size_t i = 0; i < due; i++) {
            size_t m = orders[i].master;
            run.reports[m]++;
            run.wanted[m] += orders[i].want_ack;
            run.last_ms[m] = now;
            if (orders[i].want_ack && (answering >> m & 1))
                answer(s, m == 0 ? "10.1.0.1" : "fd00:1::2", (uint8_t)(m + 1), now);
        }
    }
    return run;
}

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
            struct wire_acknowledgement ack = ack_of(&s, false, (uint8_t)(sent * 7 + 1)); /* never the same cookie */
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
    struct report_order orders[REPORT_MASTERS_MAX];
    report_round(&s, 1000, orders);
    struct wire_acknowledgement ack = ack_of(&s, false, 200);
    assert_true(report_acknowledged(&s, &from, &ack, 1001));
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
    struct wire_acknowledgement ack = ack_of(&s, true, 50);
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
    struct wire_acknowledgement ack = ack_of(&s, false, 5);
    report_acknowledged(&s, &from, &ack, 1000);
    assert_false(report_news_known(&s)); /* so far only a cookie */
    report_round(&s, 1020, orders);
    ack = ack_of(&s, false, 5);
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
    report_init(&s, SESSION, 0);
    report_configure(&s, &master, 1, 60000, RETRY, 0);
    s.muted = false;
    simulate(&s, 0, 120001, 1);
    assert_false(s.masters[0].silent);
    simulate(&s, 120001, 240001, 0);
    assert_false(s.masters[0].silent);
    simulate(&s, 240001, 420001, 0);
    assert_true(s.masters[0].silent);
}

static void another_configuration_keeps_what_is_known(void **state)
{
    struct report_state s;
    struct report_master masters[2] = {{.name = "master7", .count = 2}, {.name = "master8", .count = 1}};
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
    assert_int_equal(s.session, SESSION);
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
        cmocka_unit_test(stopped_reports_end_when_they_are_known),
        cmocka_unit_test(a_restarted_master_learns_the_index_0),
        cmocka_unit_test(a_master_with_new_cookies_knows_nothing_yet),
        cmocka_unit_test(answers_that_are_not_ours_change_nothing),
        cmocka_unit_test(who_does_not_take_us_need_not_know),
        cmocka_unit_test(a_late_loop_sends_no_burst),
        cmocka_unit_test(slow_updates_have_their_own_patience),
        cmocka_unit_test(another_configuration_keeps_what_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
