/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "watch.h"

#include "ctl.h"

#define MISSES_MAX 3
#define WAIT_MS 20 /* less than a heartbeat's interval: the loop stands still in the meantime */

bool watch_take(struct watch *watch, bool answered)
{
    bool before = watch->down;
    watch->misses = answered ? 0 : watch->misses < MISSES_MAX ? watch->misses + 1 : MISSES_MAX;
    watch->down = watch->misses == MISSES_MAX;
    return watch->down != before;
}

bool watch_ask(const char *service)
{
    json_t *answer = NULL;
    json_t *request = json_pack("{s:s}", "command", "ping");
    bool well = request != NULL && ctl_request(service, request, WAIT_MS, &answer) == 0 &&
                json_is_true(json_object_get(answer, "ok"));
    json_decref(request);
    json_decref(answer);
    return well;
}
