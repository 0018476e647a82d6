/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The word of a real Corosync: a cluster of one node on loopback. Only where a Corosync may be started without being in
 * another's way: tests/unit/ipvs_live.sh KERNEL tests/unit/cvipd_cluster_live. Elsewhere it is skipped. */
#include "unit.h"

#include "cluster.h"
#include "log.h"
#include "wake.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <sys/mount.h>
#include <sys/wait.h>

#define SKIPPED 77
#define PATIENCE_US 60000000
#define LOOK_US 10000

static const char configuration[] = "totem {\n version: 2\n cluster_name: live\n transport: udpu\n token: 1000\n}\n"
                                    "quorum {\n provider: corosync_votequorum\n expected_votes: 1\n}\n"
                                    "nodelist {\n node {\n  name: live\n  nodeid: 3\n  ring0_addr: 127.0.0.1\n }\n}\n"
                                    "logging {\n to_stderr: no\n to_syslog: no\n}\n";

static const struct keyring ring = {.count = 1, .keys = {{.id = 1, .bytes = {1, 2, 3}}}};

struct world {
    qb_loop_t *loop;
    struct wake look, patience;
    bool (*wanted)(struct world *);
    bool over;
    struct cluster *cluster;
    bool connected, quorate, strict_majority;
    uint16_t present, left;
    unsigned maps;
    struct wire_map map;
};

static void take_state(void *context, bool connected, bool quorate, bool strict_majority, uint16_t present,
                       uint16_t left)
{
    struct world *world = context;
    printf("connected %d, quorate %d, strict majority %d, present %#x, left %#x\n", connected, quorate, strict_majority,
           present, left);
    world->connected = connected;
    world->quorate = quorate;
    world->strict_majority = strict_majority;
    world->present = present;
    world->left |= left;
}

static void take_map(void *context, const struct wire_map *map)
{
    struct world *world = context;
    world->maps++;
    world->map = *map;
}

static void look(void *context)
{
    struct world *world = context;
    if (world->wanted(world))
        qb_loop_stop(world->loop);
}

static void give_up(void *context)
{
    struct world *world = context;
    world->over = true;
    qb_loop_stop(world->loop);
}

static void until(struct world *world, bool (*wanted)(struct world *))
{
    world->wanted = wanted;
    world->over = false;
    wake_each(&world->look, LOOK_US);
    wake_in(&world->patience, PATIENCE_US);
    qb_loop_run(world->loop);
    wake_never(&world->look);
    wake_never(&world->patience);
    assert_false(world->over);
}

static bool is_all_well(struct world *world)
{
    return world->connected && world->quorate && world->strict_majority && world->present == 1 << 2;
}

static bool is_alone(struct world *world)
{
    return !world->connected;
}

static bool has_map(struct world *world)
{
    return world->maps > 0;
}

static pid_t start_corosync(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        execlp("corosync", "corosync", "-f", "-c", "/run/corosync.conf", (char *)NULL);
        _exit(127);
    }
    assert_true(pid > 0);
    return pid;
}

static void publish_and_see(struct world *world, uint64_t epoch)
{
    const struct wire_map map = {.epoch = epoch, .coordinator = 3, .owners = {[255] = 3}};
    world->maps = 0;
    assert_int_equal(cluster_publish(world->cluster, &map), 0);
    until(world, has_map);
    assert_memory_equal(&world->map, &map, sizeof map);
}

/* It may start after us, end without a word, and come back. */
static void corosync_comes_goes_and_comes_back(void **state)
{
    (void)state;
    static const struct cluster_callbacks callbacks = {.state = take_state, .map = take_map};
    struct world world = {.loop = qb_loop_create()};
    int status;
    assert_int_equal(wake_open(&world.look, world.loop, QB_LOOP_LOW, look, &world), 0);
    assert_int_equal(wake_open(&world.patience, world.loop, QB_LOOP_LOW, give_up, &world), 0);
    assert_int_equal(cluster_open(world.loop, &ring, &callbacks, &world, &world.cluster), 0);
    for (uint64_t round = 1; round <= 2; round++) {
        pid_t corosync = start_corosync();
        until(&world, is_all_well);
        publish_and_see(&world, round);
        assert_int_equal(kill(corosync, round == 1 ? SIGKILL : SIGTERM), 0);
        assert_int_equal(waitpid(corosync, &status, 0), corosync);
        until(&world, is_alone);
    }
    assert_int_equal(cluster_counters(world.cluster)->connections, 2);
    assert_int_equal(world.left, 0);
    cluster_close(world.cluster);
    wake_close(&world.look);
    wake_close(&world.patience);
    qb_loop_destroy(world.loop);
}

/* Whether this is a kernel of our own, whose /run is empty and whose root nobody writes to. */
static bool prepare(void)
{
    if (geteuid() != 0 || access("/mnt/init", X_OK) != 0 || mount("tmpfs", "/var/lib/corosync", "tmpfs", 0, NULL) != 0)
        return false;
    unit_put("/run/corosync.conf", configuration, sizeof configuration - 1, 0644);
    return true;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(corosync_comes_goes_and_comes_back),
    };

    if (!prepare())
        return SKIPPED;
    if (sodium_init() < 0 || log_open("cvipd_cluster_live", "stderr", false) != 0)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    log_close();
    return failed;
}
