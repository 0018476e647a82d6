/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the executor's tests share: one service or two, servers, a kernel in memory, simulated time. */
#ifndef TEST_EXECUTOR_TEST_H
#define TEST_EXECUTOR_TEST_H

#include "executor.h"
#include "fake_ipvs.h"
#include "ipvs_table.h"

#define MAX_SERVERS 8

struct test {
    struct executor *executor;
    struct executor_wanted wanted;
    struct executor_wanted_service services[2]; /* web on port 80, and another */
    struct executor_wanted_server servers[2][MAX_SERVERS];
    uint64_t now_ms;
};

struct addr address(const char *text);
struct ipvs_service tcp_service(const char *text, uint16_t port);
struct executor_wanted_server *want(struct test *t, size_t service, const char *text, uint32_t weight);
void want_nothing(struct test *t, size_t service);
int setup(void **state);
int teardown(void **state);
const char *apply(struct test *t, bool reread);
uint64_t repairs(const struct test *t);
uint64_t errors(const struct test *t);
struct ipvs_server *in_kernel(struct test *t, const char *text);
void put_in_kernel(const struct ipvs_service *service, const char *text, uint32_t weight, uint32_t active);

#endif
