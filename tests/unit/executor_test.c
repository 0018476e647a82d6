/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "executor_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct addr address(const char *text)
{
    struct addr result;

    assert_int_equal(addr_parse(text, &result), 0);
    return result;
}

struct ipvs_service tcp_service(const char *text, uint16_t port)
{
    struct ipvs_service service = {
        .family = AF_INET, .protocol = IPPROTO_TCP, .address = address(text), .port = port, .scheduler = "wrr"};

    return service;
}

struct executor_wanted_server *want(struct test *t, size_t service, const char *text, uint32_t weight)
{
    struct executor_wanted_service *wanted = &t->services[service];
    struct executor_wanted_server *server = &wanted->servers[wanted->server_count++];

    *server = (struct executor_wanted_server){.address = address(text), .port = 80, .weight = weight};
    return server;
}

void want_nothing(struct test *t, size_t service)
{
    t->services[service].server_count = 0;
}

int setup(void **state)
{
    static struct test t;
    struct executor_settings settings = {.drain_timeout_ms = 60000};

    memset(&t, 0, sizeof(t));
    fake_ipvs_reset();
    t.services[0] = (struct executor_wanted_service){.service = tcp_service("10.1.0.100", 80)};
    t.services[1] = (struct executor_wanted_service){.service = tcp_service("10.1.0.100", 8080)};
    t.services[0].servers = t.servers[0];
    t.services[1].servers = t.servers[1];
    t.wanted = (struct executor_wanted){.count = 1, .services = t.services};
    t.now_ms = 1000000;
    *state = &t;
    return executor_open(&t.executor, &settings);
}

int teardown(void **state)
{
    struct test *t = *state;

    executor_close(t->executor);
    fake_ipvs_reset();
    return 0;
}

const char *apply(struct test *t, bool reread)
{
    fake_ipvs_clear();
    assert_int_equal(executor_apply(t->executor, &t->wanted, reread, t->now_ms), 0);
    return fake_ipvs.journal;
}

uint64_t repairs(const struct test *t)
{
    struct executor_stats stats;

    executor_stats(t->executor, &stats);
    return stats.repairs;
}

uint64_t errors(const struct test *t)
{
    struct executor_stats stats;

    executor_stats(t->executor, &stats);
    return stats.errors;
}

struct ipvs_server *in_kernel(struct test *t, const char *text)
{
    struct ipvs_server key = {.address = address(text), .port = 80};

    return ipvs_table_find_server(ipvs_table_find(&fake_ipvs.table, &t->services[0].service), &key);
}

/* Somebody else writes. */
void put_in_kernel(const struct ipvs_service *service, const char *text, uint32_t weight, uint32_t active)
{
    struct ipvs_server server = {.address = address(text), .port = 80, .weight = weight, .active = active};

    assert_int_equal(ipvs_table_put_server(&fake_ipvs.table, service, &server), 0);
}
