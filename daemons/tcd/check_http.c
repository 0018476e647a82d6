/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The http check: one GET; the status, and with match= the body, must be the wanted ones. */
#include "check.h"
#include "exchange.h"
#include "http_message.h"

#include <errno.h>

static bool enough(void *context, const char *answer, size_t length)
{
    const struct check *check = context;
    struct http_answer head;
    int result = http_read_head(answer, length, &head);
    if (result)
        return result != -EAGAIN;
    return !check->config->has_match || http_is_complete(&head, answer, length);
}

static void done(void *context, int error, const char *answer, size_t length)
{
    struct check *check = context;
    char reason[CHECK_MESSAGE_MAX];
    if (error)
        check_finish_error(check, error);
    else if (length == 0)
        check_finish(check, CHECK_REFUSED, "closed without an answer");
    else if (http_judge(check->config, answer, length, reason, sizeof(reason)))
        check_finish(check, CHECK_PASSED, "%s", reason);
    else
        check_finish(check, CHECK_FAILED, "%s", reason);
}

static int start(struct check *check)
{
    char request[HTTP_REQUEST_MAX];
    struct exchange_plan plan = {.address = check->config->address,
                                 .port = check->config->port,
                                 .source = check->config->source,
                                 .request = request,
                                 .request_length = http_request(check->config, false, request),
                                 .answer_max = HTTP_ANSWER_MAX};
    struct exchange *exchange;
    int result = exchange_start(check->engine->loop, &plan, enough, done, check, &exchange);
    if (result == 0)
        check->attempt = exchange;
    return result;
}

static void stop(struct check *check)
{
    exchange_stop(check->attempt);
    check->attempt = NULL;
}

const struct check_driver check_http = {.start = start, .stop = stop};
