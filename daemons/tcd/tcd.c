/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tcd.h"

#include "clock.h"
#include "control.h"
#include "metrics.h"
#include "notify.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LEAVE_STEP_MS 50     /* between looks at the connections while leaving */
#define METRICS_STEP_MS 5000 /* between two metrics files */
#define SERVICES_UP_SIZE(tcd) ((tcd)->config->service_count * sizeof(bool))

uint32_t tcd_index(struct tcd *tcd)
{
    return tcd->health == HEALTH_GOOD ? measure_index(&tcd->measure, tcd->config) : 0;
}

bool tcd_is_reporting(const struct tcd *tcd)
{
    return tcd->health == HEALTH_GOOD;
}

static void fill_report(void *context, struct wire_report *report)
{
    struct tcd *tcd = context;
    report->index = tcd_index(tcd);
    report->pressure = tcd->measure.shares.free;
    report->connections = tcd->connection_count;
    report->flags = tcd->leave.active ? WIRE_DRAINING : 0;
    report->service_count = tcd->config->service_count;
    for (size_t i = 0; i < report->service_count; i++) {
        memcpy(report->services[i].name, tcd->config->services[i], WIRE_NAME_MAX);
        report->services[i].up = tcd->services_up[i];
    }
}

static void write_metrics(struct tcd *tcd)
{
    tcd->metrics_ms = clock_ms() + METRICS_STEP_MS;
    if (tcd->config->metrics[0])
        metrics_write(tcd);
}

static enum health evaluate(const struct tcd *tcd, bool services_up[WIRE_SERVICES_MAX])
{
    struct health_check checks[TCD_CHECKS_MAX];
    for (size_t i = 0; i < tcd->checks->count; i++) {
        const struct check *check = &tcd->checks->checks[i];
        checks[i] = (struct health_check){.status = check->state.status, .service = check->config->service};
    }
    return health_of(checks, tcd->checks->count, services_up, tcd->config->service_count);
}

static void log_health(const struct tcd *tcd)
{
    if (tcd->health == HEALTH_BAD)
        log_warning("the application does not answer: index 0 is reported, then nothing until it answers again");
    else if (tcd->health == HEALTH_GOOD)
        log_notice("the application answers: the load index is reported");
}

static void tell_masters(struct tcd *tcd)
{
    reporter_say(&tcd->reporter, tcd->health == HEALTH_UNKNOWN, tcd->health == HEALTH_BAD);
}

/* A check changed: the masters learn what it means for the node, if anything, at once. */
static void judge_health(void *context, const struct check *check)
{
    struct tcd *tcd = context;
    bool services_up[WIRE_SERVICES_MAX] = {false};
    (void)check;
    enum health health = evaluate(tcd, services_up);
    bool same = health == tcd->health && memcmp(services_up, tcd->services_up, SERVICES_UP_SIZE(tcd)) == 0;
    bool turned = health != tcd->health;
    tcd->health = health;
    memcpy(tcd->services_up, services_up, sizeof(services_up));
    if (same)
        return;
    tell_masters(tcd);
    if (turned)
        log_health(tcd);
    write_metrics(tcd);
}

static void connections_counted(void *context, uint32_t count)
{
    ((struct tcd *)context)->connection_count = count;
}

static void sample(void *data)
{
    struct tcd *tcd = data;
    timer_set(&tcd->sample_timer, MEASURE_INTERVAL_MS);
    measure_sample(&tcd->measure, tcd->config);
    connections_count(tcd->connections);
    if (clock_ms() >= tcd->metrics_ms)
        write_metrics(tcd);
}

static void look_whether_to_go(void *data)
{
    struct tcd *tcd = data;
    bool told = reporter_is_known(&tcd->reporter);
    switch (leave_judge(&tcd->leave, clock_ms(), told, tcd->connection_count)) {
    case LEAVE_WAIT:
        connections_count(tcd->connections);
        timer_set(&tcd->leave_timer, LEAVE_STEP_MS);
        return;
    case LEAVE_DONE:
        log_notice("no connections are left: leaving");
        break;
    case LEAVE_DEADLINE:
        log_warning("drain_timeout has passed with %u connections left%s: leaving", tcd->connection_count,
                    told ? "" : ", and not every master has acknowledged");
        break;
    }
    qb_loop_stop(tcd->loop);
}

void tcd_leave(struct tcd *tcd)
{
    if (tcd->leave.active) {
        log_notice("told to end for the second time: leaving at once");
        qb_loop_stop(tcd->loop);
        return;
    }
    log_notice("leaving: no new connections are wanted; waiting for those that are open");
    notify_send("STOPPING=1");
    leave_begin(&tcd->leave, clock_ms(), tcd->config->drain_timeout_ms);
    connections_count(tcd->connections);
    tell_masters(tcd);
    timer_set(&tcd->leave_timer, LEAVE_STEP_MS);
}

int tcd_load(struct tcd *tcd, struct conf_error *error)
{
    struct tcd_config *config = NULL;
    struct keyring keys;
    int result = tcd_config_load(tcd->config_path, &config, error);
    if (result)
        return result;
    result = key_load(config->keys, &keys, error);
    if (result) {
        tcd_config_free(config);
        return result;
    }
    tcd->config = config;
    tcd->keys = keys;
    key_forget(&keys);
    return 0;
}

static size_t agent_line(void *context, char out[AGENTCHECK_LINE_MAX])
{
    const struct tcd *tcd = context;
    return agentcheck_line(tcd->health, tcd->leave.active, tcd->measure.shares.free, out);
}

static int failed(const char *what, int result)
{
    if (result)
        log_error("cannot %s: %s", what, strerror(-result));
    return result;
}

/* What depends on the configuration and not on a socket that outlives it. */
static int start_parts(struct tcd *tcd, const struct check_engine *previous)
{
    const struct tcd_config *config = tcd->config;
    int result =
        failed("start the checks", check_engine_start(tcd->loop, config, previous, judge_health, tcd, &tcd->checks));
    if (result == 0)
        result = failed("open the socket diagnosis",
                        connections_open(tcd->loop, config, connections_counted, tcd, &tcd->connections));
    if (result == 0)
        result =
            failed("listen on the agent_check port", agentcheck_open(tcd->loop, config, agent_line, tcd, &tcd->agent));
    measure_init(&tcd->measure, config);
    return result;
}

int tcd_start(struct tcd *tcd, const char *control_name)
{
    tcd->started_ms = clock_ms();
    int result = failed("make a timer", timer_init(&tcd->sample_timer, tcd->loop, sample, tcd));
    if (result == 0)
        result = failed("make a timer", timer_init(&tcd->leave_timer, tcd->loop, look_whether_to_go, tcd));
    if (result == 0)
        result = failed("open the sockets of the reports",
                        reporter_open(&tcd->reporter, tcd->loop, tcd->config, &tcd->keys, fill_report, tcd));
    if (result == 0)
        result = start_parts(tcd, NULL);
    if (result == 0)
        result = failed("offer the control socket", control_open(tcd, control_name));
    if (result)
        return result;
    tcd->health = evaluate(tcd, tcd->services_up);
    if (tcd->health == HEALTH_GOOD)
        log_health(tcd); /* there are no checks */
    tell_masters(tcd);
    timer_set(&tcd->sample_timer, MEASURE_INTERVAL_MS);
    return 0;
}

static void reload_log(const struct tcd *tcd, const char *old_target)
{
    const char *target = tcd->config->log_target;
    int result;
    if (strcmp(target, old_target) == 0) {
        result = log_reopen();
    } else {
        log_close();
        result = log_open("tcd", target, tcd->debug);
        if (result)
            log_open("tcd", old_target, tcd->debug);
    }
    if (result)
        log_error("cannot open the log %s: %s", target, strerror(-result));
}

/* Puts the new configuration in the place of the old one. The old parts go only when the new ones are there. */
static void take_over(struct tcd *tcd, const struct tcd *old)
{
    struct check_engine *old_checks = old->checks;
    agentcheck_close(old->agent); /* its port may be wanted again */
    connections_close(old->connections);
    tcd->agent = NULL;
    tcd->connections = NULL;
    tcd->checks = NULL;
    failed("use the new masters or port", reporter_configure(&tcd->reporter, tcd->config));
    int result = start_parts(tcd, old_checks);
    check_engine_stop(old_checks);
    if (!tcd->checks || !tcd->connections) {
        log_error("the new configuration cannot be used (%s): ending, so that the cluster sees it", strerror(-result));
        qb_loop_stop(tcd->loop);
        return;
    }
    if (tcd->health == HEALTH_GOOD) /* until now: reports must not stop before a check really fails */
        check_engine_trust(tcd->checks);
    tcd->health = evaluate(tcd, tcd->services_up);
    tell_masters(tcd);
}

void tcd_reload(struct tcd *tcd)
{
    struct tcd old = *tcd;
    struct conf_error error;
    int result = tcd_load(tcd, &error);
    if (result) {
        log_error("%s; the configuration stays as it was", error.text);
        (void)log_reopen();
        return;
    }
    reload_log(tcd, old.config->log_target);
    take_over(tcd, &old);
    tcd_config_free(old.config);
    key_forget(&old.keys);
    log_notice("configuration and keys were read again");
}

void tcd_stop(struct tcd *tcd)
{
    timer_close(&tcd->sample_timer);
    timer_close(&tcd->leave_timer);
    control_close(tcd);
    agentcheck_close(tcd->agent);
    connections_close(tcd->connections);
    check_engine_stop(tcd->checks);
    reporter_close(&tcd->reporter);
    tcd_config_free(tcd->config);
    key_forget(&tcd->keys);
}
