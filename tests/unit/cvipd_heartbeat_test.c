/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two members' heartbeats over two LANs on loopback. */
#include "unit.h"

#include "heartbeat.h"
#include "log.h"
#include "wake.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/ip.h>
#include <sodium.h>

#define PATIENCE_US 20000000 /* what has not happened by then never will */
#define LOOK_US 1000

static const struct keyring ring = {.count = 1, .keys = {{.id = 1, .bytes = {1, 2, 3}}}};
static const struct keyring other_ring = {.count = 1, .keys = {{.id = 2, .bytes = {4, 5, 6}}}};

struct member {
    struct heartbeat_settings settings;
    struct heartbeat *heartbeat;
    unsigned received;
    struct wire_heartbeat last;
};

struct world {
    qb_loop_t *loop;
    struct wake look;
    struct wake patience;
    bool (*wanted)(struct world *);
    bool over;
    struct member a, b;
};

static void take(void *context, const struct wire_heartbeat *heartbeat)
{
    struct member *member = context;
    member->received++;
    member->last = *heartbeat;
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

/* Turns the loop until it is so. */
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

static struct addr address(const char *text)
{
    struct addr result;
    assert_int_equal(addr_parse(text, &result), 0);
    return result;
}

/* A socket on the address; with port 0 on a free one. */
static int bound_socket(const struct addr *at, uint16_t port)
{
    struct sockaddr_storage local;
    int on = 1;
    socklen_t length = addr_to_sockaddr(at, port, &local);
    int fd = socket(at->family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(setsockopt(fd, IPPROTO_IP, IP_RECVTOS, &on, sizeof on), 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&local, length), 0);
    return fd;
}

static uint16_t free_port(const struct addr *at)
{
    struct sockaddr_storage local = {0};
    socklen_t length = sizeof local;
    struct addr same;
    uint16_t port = 0;
    int fd = bound_socket(at, 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&local, &length), 0);
    assert_int_equal(addr_from_sockaddr(&local, &same, &port), 0);
    close(fd);
    return port;
}

/* Addresses that other runs of this test do not have at the same time. */
static void set_up_members(struct world *world)
{
    unsigned net = (unsigned)getpid() % 250;
    char text[2][2][ADDR_TEXT_MAX];
    for (unsigned member = 0; member < 2; member++)
        for (unsigned lan = 0; lan < 2; lan++)
            snprintf(text[member][lan], ADDR_TEXT_MAX, "127.%u.%u.%u", 100 + lan, net, 1 + member);
    for (unsigned lan = 0; lan < 2; lan++) {
        world->a.settings.own[lan] = world->b.settings.peers[0].addresses[lan] = address(text[0][lan]);
        world->b.settings.own[lan] = world->a.settings.peers[0].addresses[lan] = address(text[1][lan]);
    }
    world->a.settings.port = world->b.settings.port = free_port(&world->a.settings.own[0]);
    world->a.settings.own_count = world->b.settings.own_count = 2;
    world->a.settings.peer_count = world->b.settings.peer_count = 1;
    world->a.settings.peers[0].id = 2;
    world->b.settings.peers[0].id = 1;
    world->a.settings.peers[0].count = world->b.settings.peers[0].count = 2;
}

static void open_member(struct world *world, struct member *member)
{
    assert_int_equal(heartbeat_open(world->loop, &member->settings, &ring, take, member, &member->heartbeat), 0);
}

static void set_up(struct world *world)
{
    *world = (struct world){.loop = qb_loop_create()};
    assert_non_null(world->loop);
    assert_int_equal(wake_open(&world->look, world->loop, QB_LOOP_LOW, look, world), 0);
    assert_int_equal(wake_open(&world->patience, world->loop, QB_LOOP_LOW, give_up, world), 0);
    set_up_members(world);
}

static void open_both(struct world *world)
{
    set_up(world);
    open_member(world, &world->a);
    open_member(world, &world->b);
}

static void tear_down(struct world *world)
{
    heartbeat_close(world->a.heartbeat);
    heartbeat_close(world->b.heartbeat);
    wake_close(&world->look);
    wake_close(&world->patience);
    qb_loop_destroy(world->loop);
}

static struct wire_heartbeat heartbeat_of(uint8_t member, uint64_t sequence)
{
    return (struct wire_heartbeat){.member = member,
                                   .session = 7,
                                   .sequence = sequence,
                                   .active = 1,
                                   .map = {.epoch = 3, .coordinator = 1, .owners = {[9] = 2}}};
}

static void send_as(struct member *member, uint8_t id, uint64_t sequence)
{
    struct wire_heartbeat message = heartbeat_of(id, sequence);
    heartbeat_send(member->heartbeat, &message);
}

/* Sends these bytes to the first address of b from elsewhere. */
static void send_bytes(struct world *world, const uint8_t *data, size_t length)
{
    struct sockaddr_storage to;
    socklen_t to_length = addr_to_sockaddr(&world->b.settings.own[0], world->b.settings.port, &to);
    int fd = bound_socket(&world->a.settings.own[1], 0);
    assert_int_equal(sendto(fd, data, length, 0, (struct sockaddr *)&to, to_length), length);
    close(fd);
}

static bool b_has_two(struct world *world)
{
    return world->b.received == 2;
}

static bool b_has_one(struct world *world)
{
    return world->b.received == 1;
}

static bool a_and_b_have_two(struct world *world)
{
    return world->a.received == 2 && world->b.received == 2;
}

static void heartbeats_come_over_every_lan(void **state)
{
    (void)state;
    struct world world;
    open_both(&world);
    send_as(&world.a, 1, 5);
    send_as(&world.b, 2, 6);
    until(&world, a_and_b_have_two);
    assert_int_equal(world.b.last.member, 1);
    assert_int_equal(world.b.last.sequence, 5);
    assert_int_equal(world.b.last.map.owners[9], 2);
    assert_int_equal(world.a.last.sequence, 6);
    assert_int_equal(heartbeat_counters(world.a.heartbeat)->sent, 2);
    assert_int_equal(heartbeat_counters(world.a.heartbeat)->send_errors, 0);
    assert_int_equal(heartbeat_counters(world.b.heartbeat)->received, 2);
    tear_down(&world);
}

/* What they mean is the ownership protocol's matter. */
static void doubles_and_replays_are_handed_on(void **state)
{
    (void)state;
    struct world world;
    struct wire_message message = {.type = WIRE_HEARTBEAT};
    uint8_t data[WIRE_DATAGRAM_MAX];
    open_both(&world);
    message.heartbeat = heartbeat_of(1, 1);
    int length = wire_encode(&message, &ring.keys[0], data);
    assert_true(length > 0);
    send_bytes(&world, data, (size_t)length);
    send_bytes(&world, data, (size_t)length);
    until(&world, b_has_two);
    tear_down(&world);
}

static void what_waits_can_be_read_before_a_tick(void **state)
{
    (void)state;
    struct world world;
    open_both(&world);
    send_as(&world.a, 1, 1);
    heartbeat_read(world.b.heartbeat); /* loopback delivers at once; the loop has not turned */
    assert_int_equal(world.b.received, 2);
    tear_down(&world);
}

static bool all_noise_is_counted(struct world *world)
{
    const struct heartbeat_counters *c = heartbeat_counters(world->b.heartbeat);
    return c->refused[WIRE_TRUNCATED] == 1 && c->refused[WIRE_FOREIGN] == 300 && c->refused[WIRE_FORGED] == 1 &&
           c->refused[WIRE_UNKNOWN_KEY] == 1 && c->refused[WIRE_BAD_LENGTH] == 1 && c->refused[WIRE_MALFORMED] == 0 &&
           c->unexpected == 1 && c->strangers == 2;
}

static void send_signed(struct world *world, const struct wire_message *message, const struct key *key, bool forged)
{
    uint8_t data[WIRE_DATAGRAM_MAX];
    int length = wire_encode(message, key, data);
    assert_true(length > 0);
    if (forged)
        data[100] ^= 1;
    send_bytes(world, data, (size_t)length);
}

static void noise_is_counted_and_goes_no_further(void **state)
{
    (void)state;
    struct world world;
    static const uint8_t junk[1600] = {'H', 'A', 'S', '1', 5, 0, 1, 0};
    static const uint8_t foreign[20] = {'X'};
    struct wire_message message = {.type = WIRE_HEARTBEAT};
    const struct wire_message hello = {.type = WIRE_HELLO, .hello = {.instance = 1}};
    open_both(&world);
    for (int i = 0; i < 300; i++) { /* more than is read at a stretch, fewer than the socket holds */
        send_bytes(&world, foreign, 20);
        if (i % 50 == 0)
            heartbeat_read(world.b.heartbeat);
    }
    send_bytes(&world, junk, 20);
    send_bytes(&world, junk, sizeof junk);
    message.heartbeat = heartbeat_of(1, 1);
    send_signed(&world, &message, &ring.keys[0], true);
    send_signed(&world, &message, &other_ring.keys[0], false);
    message.heartbeat.member = 2; /* b itself */
    send_signed(&world, &message, &ring.keys[0], false);
    message.heartbeat.member = 16; /* not on the list */
    send_signed(&world, &message, &ring.keys[0], false);
    send_signed(&world, &hello, &ring.keys[0], false);
    until(&world, all_noise_is_counted);
    assert_int_equal(world.b.received, 0);
    send_as(&world.a, 1, 1);
    until(&world, b_has_two);
    tear_down(&world);
}

/* Tries again and again. */
static bool b_sends_over_both(struct world *world)
{
    const struct heartbeat_counters *counters = heartbeat_counters(world->b.heartbeat);
    uint64_t before = counters->sent;
    send_as(&world->b, 2, 2);
    return counters->sent == before + 2;
}

/* Another program has the port of one LAN, and ends: one LAN is enough, and the other is taken up within a second. */
static void a_missing_socket_is_opened_later(void **state)
{
    (void)state;
    struct world world;
    set_up(&world);
    int taken = bound_socket(&world.b.settings.own[1], world.b.settings.port);
    open_member(&world, &world.a);
    open_member(&world, &world.b);
    send_as(&world.a, 1, 1);
    until(&world, b_has_one);
    send_as(&world.b, 2, 1);
    assert_int_equal(heartbeat_counters(world.b.heartbeat)->sent, 1);
    assert_int_equal(heartbeat_counters(world.b.heartbeat)->send_errors, 1);
    close(taken);
    until(&world, b_sends_over_both);
    tear_down(&world);
}

static void what_cannot_be_sent_is_counted(void **state)
{
    (void)state;
    struct world world;
    set_up(&world);
    world.a.settings.peers[0].addresses[1] = address("192.0.2.1"); /* not from an address on loopback */
    open_member(&world, &world.a);
    open_member(&world, &world.b);
    send_as(&world.a, 1, 1);
    until(&world, b_has_one);
    assert_int_equal(heartbeat_counters(world.a.heartbeat)->sent, 1);
    assert_int_equal(heartbeat_counters(world.a.heartbeat)->send_errors, 1);
    send_as(&world.a, 17, 2); /* no such member */
    assert_int_equal(heartbeat_counters(world.a.heartbeat)->sent, 1);
    assert_int_equal(heartbeat_counters(world.a.heartbeat)->send_errors, 2);
    tear_down(&world);
}

/* An address that is not there yet does not keep us from starting: the socket waits for it. */
static void an_address_may_come_later(void **state)
{
    (void)state;
    struct world world;
    set_up(&world);
    world.b.settings.own[1] = address("192.0.2.2");
    open_member(&world, &world.a);
    open_member(&world, &world.b);
    send_as(&world.a, 1, 1);
    until(&world, b_has_one);
    tear_down(&world);
}

static bool b_refuses_two(struct world *world)
{
    return heartbeat_counters(world->b.heartbeat)->refused[WIRE_UNKNOWN_KEY] == 2;
}

static void keys_can_be_changed(void **state)
{
    (void)state;
    struct world world;
    open_both(&world);
    heartbeat_set_keys(world.b.heartbeat, &other_ring);
    send_as(&world.a, 1, 1);
    until(&world, b_refuses_two);
    assert_int_equal(world.b.received, 0);
    heartbeat_set_keys(world.a.heartbeat, &other_ring);
    send_as(&world.a, 1, 2);
    until(&world, b_has_two);
    tear_down(&world);
}

static void heartbeats_are_network_control(void **state)
{
    (void)state;
    struct world world;
    set_up(&world);
    int fd = bound_socket(&world.b.settings.own[0], world.b.settings.port);
    open_member(&world, &world.a);
    send_as(&world.a, 1, 1);
    uint8_t data[WIRE_DATAGRAM_MAX];
    _Alignas(struct cmsghdr) char control[256];
    struct iovec part = {data, sizeof data};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    assert_true(recvmsg(fd, &message, 0) > 0);
    struct cmsghdr *c = CMSG_FIRSTHDR(&message);
    assert_non_null(c);
    assert_int_equal(*(uint8_t *)CMSG_DATA(c), IPTOS_CLASS_CS6);
    close(fd);
    tear_down(&world);
}

static int try_settings(struct world *world, const struct heartbeat_settings *settings)
{
    struct heartbeat *heartbeat = NULL;
    int rc = heartbeat_open(world->loop, settings, &ring, take, &world->a, &heartbeat);
    heartbeat_close(heartbeat);
    return rc;
}

static void settings_out_of_range_are_refused(void **state)
{
    (void)state;
    struct world world;
    set_up(&world);
    const struct heartbeat_settings good = world.a.settings;
    struct heartbeat_settings s;
    assert_int_equal(try_settings(&world, &good), 0);
    s = good, s.own_count = 0;
    assert_int_equal(try_settings(&world, &s), -EINVAL);
    s = good, s.own_count = HEARTBEAT_LANS_MAX + 1;
    assert_int_equal(try_settings(&world, &s), -EINVAL);
    s = good, s.own[1].family = AF_UNSPEC;
    assert_int_equal(try_settings(&world, &s), -EINVAL);
    s = good, s.peers[0].id = 0;
    assert_int_equal(try_settings(&world, &s), -EINVAL);
    s = good, s.peers[0].id = WIRE_MEMBERS_MAX + 1;
    assert_int_equal(try_settings(&world, &s), -EINVAL);
    s = good, s.peers[1] = s.peers[0], s.peer_count = 2;
    assert_int_equal(try_settings(&world, &s), -EINVAL);
    s = good, s.peers[0].count = HEARTBEAT_LANS_MAX + 1;
    assert_int_equal(try_settings(&world, &s), -EINVAL);
    tear_down(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heartbeats_come_over_every_lan),
        cmocka_unit_test(doubles_and_replays_are_handed_on),
        cmocka_unit_test(what_waits_can_be_read_before_a_tick),
        cmocka_unit_test(noise_is_counted_and_goes_no_further),
        cmocka_unit_test(a_missing_socket_is_opened_later),
        cmocka_unit_test(what_cannot_be_sent_is_counted),
        cmocka_unit_test(an_address_may_come_later),
        cmocka_unit_test(keys_can_be_changed),
        cmocka_unit_test(heartbeats_are_network_control),
        cmocka_unit_test(settings_out_of_range_are_refused),
    };

    if (sodium_init() < 0 || log_open("cvipd_heartbeat_test", "stderr", false) != 0)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    log_close();
    return failed;
}
