/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Probes of a server that falls silent, refuses, ends connections, and returns. */
#include "nfshad_probe_test.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(silence_and_speech),
        cmocka_unit_test(refused_and_returning),
        cmocka_unit_test(reset_in_the_middle),
        cmocka_unit_test(ended_each_time),
        cmocka_unit_test(nobody_hears_and_somebody_returns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
