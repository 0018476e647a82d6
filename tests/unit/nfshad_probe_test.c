/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Probes of a server that answers, falls silent, refuses, and returns. What is waited for has a deadline; nothing else
 * depends on time. */
#include "unit.h"

#include "probe.h"

#include "clock.h"
#include "fake_probed.h"

#include <errno.h>

#define DEADLINE_MS 20000

struct world {
    qb_loop_t *loop;
    struct fake_probed fake;
    struct probe *probe;
    unsigned answered, failed;
    int error;          /* the last one */
    bool close_at_once; /* at the next result */
    struct wake look;
    bool (*until)(const struct world *w);
    uint64_t deadline;
    unsigned goal;
};

static void on_result(void *context, bool answered, int error)
{
    struct world *w = context;
    assert_true(answered ? error == 0 : error < 0);
    w->answered += answered;
    w->failed += !answered;
    if (!answered)
        w->error = error;
    if (w->close_at_once) {
        probe_close(w->probe);
        w->probe = NULL;
    }
}

static void look(void *context)
{
    struct world *w = context;
    if (w->until(w) || clock_ms() >= w->deadline)
        qb_loop_stop(w->loop);
}

static void wait_until(struct world *w, bool (*until)(const struct world *w), unsigned goal, const char *what)
{
    w->until = until;
    w->goal = goal;
    w->deadline = clock_ms() + DEADLINE_MS;
    qb_loop_run(w->loop);
    if (!until(w))
        fail_msg("%s (%u): %u answered, %u failed (%s), %u connections, %u calls", what, goal, w->answered, w->failed,
                 strerror(-w->error), w->fake.connections, w->fake.calls);
}

#define WAIT(w, condition, goal) wait_until(w, condition, goal, #condition)

static bool answers(const struct world *w)
{
    return w->answered >= w->goal;
}

static bool failures(const struct world *w)
{
    return w->failed >= w->goal;
}

static bool calls(const struct world *w)
{
    return w->fake.calls >= w->goal;
}

static bool connections(const struct world *w)
{
    return w->fake.connections >= w->goal;
}

static bool closed(const struct world *w)
{
    return w->probe == NULL;
}

static void begin(struct world *w, const char *address)
{
    *w = (struct world){.loop = qb_loop_create()};
    assert_non_null(w->loop);
    assert_int_equal(wake_open(&w->look, w->loop, QB_LOOP_MED, look, w), 0);
    wake_each(&w->look, 1000);
    fake_probed_begin(&w->fake, w->loop, address);
}

static void start(struct world *w, unsigned interval_ms, unsigned timeout_ms, unsigned version)
{
    struct probe_settings settings = {
        .interval_ms = interval_ms, .timeout_ms = timeout_ms, .version = version, .port = w->fake.port};
    assert_int_equal(probe_open(w->loop, &w->fake.address, &settings, on_result, w, &w->probe), 0);
}

static void end(struct world *w)
{
    probe_close(w->probe);
    fake_probed_end(&w->fake);
    wake_close(&w->look);
    qb_loop_destroy(w->loop);
}

static void it_answers(void **state)
{
    static const char *const addresses[] = {"127.0.0.1", "::1"};
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        struct world w;
        begin(&w, addresses[i % 2]);
        fake_probed_listen(&w.fake, 8);
        start(&w, 10, 2000, 3 + i / 2);
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
        start(&w, 10, 5000, 4);
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
    start(&w, 10, 500, 4);
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

static void silence_and_speech(void **state)
{
    struct world w;
    (void)state;
    begin(&w, "127.0.0.1");
    fake_probed_listen(&w.fake, 8);
    start(&w, 10, 60, 4);
    WAIT(&w, answers, 5);
    w.fake.answer = FAKE_SILENT;
    WAIT(&w, failures, 5);
    assert_int_equal(w.error, -ETIMEDOUT);
    WAIT(&w, connections, 3); /* the dead connection is given up, and the next one, too */
    w.fake.answer = FAKE_ANSWERS;
    w.answered = 0;
    WAIT(&w, answers, 20);
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

static void refused_and_returning(void **state)
{
    static const char *const addresses[] = {"127.0.0.1", "::1"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct world w;
        begin(&w, addresses[i]);
        start(&w, 10, 2000, 4);
        WAIT(&w, failures, 5);
        assert_int_equal(w.error, -ECONNREFUSED);
        assert_int_equal(w.answered, 0);
        fake_probed_listen(&w.fake, 8);
        WAIT(&w, answers, 5);
        fake_probed_shut(&w.fake);
        fake_probed_reset(&w.fake);
        unsigned before = w.failed;
        WAIT(&w, failures, before + 3);
        assert_int_equal(w.error, -ECONNREFUSED);
        end(&w);
    }
}

/* Many calls are under way when the connection breaks: that is one failure, and the next call goes on. */
static void reset_in_the_middle(void **state)
{
    struct world w;
    (void)state;
    begin(&w, "127.0.0.1");
    fake_probed_listen(&w.fake, 8);
    w.fake.answer = FAKE_SILENT;
    start(&w, 10, 10000, 4);
    WAIT(&w, calls, 10);
    assert_int_equal(w.failed, 0);
    fake_probed_reset(&w.fake);
    w.fake.answer = FAKE_ANSWERS;
    WAIT(&w, answers, 10);
    assert_int_equal(w.failed, 1);
    assert_int_equal(w.error, -ECONNRESET);
    assert_int_equal(w.fake.connections, 2);
    end(&w);
}

static void ended_each_time(void **state)
{
    static const enum fake_answer ways[] = {FAKE_RESETS, FAKE_ENDS, FAKE_GARBAGE};
    static const int errors[] = {-ECONNRESET, -ECONNRESET, -EPROTO};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct world w;
        begin(&w, "127.0.0.1");
        fake_probed_listen(&w.fake, 8);
        w.fake.answer = ways[i];
        start(&w, 10, 2000, 4);
        WAIT(&w, failures, 5);
        assert_int_equal(w.error, errors[i]);
        assert_int_equal(w.answered, 0);
        assert_true(w.failed <= w.fake.calls);
        w.fake.answer = FAKE_ANSWERS;
        WAIT(&w, answers, 5);
        end(&w);
    }
}

/* A machine that is not there: what is sent to it is lost. So is what is sent to a port whose queue is full. */
static void nobody_hears_and_somebody_returns(void **state)
{
    struct world w;
    struct sockaddr_storage place;
    int crowd[8];
    (void)state;
    begin(&w, "127.0.0.1");
    socklen_t length = addr_to_sockaddr(&w.fake.address, w.fake.port, &place);
    fake_probed_listen(&w.fake, 0);
    for (size_t i = 0; i < 8; i++) {
        crowd[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)connect(crowd[i], (struct sockaddr *)&place, length);
    }
    start(&w, 10, 100, 4);
    WAIT(&w, failures, 10);
    assert_int_equal(w.error, -ETIMEDOUT);
    assert_int_equal(w.answered, 0);
    for (size_t i = 0; i < 8; i++)
        close(crowd[i]);
    fake_probed_listen(&w.fake, 32);
    WAIT(&w, answers, 10);
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
        cmocka_unit_test(silence_and_speech),
        cmocka_unit_test(answers_to_nobody),
        cmocka_unit_test(refused_and_returning),
        cmocka_unit_test(reset_in_the_middle),
        cmocka_unit_test(ended_each_time),
        cmocka_unit_test(nobody_hears_and_somebody_returns),
        cmocka_unit_test(closed_by_the_one_who_is_told),
        cmocka_unit_test(changed_under_way),
        cmocka_unit_test(no_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
