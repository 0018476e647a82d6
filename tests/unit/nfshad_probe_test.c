/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Probes of a server that answers, well or badly. */
#include "nfshad_probe_test.h"

static void it_answers(void **state)
{
    static const char *const addresses[] = {"127.0.0.1", "::1"};
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        struct world w;
        begin(&w, addresses[i % 2]);
        fake_probed_listen(&w.fake, 8);
        start(&w, 10, 10000, 3 + i / 2);
        WAIT(&w, answers, 20);
        assert_int_equal(w.failed, 0);
        assert_int_equal(w.fake.connections, 1);
        assert_int_equal(w.fake.version, 3 + i / 2);
        assert_true(w.answered <= w.fake.calls);
        end(&w);
    }
}

static void the_first_call_comes_at_once(void **state)
{
    struct world w;
    (void)state;
    begin(&w, "127.0.0.1");
    fake_probed_listen(&w.fake, 8);
    start(&w, 60000, 10000, 4);
    WAIT(&w, answers, 1);
    end(&w);
}

static void every_way_to_answer(void **state)
{
    static const enum fake_answer ways[] = {FAKE_BYTES, FAKE_BACKWARDS, FAKE_MISMATCH};
    (void)state;
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        struct world w;
        begin(&w, "127.0.0.1");
        fake_probed_listen(&w.fake, 8);
        w.fake.answer = ways[i];
        start(&w, 10, 10000, 4);
        WAIT(&w, answers, 20);
        assert_int_equal(w.failed, 0);
        assert_int_equal(w.fake.connections, 1);
        end(&w);
    }
}

/* Several calls are under way, and each has its answer. */
static void slow_answers(void **state)
{
    struct world w;
    (void)state;
    begin(&w, "::1");
    fake_probed_listen(&w.fake, 8);
    w.fake.delay_ms = 100;
    start(&w, 10, 10000, 4);
    WAIT(&w, answers, 30);
    assert_int_equal(w.failed, 0);
    assert_int_equal(w.fake.connections, 1);
    assert_true(w.fake.calls > w.answered);
    end(&w);
}

/* Somebody is there, so the connection stays. */
static void some_calls_are_forgotten(void **state)
{
    struct world w;
    (void)state;
    begin(&w, "127.0.0.1");
    fake_probed_listen(&w.fake, 8);
    w.fake.answer = FAKE_FORGETS;
    start(&w, 10, 2000, 4);
    WAIT(&w, failures, 10);
    assert_int_equal(w.error, -ETIMEDOUT);
    assert_true(w.answered >= w.failed);
    assert_int_equal(w.fake.connections, 1);
    end(&w);
}

/* Later than they may be. */
static void answers_that_are_too_late(void **state)
{
    struct world w;
    (void)state;
    begin(&w, "127.0.0.1");
    fake_probed_listen(&w.fake, 8);
    w.fake.delay_ms = 100;
    start(&w, 10, 50, 4);
    WAIT(&w, failures, 20);
    assert_int_equal(w.error, -ETIMEDOUT);
    assert_int_equal(w.answered, 0);
    w.fake.delay_ms = 0;
    WAIT(&w, answers, 5);
    end(&w);
}

/* Answers to other calls are none, though they show that somebody is there. */
static void answers_to_nobody(void **state)
{
    struct world w;
    (void)state;
    begin(&w, "127.0.0.1");
    fake_probed_listen(&w.fake, 8);
    w.fake.answer = FAKE_OTHER_CALLS;
    start(&w, 10, 50, 4);
    WAIT(&w, failures, 20);
    assert_int_equal(w.error, -ETIMEDOUT);
    assert_int_equal(w.answered, 0);
    end(&w);
}

static void closed_by_the_one_who_is_told(void **state)
{
    static const enum fake_answer ways[] = {FAKE_ANSWERS, FAKE_SILENT, FAKE_RESETS, FAKE_GARBAGE};
    (void)state;
    for (size_t i = 0; i < 5; i++) {
        struct world w;
        begin(&w, "127.0.0.1");
        if (i < 4) {
            fake_probed_listen(&w.fake, 8);
            w.fake.answer = ways[i];
        }
        w.close_at_once = true;
        start(&w, 10, 50, 4);
        WAIT(&w, closed, 0);
        assert_int_equal(w.answered + w.failed, 1);
        end(&w);
    }
}

static void changed_under_way(void **state)
{
    struct world w;
    (void)state;
    begin(&w, "127.0.0.1");
    fake_probed_listen(&w.fake, 8);
    w.fake.answer = FAKE_SILENT;
    start(&w, 10, 60000, 4);
    WAIT(&w, calls, 30);
    assert_int_equal(w.failed, 0);
    struct probe_settings settings = {.interval_ms = 20, .timeout_ms = 40};
    probe_change(w.probe, &settings);
    WAIT(&w, failures, 5);
    w.fake.answer = FAKE_ANSWERS;
    settings = (struct probe_settings){.interval_ms = 10, .timeout_ms = 5000};
    probe_change(w.probe, &settings);
    w.answered = 0;
    WAIT(&w, answers, 20);
    end(&w);
}

static void no_address(void **state)
{
    struct world w;
    struct addr none = {.family = AF_UNSPEC};
    struct probe_settings settings = {.interval_ms = 10, .timeout_ms = 10, .version = 4, .port = 1};
    (void)state;
    begin(&w, "127.0.0.1");
    assert_int_equal(probe_open(w.loop, &none, &settings, on_result, &w, &w.probe), -EAFNOSUPPORT);
    assert_null(w.probe);
    end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_answers),
        cmocka_unit_test(the_first_call_comes_at_once),
        cmocka_unit_test(every_way_to_answer),
        cmocka_unit_test(slow_answers),
        cmocka_unit_test(some_calls_are_forgotten),
        cmocka_unit_test(answers_that_are_too_late),
        cmocka_unit_test(answers_to_nobody),
        cmocka_unit_test(closed_by_the_one_who_is_told),
        cmocka_unit_test(changed_under_way),
        cmocka_unit_test(no_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
