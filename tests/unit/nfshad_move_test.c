/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A move of several transports, played by files, and threads that tell the loop how they ended. */
#include "move.h"
#include "worker.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define ROOT "/tmp/nfshad_move_XXXXXX"
static char root[] = ROOT;
/* Of the documentation's networks: this host has no connection to them that could be ended. */
static const char *const names[] = {"192.0.2.1", "192.0.2.2", "192.0.2.3"};

static void make(const char *name, const char *address)
{
    char path[256];
    FILE *file;
    snprintf(path, sizeof path, "%s/switch-%s", root, name);
    assert_int_equal(mkdir(path, 0755), 0);
    snprintf(path, sizeof path, "%s/switch-%s/xprt-%s-tcp", root, name, name);
    assert_int_equal(mkdir(path, 0755), 0);
    snprintf(path, sizeof path, "%s/switch-%s/xprt-%s-tcp/dstaddr", root, name, name);
    file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "%s\n", address);
    fclose(file);
}

static int set_up(void **state)
{
    (void)state;
    strcpy(root, ROOT);
    if (mkdtemp(root) == NULL)
        return -1;
    make("1", names[0]);
    make("2", names[1]);
    make("3", names[2]);
    make("4", "198.51.100.1"); /* of somebody else's mount */
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    char command[64];
    snprintf(command, sizeof command, "rm -r %s", root);
    return system(command);
}

static size_t count_at(const char *address)
{
    struct transport_list list;
    struct addr wanted;
    size_t count = 0;
    assert_int_equal(addr_parse(address, &wanted), 0);
    assert_int_equal(transport_read(root, &list), 0);
    for (size_t i = 0; i < list.count; i++)
        count += addr_equal(&list.transports[i].server, &wanted);
    return count;
}

static void all_of_the_group_move(void **state)
{
    (void)state;
    struct addr servers[3];
    struct move_report report;
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(addr_parse(names[i], &servers[i]), 0);
    assert_int_equal(
        move_transports(root, servers, 3, &servers[1], (struct move_way){.planned = true, .series = true}, &report), 0);
    assert_int_equal(report.moved, 2);
    assert_int_equal(report.failed, 0);
    assert_int_equal(count_at(names[1]), 3);
    assert_int_equal(count_at("198.51.100.1"), 1);
    assert_int_equal(move_transports(root, servers, 3, &servers[1], (struct move_way){0}, &report), 0);
    assert_int_equal(report.moved, 0);
}

static void a_kernel_that_cannot_says_so(void **state)
{
    (void)state;
    struct addr servers[2];
    struct move_report report;
    assert_int_equal(addr_parse(names[1], &servers[0]), 0);
    assert_int_equal(addr_parse("2001:db8::1", &servers[1]), 0);
    assert_int_equal(
        move_transports(root, servers, 2, &servers[1], (struct move_way){.planned = true, .series = true}, &report),
        -EAFNOSUPPORT);
    assert_int_equal(report.failed, 1);
    assert_int_equal(move_transports("/nonexistent", servers, 2, &servers[1],
                                     (struct move_way){.planned = true, .series = true}, &report),
                     -ENOENT);
}

/* A pipe that nobody reads yet is like a transport that the kernel does not let go. */
static void a_write_that_stays_is_not_repeated(void **state)
{
    (void)state;
    struct addr servers[3];
    struct move_report report;
    char path[256];
    snprintf(path, sizeof path, "%s/switch-1/xprt-1-tcp/failover", root);
    assert_int_equal(mkfifo(path, 0600), 0);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(addr_parse(names[i], &servers[i]), 0);
    struct move_writers *writers = move_writers_open();
    assert_non_null(writers);
    struct move_way way = {.planned = true, .series = true, .writers = writers};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(move_transports(root, servers, 3, &servers[2], way, &report), i == 0 ? 0 : -ETIMEDOUT);
        assert_int_equal(report.moved, i == 0 ? 1 : 0); /* the other one of the group */
        assert_int_equal(report.failed, 1);
    }
    char text[ADDR_TEXT_MAX * 2] = "";
    FILE *pipe = fopen(path, "r");
    assert_non_null(pipe);
    size_t length = fread(text, 1, sizeof text - 1, pipe);
    fclose(pipe);
    assert_int_equal(length, strlen("192.0.2.3\n")); /* once */
    unlink(path);
    for (int i = 0; i < 1000 && count_at(names[2]) < 3; i++) {
        usleep(1000);
        (void)move_transports(root, servers, 3, &servers[2], way, &report); /* as soon as that write has come back */
    }
    assert_int_equal(count_at(names[2]), 3);
    move_writers_close(writers);
}

struct job {
    qb_loop_t *loop;
    int worked, done;
    size_t *left;
};

static void work(void *context)
{
    struct job *job = context;
    job->worked++;
}

static void done(void *context)
{
    struct job *job = context;
    job->done++;
    if (--*job->left == 0)
        qb_loop_stop(job->loop);
}

static void the_loop_hears_of_each_job(void **state)
{
    (void)state;
    enum { JOBS = 40 };
    struct job jobs[JOBS];
    size_t left = JOBS;
    struct worker *worker;
    qb_loop_t *loop = qb_loop_create();
    assert_int_equal(worker_open(loop, &worker), 0);
    for (size_t i = 0; i < JOBS; i++) {
        jobs[i] = (struct job){.loop = loop, .left = &left};
        assert_int_equal(worker_run(worker, work, done, work, &jobs[i]), 0);
    }
    qb_loop_run(loop);
    for (size_t i = 0; i < JOBS; i++) {
        assert_int_equal(jobs[i].worked, 1);
        assert_int_equal(jobs[i].done, 1);
    }
    worker_close(worker);
    qb_loop_destroy(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(all_of_the_group_move, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_kernel_that_cannot_says_so, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_write_that_stays_is_not_repeated, set_up, tear_down),
        cmocka_unit_test(the_loop_hears_of_each_job)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
