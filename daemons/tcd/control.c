/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control.h"

#include "clock.h"
#include "tcd.h"

#include <config.h>
#include <string.h>

static json_t *ping(const struct tcd *tcd)
{
    return json_pack("{s:b, s:s, s:s, s:I}", "ok", 1, "daemon", "tcd", "version", PACKAGE_VERSION, "uptime_ms",
                     (json_int_t)(clock_ms() - tcd->started_ms));
}

static json_t *describe_masters(const struct tcd *tcd)
{
    json_t *list = json_array();
    uint64_t now_ms = clock_ms();
    for (size_t i = 0; i < tcd->reporter.state.count; i++) {
        const struct report_master *master = &tcd->reporter.state.masters[i];
        for (size_t j = 0; j < master->count; j++) {
            const struct report_address *a = &master->addresses[j];
            char text[ADDR_TEXT_MAX];
            json_t *age = a->acknowledged ? json_integer((json_int_t)(now_ms - a->acknowledged_ms)) : json_null();
            json_array_append_new(list, json_pack("{s:s, s:s, s:b, s:o}", "name", master->name, "address",
                                                  addr_format(&a->address, text), "acknowledged", a->acknowledged,
                                                  "age_ms", age));
        }
    }
    return list;
}

static json_t *describe_checks(const struct tcd *tcd)
{
    json_t *list = json_array();
    for (size_t i = 0; i < tcd->checks->count; i++) {
        const struct check *check = &tcd->checks->checks[i];
        const char *service = check->config->service_name;
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:s?, s:s, s:f, s:s}", "name", check->config->name, "kind",
                                        check_kind_name(check->config->kind), "service", service[0] ? service : NULL,
                                        "state", check_status_name(check->state.status), "latency_ms",
                                        (double)check->latency_us / 1000.0, "message", check->message));
    }
    return list;
}

static json_t *status(struct tcd *tcd)
{
    const char *formula = tcd->config->formula == TCD_FORMULA_PRESSURE ? "pressure" : "has";
    json_t *answer = ping(tcd);
    json_t *more =
        json_pack("{s:s, s:s, s:I, s:i, s:b, s:b, s:I, s:o, s:o}", "name", tcd->config->name, "formula", formula,
                  "index", (json_int_t)tcd_index(tcd), "pressure", (int)tcd->measure.shares.free, "reporting",
                  tcd_is_reporting(tcd), "draining", tcd->leave.active, "connections",
                  (json_int_t)tcd->connection_count, "masters", describe_masters(tcd), "checks", describe_checks(tcd));
    json_object_update(answer, more);
    json_decref(more);
    return answer;
}

static json_t *handle(void *context, const char *command, const json_t *request)
{
    (void)request;
    if (strcmp(command, "ping") == 0)
        return ping(context);
    if (strcmp(command, "status") == 0)
        return status(context);
    return ctl_error("tcd knows no command \"%s\": ping and status", command);
}

int control_open(struct tcd *tcd, const char *name)
{
    return ctl_server_open(name, tcd->loop, handle, tcd, &tcd->control);
}

void control_close(struct tcd *tcd)
{
    ctl_server_close(tcd->control);
    tcd->control = NULL;
}
