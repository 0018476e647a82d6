/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check.h"

#include "clock.h"
#include "log.h"
#include "watch.h"

#include <config.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct check_driver *driver_of(enum check_kind kind)
{
    switch (kind) {
    case CHECK_KIND_TCP:
        return &check_tcp;
    case CHECK_KIND_HTTP:
        return &check_http;
#ifdef HAVE_CURL
    case CHECK_KIND_HTTPS:
        return &check_https;
#endif
    case CHECK_KIND_PROGRAM:
        return &check_program;
    default:
        return NULL;
    }
}

static void set_next(struct check *check)
{
    uint64_t now_ms = clock_ms();
    timer_set(&check->next, check->state.next_ms > now_ms ? check->state.next_ms - now_ms : 0);
}

static void log_change(const struct check *check)
{
    const char *status = check_status_name(check->state.status);
    if (check->state.status == CHECK_DOWN)
        log_warning("check %s is %s: %s", check->config->name, status, check->message);
    else
        log_notice("check %s is %s: %s", check->config->name, status, check->message);
}

void check_finish(struct check *check, enum check_outcome outcome, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(check->message, sizeof(check->message), format, arguments);
    va_end(arguments);

    check->latency_us = clock_us() - check->begun_us;
    check->failures += outcome != CHECK_PASSED;
    timer_stop(&check->timeout);
    check->driver->stop(check);
    bool changed = check_state_end(&check->state, &check->config->timing, outcome, clock_ms());
    set_next(check);
    if (outcome == CHECK_PASSED)
        watch_open(check->watch);
    else
        watch_excuse(check->watch);
    log_debug("check %s: %s after %llu us", check->config->name, check->message, (unsigned long long)check->latency_us);
    if (changed) {
        log_change(check);
        check->engine->changed(check->engine->context, check);
    }
}

bool check_is_refusal(int error)
{
    return error == -ECONNREFUSED || error == -ECONNRESET || error == -EPIPE;
}

void check_finish_error(struct check *check, int error)
{
    check_finish(check, check_is_refusal(error) ? CHECK_REFUSED : CHECK_FAILED, "%s", strerror(-error));
}

static void out_of_time(void *data)
{
    struct check *check = data;
    watch_suspend(check->watch);
    check_finish(check, CHECK_FAILED, "no answer within %u ms", check->config->timing.timeout_ms);
}

static void begin(void *data)
{
    struct check *check = data;
    check_state_begin(&check->state, clock_ms());
    check->begun_us = clock_us();
    check->tries++;
    timer_set(&check->timeout, check->config->timing.timeout_ms);
    int result = check->driver->start(check);
    if (result)
        check_finish_error(check, result);
}

void check_closed(struct check *check)
{
    check_state_early(&check->state, clock_ms());
    if (!check->state.running)
        set_next(check);
}

static const struct check *find_check(const struct check_engine *engine, const char *name)
{
    for (size_t i = 0; engine && i < engine->count; i++)
        if (strcmp(engine->checks[i].config->name, name) == 0)
            return &engine->checks[i];
    return NULL;
}

static int start_check(struct check_engine *engine, struct check *check, const struct check_config *config,
                       const struct check *previous)
{
    check->engine = engine;
    check->config = config;
    check->driver = driver_of(config->kind);
    check_state_init(&check->state, clock_ms());
    if (previous) {
        check->state.status = previous->state.status;
        memcpy(check->message, previous->message, sizeof(check->message));
    }
    if (!check->driver)
        return -EINVAL;
    int result = timer_init(&check->next, engine->loop, begin, check);
    if (result == 0)
        result = timer_init(&check->timeout, engine->loop, out_of_time, check);
    if (result == 0 && config->watch && config->kind != CHECK_KIND_PROGRAM)
        result = watch_create(check, &check->watch);
    timer_set(&check->next, 0);
    return result;
}

int check_engine_start(qb_loop_t *loop, const struct tcd_config *config, const struct check_engine *previous,
                       void (*changed)(void *, const struct check *), void *context, struct check_engine **out)
{
    struct check_engine *engine = calloc(1, sizeof(*engine) + config->check_count * sizeof(engine->checks[0]));
    if (!engine)
        return -ENOMEM;
    *engine = (struct check_engine){.loop = loop, .changed = changed, .context = context};
    for (size_t i = 0; i < config->check_count; i++) {
        const struct check_config *wanted = &config->checks[i];
        engine->count++;
        int result = start_check(engine, &engine->checks[i], wanted, find_check(previous, wanted->name));
        if (result) {
            check_engine_stop(engine);
            return result;
        }
    }
    *out = engine;
    return 0;
}

void check_engine_trust(struct check_engine *engine)
{
    for (size_t i = 0; i < engine->count; i++)
        check_state_trust(&engine->checks[i].state);
}

void check_engine_stop(struct check_engine *engine)
{
    if (!engine)
        return;
    for (size_t i = 0; i < engine->count; i++) {
        struct check *check = &engine->checks[i];
        timer_close(&check->next);
        timer_close(&check->timeout);
        watch_destroy(check->watch);
        if (check->driver)
            check->driver->stop(check);
    }
#ifdef HAVE_CURL
    https_pool_free(engine->https);
#endif
    free(engine);
}
