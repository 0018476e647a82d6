/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Probes over a cable: through an open port and through one that is shut; what counts as an answer and what does not.
 */
#include "erd_probe_world.h"

#include "gate.h"
#include "probe_frame.h"

#include <errno.h>
#include <sys/socket.h>

static void test_an_open_port_is_answered(void **state)
{
    struct world *world = *state;

    veth_near_run(&world->veth, OUR_ADDRESSES);
    veth_far_run(&world->veth, FAR_ADDRESSES);
    assert_int_equal(probe_as(world->probe, world->veth.mac, world->veth.mac), 0);
    world_ask_for(world, TARGET4, "10.77.0.1");
    world_ask_for(world, TARGET6, "fd77::1");
    world_until_answered(world, 2, true);
    assert_true(probe_counts(world->probe)->sent >= 2);
    assert_true(probe_counts(world->probe)->answers >= 2);
}

/* What a node without erd would do: it speaks by the port, and is asked for its addresses. */
static void tempt(struct world *world)
{
    veth_near_run(&world->veth, OUR_ADDRESSES);
    veth_near_run(&world->veth, "ip neigh add 10.77.0.9 lladdr 02:00:00:00:00:09 dev " VETH_PORT
                                " && ip neigh add fd77::9 lladdr 02:00:00:00:00:09 dev " VETH_PORT);
    for (int family = 0; family < 2; family++) {
        struct sockaddr_storage to;
        struct addr someone = world_addr(family == 0 ? "10.77.0.9" : "fd77::9");
        socklen_t length = addr_to_sockaddr(&someone, 9, &to);
        int fd = socket(to.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        (void)sendto(fd, "", 1, 0, (struct sockaddr *)&to, length); /* -ENOBUFS: the gate has it */
        close(fd);
    }
}

static void ask_for_our_addresses(struct world *world)
{
    static const char *const ours[] = {"10.77.0.1", "fd77::1"}, *const theirs[] = {"10.77.0.8", "fd77::8"};

    for (size_t i = 0; i < 2; i++) {
        uint8_t frame[PROBE_FRAME_MAX];
        struct addr target = world_addr(ours[i]), source = world_addr(theirs[i]);
        veth_say(&world->veth, frame, probe_frame_make(frame, world->veth.far_mac, NULL, &source, &target));
    }
}

static void test_a_shut_port_is_answered_and_nothing_else_leaves_it(void **state)
{
    struct world *world = *state;
    uint8_t frame[VETH_FRAME_MAX];
    struct gate *gate;
    unsigned heard = 0;

    assert_int_equal(gate_connect(&gate), 0);
    assert_int_equal(gate_shut(gate, world->veth.port), 0);
    veth_far_run(&world->veth, FAR_ADDRESSES);
    tempt(world);
    ask_for_our_addresses(world);
    assert_int_equal(probe_as(world->probe, world->spare, world->veth.mac), 0);
    world_ask_for(world, TARGET4, NULL);
    world_ask_for(world, TARGET6, NULL);
    world_until_answered(world, 2, true);
    assert_int_equal(gate_is_shut(gate, world->veth.port), 1);
    gate_disconnect(gate);
    for (; veth_hear(&world->veth, frame, 0) > 0; heard++) {
        assert_memory_equal(frame + 6, world->spare, 6);
        for (size_t i = 0; i < PROBE_FRAME_MAX - 6; i++) /* nor does one tell it inside */
            assert_memory_not_equal(frame + i, world->veth.mac, 6);
        memset(frame, 0, sizeof(frame));
    }
    assert_true(heard >= 2);
}

/* The target speaks to others, and others ask for it: both come to this port by broadcast, wherever the target is. */
static void say_what_everybody_hears(struct world *world, const struct addr *target)
{
    static const uint8_t everyone[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, another[6] = {2, 0, 0, 0, 0, 0x11};
    uint8_t frame[PROBE_FRAME_MAX];
    struct addr somebody = world_addr("10.77.0.5");
    const struct addr *senders[] = {&somebody, target}; /* somebody's request, and a gratuitous one */

    for (size_t i = 0; i < 2; i++)
        veth_say(&world->veth, frame, probe_frame_make(frame, world->veth.far_mac, NULL, senders[i], target));
    world_put_answer(frame, world->veth.far_mac, target, everyone); /* a gratuitous reply */
    veth_say(&world->veth, frame, 42);
    memcpy(frame + 32, world->spare, 6); /* and one with our MAC inside */
    veth_say(&world->veth, frame, 42);
    world_put_answer(frame, world->veth.far_mac, target, another); /* an answer that a switch floods */
    veth_say(&world->veth, frame, 42);
    world_put_answer(frame, world->veth.far_mac, target,
                     world->veth.mac); /* to the other port, which has this MAC, too */
    veth_say(&world->veth, frame, 42);
}

static void say_what_looks_like_an_answer(struct world *world, const struct addr *target)
{
    uint8_t frame[PROBE_FRAME_MAX], tagged[46];
    struct addr none = world_addr(NULL), stranger = world_addr("10.77.0.6");

    veth_say(&world->veth, frame, probe_frame_make(frame, world->spare, NULL, &none, target)); /* a loop */
    world_put_answer(frame, world->spare, target, world->spare);
    veth_say(&world->veth, frame, 42);
    world_put_answer(frame, world->veth.far_mac, &stranger, world->spare);
    veth_say(&world->veth, frame, 42);
    world_put_answer(frame, world->veth.far_mac, target, world->spare);
    memcpy(tagged, frame, 12);
    memcpy(tagged + 12, (uint8_t[]){0x81, 0x00, 0x00, 0x0a}, 4); /* of VLAN 10 */
    memcpy(tagged + 16, frame + 12, 30);
    veth_say(&world->veth, tagged, sizeof(tagged));
    veth_say(&world->veth, frame, 41);
}

/* lf-edge/eve #5939: bonding takes the broadcasts of other hosts for answers, so a dead port looks alive. */
static void test_only_answers_count(void **state)
{
    struct world *world = *state;
    uint8_t frame[42];

    world_ask_for(world, "10.77.0.7", NULL);
    world_ask_for(world, TARGET4, NULL);
    assert_int_equal(probe_as(world->probe, world->spare, world->veth.mac), 0);
    assert_int_equal(probe_send(world->probe, world->targets, world->target_count), 0);
    say_what_everybody_hears(world, &world->targets[0].address);
    say_what_looks_like_an_answer(world, &world->targets[0].address);
    world_put_answer(frame, world->veth.far_mac, &world->targets[1].address, world->spare); /* the last one is good */
    veth_say(&world->veth, frame, sizeof(frame));
    world_until_answered(world, 1, false);
    assert_int_equal(world->answers[0], 0);
    assert_int_equal(probe_counts(world->probe)->answers, 1);
    assert_in_range(probe_counts(world->probe)->refused, 1, 3); /* the filter has kept the others away */
}

static void test_the_vlan_of_priorities_is_none(void **state)
{
    struct world *world = *state;
    uint8_t frame[42], tagged[46];

    world_ask_for(world, TARGET4, NULL);
    assert_int_equal(probe_as(world->probe, world->spare, world->veth.mac), 0);
    assert_int_equal(probe_send(world->probe, world->targets, world->target_count), 0);
    world_put_answer(frame, world->veth.far_mac, &world->targets[0].address, world->spare);
    memcpy(tagged, frame, 12);
    memcpy(tagged + 12, (uint8_t[]){0x81, 0x00, 0xe0, 0x00}, 4);
    memcpy(tagged + 16, frame + 12, 30);
    veth_say(&world->veth, tagged, sizeof(tagged));
    world_until_answered(world, 1, false);
}

static void test_what_was_asked_before_does_not_count(void **state)
{
    struct world *world = *state;
    struct addr before = world_addr(TARGET4);
    uint8_t frame[42];

    world_ask_for(world, "10.77.0.2", NULL);
    world_ask_for(world, TARGET4, NULL);
    assert_int_equal(probe_send(world->probe, world->targets, 2), -EDESTADDRREQ); /* as whom? */
    assert_int_equal(probe_as(world->probe, world->spare, world->veth.mac), 0);
    assert_int_equal(probe_send(world->probe, world->targets, 2), 0);
    world->target_count = 0;
    world_ask_for(world, "10.77.0.7", "10.77.0.1");
    assert_int_equal(probe_as(world->probe, world->veth.mac, world->veth.mac), 0);
    assert_int_equal(probe_send(world->probe, world->targets, 1), 0);
    world_put_answer(frame, world->veth.far_mac, &world->targets[0].address, world->spare); /* to whom we were */
    veth_say(&world->veth, frame, sizeof(frame));
    world_put_answer(frame, world->veth.far_mac, &before, world->veth.mac); /* of whom we asked */
    veth_say(&world->veth, frame, sizeof(frame));
    world_put_answer(frame, world->veth.far_mac, &world->targets[0].address, world->veth.mac);
    veth_say(&world->veth, frame, sizeof(frame));
    world_until_answered(world, 1, false);
    assert_int_equal(world->answers[0], 1);
}

static void test_too_many_targets_are_refused(void **state)
{
    struct world *world = *state;
    struct probe_target targets[PROBE_TARGETS_MAX + 1] = {{.address = {.family = AF_INET}}};

    assert_int_equal(probe_as(world->probe, world->spare, world->veth.mac), 0);
    assert_int_equal(probe_send(world->probe, targets, PROBE_TARGETS_MAX + 1), -E2BIG);
    assert_int_equal(probe_send(world->probe, NULL, 0), 0);
    assert_int_equal(probe_counts(world->probe)->sent, 0);
}

int main(void)
{
    static struct world world;
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_an_open_port_is_answered, &world),
        WORLD_TEST(test_a_shut_port_is_answered_and_nothing_else_leaves_it, &world),
        WORLD_TEST(test_only_answers_count, &world),
        WORLD_TEST(test_the_vlan_of_priorities_is_none, &world),
        WORLD_TEST(test_what_was_asked_before_does_not_count, &world),
        WORLD_TEST(test_too_many_targets_are_refused, &world),
    };

    return !veth_begin(&world.veth) ? VETH_SKIPPED : cmocka_run_group_tests(tests, NULL, NULL);
}
