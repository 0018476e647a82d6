/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Probes of a port that goes down, loses its carrier, or is taken away. */
#include "erd_probe_world.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#define DESCRIPTORS 64

/* None of our packet sockets would wake the loop again. */
static void assert_quiet(void)
{
    for (int fd = 3; fd < DESCRIPTORS; fd++) {
        struct pollfd now = {.fd = fd, .events = POLLIN};
        int domain = 0;
        socklen_t size = sizeof(domain);
        if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_PACKET)
            assert_int_equal(poll(&now, 1, 0), 0);
    }
}

static void test_a_port_that_was_down_is_answered_again(void **state)
{
    struct world *world = *state;

    veth_far_run(&world->veth, FAR_ADDRESSES);
    assert_int_equal(probe_as(world->probe, world->spare, world->veth.mac), 0);
    world_ask_for(world, TARGET4, NULL);
    world_until_answered(world, 1, true);
    veth_near_run(&world->veth, "ip link set " VETH_PORT " down");
    assert_int_equal(probe_send(world->probe, world->targets, 1), -ENETDOWN);
    assert_int_equal(probe_counts(world->probe)->unsent, 1);
    while (veth_hear(&world->veth, (uint8_t[VETH_FRAME_MAX]){0}, 0) > 0)
        continue;
    world_turn(world);
    assert_quiet();
    veth_near_run(&world->veth, "ip link set " VETH_PORT " up");
    world_until_answered(world, 1, true);
}

static void test_a_port_without_a_carrier_does_not_send(void **state)
{
    struct world *world = *state;

    assert_int_equal(probe_as(world->probe, world->spare, world->veth.mac), 0);
    world_ask_for(world, TARGET4, NULL);
    veth_far_run(&world->veth, "ip link set " VETH_FAR " down");
    assert_int_equal(probe_send(world->probe, world->targets, 1), -ENOBUFS);
    assert_int_equal(probe_counts(world->probe)->unsent, 1);
}

static void test_a_port_may_go_away(void **state)
{
    struct world *world = *state;

    assert_int_equal(probe_as(world->probe, world->spare, world->veth.mac), 0);
    world_ask_for(world, TARGET4, NULL);
    veth_near_run(&world->veth, "ip link del " VETH_PORT);
    assert_int_equal(probe_send(world->probe, world->targets, 1), -ENODEV);
    world_turn(world);
    close(world->veth.far);
    world->veth.far = -1;
    assert_quiet();
    assert_int_equal(probe_as(world->probe, world->veth.mac, world->veth.mac), 0); /* it may still be told */
    assert_int_equal(probe_as(world->probe, world->spare, world->veth.mac), -ENODEV);
    struct probe *none;
    assert_int_equal(probe_open(world->loop, world->veth.port, NULL, NULL, &none), -ENODEV);
    assert_int_equal(probe_open(world->loop, 0, NULL, NULL, &none), -ENODEV);
}

int main(void)
{
    static struct world world;
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_a_port_that_was_down_is_answered_again, &world),
        WORLD_TEST(test_a_port_without_a_carrier_does_not_send, &world),
        WORLD_TEST(test_a_port_may_go_away, &world),
    };

    return !veth_begin(&world.veth) ? VETH_SKIPPED : cmocka_run_group_tests(tests, NULL, NULL);
}
