/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "watch.h"

#include "ctl.h"

#include <errno.h>

#define ABSENT_MAX 3
#define SLOW_MAX 30
#define WAIT_MS 20 /* less than a heartbeat's interval: the loop stands still in the meantime */

bool watch_take(struct watch *watch, enum watch_answer answer)
{
    bool before = watch->down;
    watch->absent = answer == WATCH_ABSENT ? watch->absent + 1 : 0;
    watch->slow = answer == WATCH_WELL ? 0 : watch->slow + 1;
    if (answer == WATCH_WELL)
        watch->down = false;
    else if (watch->absent >= ABSENT_MAX || watch->slow >= SLOW_MAX)
        watch->down = true;
    return watch->down != before;
}

enum watch_answer watch_ask(const char *service)
{
    json_t *answer = NULL;
    json_t *request = json_pack("{s:s}", "command", "ping");
    int rc = request != NULL ? ctl_request(service, request, WAIT_MS, &answer) : -ENOMEM;
    bool well = rc == 0 && json_is_true(json_object_get(answer, "ok"));
    json_decref(request);
    json_decref(answer);
    if (well)
        return WATCH_WELL;
    return rc == -ECONNREFUSED ? WATCH_ABSENT : WATCH_SLOW;
}
