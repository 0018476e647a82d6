/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ask.h"

#include "ctl.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

json_t *ask_command(const char *name)
{
    return json_pack("{s:s}", "command", name);
}

static int no_answer(const char *daemon, int error, int timeout_ms)
{
    const char *name = strcmp(daemon, ASK_NFSHAD) == 0 ? "nfshad" : daemon + strlen("has-"); /* all begin so */

    switch (error) {
    case -ECONNREFUSED:
        fprintf(stderr,
                "hasctl: %s does not answer: is it running on this node? crm_mon -1 shows what Pacemaker knows\n",
                name);
        return EX_UNAVAILABLE;
    case -ETIMEDOUT:
        fprintf(stderr,
                "hasctl: %s took the question but did not answer within %d ms: its loop hangs, or the node is "
                "overloaded; --timeout waits longer\n",
                name, timeout_ms);
        return EX_TEMPFAIL;
    case -EACCES:
    case -EPERM:
        fprintf(stderr, "hasctl: no permission to talk to %s: be root or a member of the group haclient\n", name);
        return EX_NOPERM;
    default:
        fprintf(stderr, "hasctl: %s: %s\n", name, strerror(-error));
        return EX_UNAVAILABLE;
    }
}

int ask(const struct options *options, const char *daemon, json_t *request, json_t **answer)
{
    int error;

    *answer = NULL;
    if (!request) {
        fprintf(stderr, "hasctl: the request is no valid text\n");
        return EX_USAGE;
    }
    error = ctl_request(daemon, request, options->timeout_ms, answer);
    json_decref(request);
    if (error != 0)
        return no_answer(daemon, error, options->timeout_ms);
    if (json_is_true(json_object_get(*answer, "ok")))
        return EX_OK;
    fprintf(stderr, "hasctl: %s\n", answer_text(*answer, "error"));
    json_decref(*answer);
    *answer = NULL;
    return EX_DATAERR;
}

bool ask_is_alive(const char *daemon, int timeout_ms)
{
    json_t *request = ask_command("ping");
    json_t *answer = NULL;
    bool alive = ctl_request(daemon, request, timeout_ms, &answer) == 0 && json_is_true(json_object_get(answer, "ok"));

    json_decref(request);
    json_decref(answer);
    return alive;
}

const char *answer_text(const json_t *object, const char *member)
{
    const char *text = json_string_value(json_object_get(object, member));

    return text ? text : "-";
}

long long answer_number(const json_t *object, const char *member)
{
    return json_integer_value(json_object_get(object, member));
}
