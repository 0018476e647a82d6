/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine on a port and its twin, of which a gate shuts one: that it stands on both, behind the gate, and that what
 * erd announces goes out as what this machine tells itself. */
#include "cvipd_engine_live.h"

#include "announce.h"
#include "cvipd_engine_client.h"
#include "gate.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <net/ethernet.h>
#include <net/if.h>

#define TWIN_MAC "\x02\x00\x00\x00\x00\x03"

static int make_twin(void)
{
    return system("ip link add port1 address 02:00:00:00:00:03 type veth peer name wire1 &&"
                  "sysctl -qw net.ipv6.conf.wire1.disable_ipv6=1 net.ipv6.conf.port1.disable_ipv6=1"
                  " net.ipv4.conf.port1.rp_filter=0 &&"
                  "ip link set wire1 up && ip link set port1 up");
}

static int begin(void **state)
{
    struct world *world = *state;

    strcpy(world->settings.interfaces[ENGINE_TWIN], "port1");
    return make_twin();
}

static int end(void **state)
{
    struct world *world = *state;

    world_stop(world);
    memset(world->settings.interfaces[ENGINE_TWIN], 0, IF_NAMESIZE);
    world->settings.mac_kind = ENGINE_MAC_SHARED;
    return system("ip link del port1; tc qdisc del dev port0 clsact 2>/dev/null; true");
}

/* A client's segment arrives at the twin. */
static void send_by_twin(struct world *world)
{
    struct frame_want want = {.family = AF_INET, .flags = TCP_ACK, .client_port = client_port_next()};
    const int wire = world->wire;

    world->wire = world_open_wire("wire1");
    assert_true(world->wire >= 0);
    client_send(world, &want);
    close(world->wire);
    world->wire = wire;
}

static void shut(const char *port, bool shuts)
{
    struct gate *gate;
    int index = (int)if_nametoindex(port);

    assert_int_equal(gate_connect(&gate), 0);
    assert_int_equal(shuts ? gate_shut(gate, index) : gate_open(gate, index), 0);
    gate_disconnect(gate);
}

static bool has_joined(const char *port)
{
    char command[128];

    snprintf(command, sizeof(command), "bridge fdb show dev %s | grep -q 02:48:41:53:00:64", port);
    return system(command) == 0;
}

static void stands_on_both_behind_the_gate(void **state)
{
    struct world *world = *state;

    world_start(world, BUCKET_FOREIGN);
    assert_true(has_joined("port0"));
    assert_true(has_joined("port1"));
    send_by_twin(world);
    assert_int_equal(world_count(world, ENGINE_COUNT_FRAMES), 1);
    assert_int_equal(world_count(world, ENGINE_COUNT_FOREIGN), 1);
    shut("port1", true);
    send_by_twin(world);
    assert_int_equal(world_count(world, ENGINE_COUNT_FRAMES), 1);
    assert_int_equal(engine_check(world->engine, ENGINE_TWIN), ENGINE_WELL);
    world_stop(world);
    assert_false(has_joined("port1"));
    assert_int_not_equal(system("tc filter show dev port1 egress | grep -q engine_out"), 0);
    assert_int_equal(system("tc filter show dev port1 egress | grep -q 'pref 1 '"), 0); /* the gate stays */
}

static void mends_each(void **state)
{
    struct world *world = *state;

    world_start(world, BUCKET_FOREIGN);
    assert_int_equal(engine_clean("port1"), 0);
    assert_int_equal(engine_check(world->engine, ENGINE_PRIMARY), ENGINE_WELL);
    assert_int_equal(engine_check(world->engine, ENGINE_TWIN), ENGINE_MENDED);
    assert_int_equal(engine_check(world->engine, ENGINE_TWIN), ENGINE_WELL);
    assert_int_equal(system("tc qdisc del dev port0 clsact"), 0);
    assert_int_equal(engine_check(world->engine, ENGINE_TWIN), ENGINE_WELL);
    assert_int_equal(engine_check(world->engine, ENGINE_PRIMARY), ENGINE_MENDED);
}

static void outlives_a_port(void **state)
{
    struct world *world = *state;

    world_start(world, BUCKET_FOREIGN);
    assert_int_equal(system("ip link del port1"), 0);
    assert_int_equal(engine_check(world->engine, ENGINE_TWIN), -ENODEV);
    assert_int_equal(engine_check(world->engine, ENGINE_TWIN), -ENODEV);
    assert_int_equal(engine_check(world->engine, ENGINE_PRIMARY), ENGINE_WELL);
    assert_int_equal(make_twin(), 0);
    assert_int_equal(engine_check(world->engine, ENGINE_TWIN), ENGINE_NEW);
    assert_int_equal(engine_check(world->engine, ENGINE_TWIN), ENGINE_WELL);
    assert_true(has_joined("port1"));
    send_by_twin(world);
    assert_int_equal(world_count(world, ENGINE_COUNT_FOREIGN), 1);
}

static void starts_without_one(void **state)
{
    struct world *world = *state;
    struct engine *engine = NULL;
    const char *what;

    assert_int_equal(system("ip link del port1"), 0);
    world_start(world, BUCKET_FOREIGN);
    assert_int_equal(make_twin(), 0);
    assert_int_equal(engine_check(world->engine, ENGINE_TWIN), ENGINE_NEW);
    world_stop(world);
    strcpy(world->settings.interfaces[ENGINE_PRIMARY], "nothere");
    world_start(world, BUCKET_FOREIGN);
    send_by_twin(world);
    assert_int_equal(world_count(world, ENGINE_COUNT_FOREIGN), 1);
    world_stop(world);
    memset(world->settings.interfaces[ENGINE_TWIN], 0, IF_NAMESIZE);
    assert_int_equal(engine_open(&world->settings, &engine, &what), -ENODEV);
    strcpy(world->settings.interfaces[ENGINE_PRIMARY], "port0");
}

static void takes_the_place_of_an_older_one(void **state)
{
    struct world *world = *state;
    struct bpf_tc_hook hook = {.sz = sizeof(hook), .attach_point = BPF_TC_INGRESS};

    for (int i = 0; i < 2; i++) {
        struct bpf_tc_opts options = {.sz = sizeof(options), .handle = 0x484153, .priority = 1};

        world_start(world, BUCKET_FOREIGN);
        hook.ifindex = (int)if_nametoindex("port1");
        options.prog_fd = world->engine->program_in;
        assert_int_equal(bpf_tc_attach(&hook, &options), 0);
        world_stop(world);
        assert_int_equal(system("tc filter show dev port1 ingress | grep -q 'pref 1 '"), 0);
        if (i == 0) {
            assert_int_equal(engine_clean("port1"), 0);
        } else {
            world_start(world, BUCKET_FOREIGN);
        }
        assert_int_not_equal(system("tc filter show dev port1 ingress | grep -q 'pref 1 '"), 0);
    }
    send_by_twin(world);
    assert_int_equal(world_count(world, ENGINE_COUNT_FOREIGN), 1);
}

static void replays_come_in_by_the_active_port(void **state)
{
    struct world *world = *state;
    struct frame_want syn = {.family = AF_INET, .flags = TCP_SYN, .client_port = client_port_next()};
    static const uint64_t always[HASH_BUCKETS];
    struct engine_replay replayed = {0};
    bool wanted[HASH_BUCKETS];

    memset(wanted, true, sizeof(wanted));
    world_start(world, BUCKET_FOREIGN);
    client_send(world, &syn);
    shut("port0", true);
    world_set(world, BUCKET_SILENT);
    engine_use(world->engine, ENGINE_TWIN);
    assert_int_equal(engine_replay(world->engine, wanted, always, world_now(), 60000, &replayed), 1);
    assert_int_equal(world_count(world, ENGINE_COUNT_REPLAYED), 1);
    assert_int_equal(world_count(world, ENGINE_COUNT_PASSED), 1);
}

static void receive_told(struct world *world, const char *told)
{
    struct frame frame;

    assert_true(world_receive(world, WORLD_ARP, &frame));
    assert_memory_equal(&frame.bytes[ETH_ALEN], TWIN_MAC, ETH_ALEN);
    assert_memory_equal(&frame.bytes[22], told, ETH_ALEN);
    assert_true(world_receive(world, WORLD_ND, &frame));
    assert_memory_equal(&frame.bytes[80], told, ETH_ALEN);
    assert_true(frame_is_intact(&frame));
}

/* erd announces all addresses of the pair with the port's MAC, and knows nothing of us. */
static void what_erd_announces_goes_through_the_engine(void **state)
{
    static const uint8_t mac[] = TWIN_MAC;
    struct world *world = *state;
    struct announce *announce;
    const int wire = world->wire;

    world->wire = world_open_wire("wire1");
    assert_true(world->wire >= 0);
    world_start(world, BUCKET_FOREIGN);
    assert_int_equal(announce_open("port0", &announce), 0);
    assert_int_equal(announce_use(announce, "nothere"), -ENODEV);
    assert_int_equal(announce_use(announce, "port1"), 0);
    assert_int_equal(announce_send(announce, world->settings.addresses, 2, mac), 0);
    receive_told(world, SHARED_MAC);
    shut("port1", true);
    assert_int_equal(announce_send(announce, world->settings.addresses, 2, mac), -ENOBUFS);
    shut("port1", false);
    world->settings.mac_kind = ENGINE_MAC_OWN;
    world_start(world, BUCKET_SILENT);
    assert_int_equal(announce_send(announce, world->settings.addresses, 2, mac), -ENOBUFS); /* others answer for them */
    engine_announce(world->engine, true);
    assert_int_equal(announce_send(announce, world->settings.addresses, 2, mac), 0);
    receive_told(world, TWIN_MAC); /* the first that came since */
    announce_close(announce);
    close(world->wire);
    world->wire = wire;
}

int live_twin(struct world *world)
{
    const struct CMUnitTest tests[] = {
        {"stands_on_both_behind_the_gate", stands_on_both_behind_the_gate, begin, end, world},
        {"mends_each", mends_each, begin, end, world},
        {"outlives_a_port", outlives_a_port, begin, end, world},
        {"starts_without_one", starts_without_one, begin, end, world},
        {"takes_the_place_of_an_older_one", takes_the_place_of_an_older_one, begin, end, world},
        {"replays_come_in_by_the_active_port", replays_come_in_by_the_active_port, begin, end, world},
        {"what_erd_announces_goes_through_the_engine", what_erd_announces_goes_through_the_engine, begin, end, world},
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
