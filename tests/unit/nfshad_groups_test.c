/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which groups nfshad makes of the notes of mount.nfsha and the kernel's table, both played by files. */
#include "nfshad.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct world {
    char root[64], registry[128], exports[128], mounts[128];
    struct nfshad nfshad;
};

/* Of the documentation's networks: nobody answers, and the loop does not run. */
#define ON_SECOND "36 35 0:40 / /content rw - nfs4 192.0.2.1:/content rw,vers=4.2,addr=192.0.2.2\n"
#define FOREIGN "36 35 0:40 / /foreign rw - nfs4 192.0.2.1:/foreign rw,vers=4.2,addr=192.0.2.1\n"

static void mounted(const struct world *world, const char *text)
{
    FILE *file = fopen(world->mounts, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static size_t notes(const struct world *world)
{
    struct registry_mount *found;
    size_t count;
    assert_int_equal(registry_read(world->registry, &found, &count), 0);
    free(found);
    return count;
}

static void note(const struct world *world, const char *directory, enum mismatch mismatch)
{
    struct conf_error error;
    struct registry_mount mount = {.version = 4, .mismatch = mismatch, .compare = true, .options = "ro,retry=0"};
    snprintf(mount.directory, sizeof mount.directory, "%s", directory);
    assert_int_equal(source_parse("192.0.2.1,192.0.2.2:/content", &mount.source, &error), 0);
    assert_int_equal(source_resolve(&mount.source, &error), 0);
    assert_int_equal(registry_write(world->registry, &mount), 0);
}

static int set_up(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    snprintf(world->root, sizeof world->root, "/tmp/nfshad_groups_XXXXXX");
    assert_non_null(mkdtemp(world->root));
    snprintf(world->registry, sizeof world->registry, "%s/mounts", world->root);
    snprintf(world->exports, sizeof world->exports, "%s/exports", world->root);
    snprintf(world->mounts, sizeof world->mounts, "%s/mountinfo", world->root);
    assert_int_equal(mkdir(world->exports, 0700), 0);
    world->nfshad = (struct nfshad){.loop = qb_loop_create(),
                                    .transports = world->root,
                                    .registry = world->registry,
                                    .exports = world->exports,
                                    .mounts = world->mounts};
    world->nfshad.config = (struct nfshad_config){
        .interval_ms = 100, .timeout_ms = 500, .fall = 2, .rise = 3, .compare_s = 10, .remount = true};
    assert_int_equal(worker_open(world->nfshad.loop, &world->nfshad.worker), 0);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    char command[128];
    worker_close(world->nfshad.worker);
    nfshad_groups_close(&world->nfshad);
    qb_loop_destroy(world->nfshad.loop);
    snprintf(command, sizeof command, "rm -r %s", world->root);
    free(world);
    return system(command);
}

static void the_kernel_tells_the_server_in_use(void **state)
{
    struct world *world = *state;
    note(world, "/content", MISMATCH_REFUSE);
    mounted(world, FOREIGN ON_SECOND);
    nfshad_groups_read(&world->nfshad);
    assert_int_equal(world->nfshad.group_count, 1);
    const struct nfshad_group *group = world->nfshad.groups[0];
    assert_int_equal(group->failover.current, 1);
    assert_false(group->left[0]);
    assert_int_equal(group->mount_count, 2);
    assert_string_equal(group->mounts[0].ours.directory, "/content");
    assert_true(group->mounts[1].foreign);
}

static void a_remount_does_not_lose_its_group(void **state)
{
    struct world *world = *state;
    note(world, "/content", MISMATCH_REMOUNT);
    mounted(world, ON_SECOND);
    nfshad_groups_read(&world->nfshad);
    assert_int_equal(world->nfshad.group_count, 1);
    struct nfshad_group *group = world->nfshad.groups[0];
    assert_true(group->left[0]); /* a remount by another nfshad may have left files there */
    group->failover.state = FAILOVER_MOVING;
    group->failover.remounting = true;
    mounted(world, "");
    nfshad_groups_read(&world->nfshad);
    assert_int_equal(world->nfshad.group_count, 1);
    assert_int_equal(group->mount_count, 1);
    assert_int_equal(notes(world), 1);
    group->failover.state = FAILOVER_STEADY;
    nfshad_groups_read(&world->nfshad);
    assert_int_equal(world->nfshad.group_count, 0);
    assert_int_equal(notes(world), 0);
}

static void what_is_being_mounted_keeps_its_note(void **state)
{
    struct world *world = *state;
    note(world, "/content", MISMATCH_REFUSE);
    mounted(world, FOREIGN);
    nfshad_groups_read(&world->nfshad);
    assert_int_equal(world->nfshad.group_count, 0);
    assert_int_equal(notes(world), 1);
}

/* Containers mount the same in many places. */
static void ours_are_watched_before_foreign_ones(void **state)
{
    struct world *world = *state;
    char text[16384] = "";
    size_t used = 0;
    for (unsigned i = 0; i < 100; i++)
        used += (size_t)snprintf(text + used, sizeof text - used,
                                 "%u 1 0:40 / /pod%u rw - nfs4 192.0.2.1:/content rw,vers=4.2,addr=192.0.2.1\n", i, i);
    snprintf(text + used, sizeof text - used, "%s", ON_SECOND);
    note(world, "/content", MISMATCH_REFUSE);
    mounted(world, text);
    nfshad_groups_read(&world->nfshad);
    assert_int_equal(world->nfshad.group_count, 1);
    assert_int_equal(world->nfshad.groups[0]->mount_count, NFSHAD_MOUNTS_MAX);
    assert_false(world->nfshad.groups[0]->mounts[0].foreign);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_kernel_tells_the_server_in_use, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_remount_does_not_lose_its_group, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_being_mounted_keeps_its_note, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ours_are_watched_before_foreign_ones, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
