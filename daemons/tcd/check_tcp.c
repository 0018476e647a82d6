/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tcp check: a connection, and with send= or match= also what is said on it. */
#include "check.h"
#include "exchange.h"

#define ANSWER_MAX ((size_t)64 * 1024)

static bool matches(const struct check *check, const char *answer)
{
    return regexec(&check->config->match, answer, 0, NULL, 0) == 0;
}

static bool enough(void *context, const char *answer, size_t length)
{
    (void)length;
    return matches(context, answer);
}

static void done(void *context, int error, const char *answer, size_t length)
{
    struct check *check = context;
    if (error)
        check_finish_error(check, error);
    else if (!check->config->has_match)
        check_finish(check, CHECK_PASSED, "connected");
    else if (matches(check, answer))
        check_finish(check, CHECK_PASSED, "the answer matches");
    else
        check_finish(check, CHECK_FAILED, "closed after %zu bytes that do not match", length);
}

static int start(struct check *check)
{
    const struct check_config *config = check->config;
    struct exchange_plan plan = {.address = config->address,
                                 .port = config->port,
                                 .source = config->source,
                                 .request = config->send,
                                 .request_length = config->send_length,
                                 .answer_max = config->has_match ? ANSWER_MAX : 0};
    struct exchange *exchange;
    int result = exchange_start(check->engine->loop, &plan, config->has_match ? enough : NULL, done, check, &exchange);
    if (result == 0)
        check->attempt = exchange;
    return result;
}

static void stop(struct check *check)
{
    exchange_stop(check->attempt);
    check->attempt = NULL;
}

const struct check_driver check_tcp = {.start = start, .stop = stop};
