/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What nfshad makes of the kernel's transports, played by files: stragglers, what a remount left, the series' lists. */
#include "nfshad.h"

#include "clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define DEADLINE_MS 20000
#define POLL_US 10000
#define CONNECTED "src_port=700\ndst_port=2049\n"

struct world {
    char root[64];
    struct nfshad nfshad;
    struct nfshad_group group;
    struct wake poll;
    uint64_t deadline;
};

/* Of the documentation's networks: this host has no connection to them that could be ended. */
static const char *const names[] = {"192.0.2.1", "192.0.2.2"};

static void put(const struct world *world, const char *number, const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/switch-%s", world->root, number);
    (void)mkdir(path, 0755);
    snprintf(path, sizeof path, "%s/switch-%s/xprt-%s-tcp", world->root, number, number);
    (void)mkdir(path, 0755);
    snprintf(path, sizeof path, "%s/switch-%s/xprt-%s-tcp/%s", world->root, number, number, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void holds(const struct world *world, const char *number, const char *name, const char *wanted)
{
    char path[256], text[128] = "";
    snprintf(path, sizeof path, "%s/switch-%s/xprt-%s-tcp/%s", world->root, number, number, name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    if (fgets(text, sizeof text, file) == NULL)
        text[0] = '\0';
    fclose(file);
    text[strcspn(text, "\n")] = '\0';
    assert_string_equal(text, wanted);
}

static void nobody_wakes(void *context)
{
    (void)context;
}

static void stop_when_done(void *context)
{
    struct world *world = context;
    if (!world->group.bringing || clock_ms() > world->deadline)
        qb_loop_stop(world->nfshad.loop);
}

static int set_up(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    const struct failover_settings settings = {.fall = 2, .rise = 3, .compare_ms = 1000, .compare_soon_ms = 100};
    assert_non_null(world);
    struct nfshad_group *group = &world->group;
    snprintf(world->root, sizeof world->root, "/tmp/nfshad_look_XXXXXX");
    assert_non_null(mkdtemp(world->root));
    world->nfshad = (struct nfshad){.loop = qb_loop_create(), .transports = world->root, .group_count = 1};
    world->nfshad.groups[0] = group;
    world->nfshad.config.series = true;
    assert_int_equal(worker_open(world->nfshad.loop, &world->nfshad.worker), 0);
    group->nfshad = &world->nfshad;
    group->id = 1;
    group->source.count = 2;
    for (size_t i = 0; i < 2; i++) {
        snprintf(group->source.servers[i].name, sizeof group->source.servers[i].name, "%s", names[i]);
        assert_int_equal(addr_parse(names[i], &group->source.servers[i].address), 0);
    }
    failover_start(&group->failover, &settings, 2, 0, clock_ms());
    failover_answered(&group->failover, 0, clock_ms());
    assert_int_equal(wake_open(&group->due, world->nfshad.loop, QB_LOOP_HIGH, nobody_wakes, world), 0);
    assert_int_equal(wake_open(&group->sweep, world->nfshad.loop, QB_LOOP_HIGH, nobody_wakes, world), 0);
    assert_int_equal(wake_open(&world->poll, world->nfshad.loop, QB_LOOP_LOW, stop_when_done, world), 0);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    char command[128];
    worker_close(world->nfshad.worker);
    wake_close(&world->group.due);
    wake_close(&world->group.sweep);
    wake_close(&world->poll);
    qb_loop_destroy(world->nfshad.loop);
    snprintf(command, sizeof command, "rm -r %s", world->root);
    free(world);
    return system(command);
}

static void look(struct world *world)
{
    struct transport_list list;
    assert_int_equal(transport_read(world->root, &list), 0);
    nfshad_act_look(&world->group, &list);
    nfshad_act_hold(&world->group, &list);
}

static void wait_until_brought(struct world *world)
{
    world->deadline = clock_ms() + DEADLINE_MS;
    wake_each(&world->poll, POLL_US);
    qb_loop_run(world->nfshad.loop);
    assert_false(world->group.bringing);
}

static void stragglers_come_along(void **state)
{
    struct world *world = *state;
    put(world, "1", "dstaddr", "192.0.2.1\n");
    put(world, "2", "dstaddr", "192.0.2.2\n");
    look(world);
    assert_true(world->group.bringing);
    look(world); /* one thread at a time */
    wait_until_brought(world);
    holds(world, "2", "dstaddr", names[0]);
    assert_int_equal(world->group.failover.moves, 0);
    look(world);
    assert_false(world->group.bringing);
}

static void what_a_remount_left_stays(void **state)
{
    struct world *world = *state;
    put(world, "1", "dstaddr", "192.0.2.1\n");
    put(world, "2", "dstaddr", "192.0.2.2\n");
    world->group.left[1] = true;
    look(world);
    assert_false(world->group.bringing);
    assert_int_equal(nfshad_move(&world->group, 0, true), 0);
    wait_until_brought(world);
    holds(world, "2", "dstaddr", names[1]);
    assert_true(world->group.left[1]);
    put(world, "2", "dstaddr", "198.51.100.1\n"); /* somebody else's now */
    look(world);
    assert_false(world->group.left[1]);
}

static void the_kernel_moved_by_itself(void **state)
{
    struct world *world = *state;
    put(world, "1", "dstaddr", "192.0.2.2\n");
    look(world);
    assert_int_equal(world->group.failover.current, 1);
}

static void lists_are_taken_and_given_back(void **state)
{
    struct world *world = *state;
    put(world, "1", "dstaddr", "192.0.2.1\n");
    put(world, "1", "failover", "");
    put(world, "1", "xprt_info", CONNECTED);
    put(world, "1", "replicas", "192.0.2.1+192.0.2.2\n");
    look(world);
    holds(world, "1", "replicas", "192.0.2.1+192.0.2.2");
    world->group.failover.servers[1].identity = FAILOVER_DIFFERENT;
    look(world);
    holds(world, "1", "replicas", "");
    put(world, "2", "dstaddr", "192.0.2.1\n"); /* mounted meanwhile */
    put(world, "2", "failover", "");
    put(world, "2", "xprt_info", CONNECTED);
    put(world, "2", "replicas", "192.0.2.1+192.0.2.2\n");
    look(world);
    holds(world, "2", "replicas", "");
    put(world, "3", "dstaddr", "192.0.2.1\n"); /* lockd's */
    put(world, "3", "failover", "");
    put(world, "3", "xprt_info", "src_port=701\ndst_port=4045\n");
    put(world, "3", "replicas", "\n");
    world->group.failover.servers[1].identity = FAILOVER_IDENTITY_UNKNOWN; /* it went down */
    look(world);
    holds(world, "1", "replicas", "");
    world->group.failover.servers[1].identity = FAILOVER_SAME;
    look(world);
    holds(world, "1", "replicas", "192.0.2.1+192.0.2.2");
    holds(world, "2", "replicas", "192.0.2.1+192.0.2.2");
    holds(world, "3", "replicas", "");
    assert_false(world->group.held);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(stragglers_come_along, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_a_remount_left_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_kernel_moved_by_itself, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lists_are_taken_and_given_back, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
