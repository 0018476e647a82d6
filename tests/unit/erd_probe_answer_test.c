/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which frames are answers to a probe: by the reader, and by the socket's filter, which is put to
 * a pair of local sockets here. */
#include "unit.h"

#include "probe_filter.h"
#include "probe_frame.h"

#include <sys/socket.h>

static const uint8_t ours[6] = {0x02, 0x00, 0x5e, 0x10, 0x20, 0x30};

static const uint8_t arp_reply[] = {
    0x02, 0x00, 0x5e, 0x10, 0x20, 0x30, 0x02, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0x08, 0x06, /* 0: Ethernet */
    0x00, 0x01, 0x08, 0x00, 0x06, 0x04, 0x00, 0x02,                                     /* 14: a reply */
    0x02, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0x0a, 0x01, 0x00, 0xfe,                         /* 22: 10.1.0.254 */
    0x02, 0x00, 0x5e, 0x10, 0x20, 0x30, 0x0a, 0x01, 0x00, 0x01,                         /* 32: to 10.1.0.1 */
};
enum {
    ARP_TYPE = 15,
    ARP_PROTOCOL = 17,
    ARP_SIZE = 18,
    ARP_OPERATION = 21,
    ARP_FROM = 22,
    ARP_SENDER = 28,
    ARP_TO = 32
};

/* As a Linux host answers fe80::0:5eff:fe10:2030, for fd00:1::fe */
static const uint8_t nd_answer[] = {
    0x02, 0x00, 0x5e, 0x10, 0x20, 0x30, 0x02, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0x86, 0xdd, /* 0: Ethernet */
    0x60, 0x00, 0x00, 0x00, 0x00, 0x20, 0x3a, 0xff,                                     /* 14: hop limit 255 */
    0xfd, 0x00, 0x00, 0x01, 0,    0,    0,    0,    0,    0,    0,    0,    0,    0,
    0,    0xfe, 0xfe, 0x80, 0,    0,    0,    0,    0,    0,    0,    0,    0x5e, 0xff,
    0xfe, 0x10, 0x20, 0x30, 0x88, 0x00, 0x01, 0x7d, 0x60, 0,    0,    0, /* 54: solicited, override */
    0xfd, 0x00, 0x00, 0x01, 0,    0,    0,    0,    0,    0,    0,    0,    0,    0,
    0,    0xfe, 0x02, 0x01, 0x02, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, /* 78: the target's MAC */
};
enum {
    ND_VERSION = 14,
    ND_LENGTH = 19,
    ND_NEXT = 20,
    ND_HOPS = 21,
    ND_FROM = 22,
    ND_TO = 38,
    ND_TYPE = 54,
    ND_CODE = 55,
    ND_SUM = 56,
    ND_FLAGS = 58,
    ND_TARGET = 62,
    ND_OPTION_SIZE = 79
};

struct answer {
    uint8_t bytes[PROBE_FRAME_MAX];
    size_t length;
};

static struct answer copy(const uint8_t *bytes, size_t length)
{
    struct answer answer = {.length = length};

    memcpy(answer.bytes, bytes, length);
    return answer;
}

/* Puts the right checksum into an advertisement that was changed: by the book, in one sum of bytes. */
static void sum_again(struct answer *answer)
{
    size_t end = ND_TYPE + (size_t)answer->bytes[ND_LENGTH];
    uint32_t sum = answer->bytes[ND_LENGTH] + 58U;

    answer->bytes[ND_SUM] = answer->bytes[ND_SUM + 1] = 0;
    for (size_t i = ND_FROM; i < end; i++)
        sum += (uint32_t)answer->bytes[i] << (i % 2 == 0 ? 8 : 0);
    while (sum > 0xffff)
        sum = (sum & 0xffff) + (sum >> 16);
    answer->bytes[ND_SUM] = (uint8_t)(~sum >> 8);
    answer->bytes[ND_SUM + 1] = (uint8_t)~sum;
}

/* Whether the socket's filter lets the frame through. Local sockets give it the data from its first byte. */
static bool passes(const struct answer *answer)
{
    int ends[2];
    uint8_t bytes[PROBE_FRAME_MAX];

    assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends), 0);
    assert_int_equal(probe_filter_answers(ends[1], ours), 0);
    assert_int_equal(send(ends[0], answer->bytes, answer->length, 0), answer->length);
    ssize_t length = recv(ends[1], bytes, sizeof(bytes), 0);
    close(ends[0]);
    close(ends[1]);
    assert_true(length < 0 || (size_t)length == answer->length);
    return length >= 0;
}

static bool reads(const struct answer *answer)
{
    struct addr who = {.family = AF_UNSPEC};
    bool good = probe_frame_read(answer->bytes, answer->length, ours, &who);

    assert_int_equal(who.family != AF_UNSPEC, good);
    return good;
}

static struct addr addr_of(const char *text)
{
    struct addr address = {.family = AF_UNSPEC};

    if (text != NULL)
        assert_int_equal(addr_parse(text, &address), 0);
    return address;
}

static void assert_from(const uint8_t *bytes, size_t length, const char *from)
{
    struct answer answer = copy(bytes, length);
    struct addr who, expected = addr_of(from);

    assert_true(probe_frame_read(answer.bytes, answer.length, ours, &who));
    assert_true(addr_equal(&who, &expected));
    assert_true(passes(&answer));
    answer.length = sizeof(answer.bytes); /* padded, as by a card to 60 bytes */
    assert_true(reads(&answer));
}

static void test_answers_are_read(void **state)
{
    (void)state;
    assert_from(arp_reply, sizeof(arp_reply), "10.1.0.254");
    assert_from(nd_answer, sizeof(nd_answer), "fd00:1::fe");
}

static void test_a_router_may_answer_from_another_mac_than_it_tells(void **state)
{
    struct answer vrrp = copy(arp_reply, sizeof(arp_reply));

    (void)state;
    vrrp.bytes[6] = 0x00;
    assert_true(reads(&vrrp));
    assert_true(passes(&vrrp));
}

static void test_an_advertisement_needs_no_option_but_may_have_several(void **state)
{
    struct answer bare = copy(nd_answer, sizeof(nd_answer) - 8);
    struct answer more = copy(nd_answer, sizeof(nd_answer));

    (void)state;
    bare.bytes[ND_LENGTH] = 24;
    sum_again(&bare);
    assert_true(reads(&bare));
    memcpy(more.bytes + more.length, (uint8_t[]){0x0e, 0x02, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14}, 16);
    more.bytes[ND_LENGTH] = 48;
    more.length += 16;
    sum_again(&more);
    assert_true(reads(&more));
    more.bytes[ND_OPTION_SIZE] = 0;
    sum_again(&more);
    assert_false(reads(&more));
    more.bytes[ND_OPTION_SIZE] = 4; /* it goes beyond the end */
    sum_again(&more);
    assert_false(reads(&more));
    more.bytes[ND_OPTION_SIZE] = 1;
    more.bytes[ND_LENGTH] = 33; /* one byte is left behind them */
    sum_again(&more);
    assert_false(reads(&more));
}

/* One byte is another: neither the reader nor, where it looks at that, the filter takes it. */
struct fault {
    const char *what;
    size_t at;
    uint8_t value;
    bool filtered;
};

static void assert_refused(const uint8_t *bytes, size_t length, const struct fault *faults, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct answer answer = copy(bytes, length);
        answer.bytes[faults[i].at] = faults[i].value;
        if (length == sizeof(nd_answer) && faults[i].at != ND_SUM)
            sum_again(&answer);
        if (reads(&answer))
            fail_msg("taken: %s", faults[i].what);
        if (passes(&answer) == faults[i].filtered)
            fail_msg("the filter: %s", faults[i].what);
    }
}

static void test_an_arp_frame_with_a_fault_is_no_answer(void **state)
{
    static const struct fault faults[] = {
        {"a reply to another MAC", 5, 0x31, true},
        {"a reply to everyone, with our MAC in it", 0, 0xff, true},
        {"another type", 13, 0x07, true},
        {"a VLAN's", 12, 0x81, true},
        {"another kind of network", ARP_TYPE, 6, false},
        {"another protocol", ARP_PROTOCOL, 1, false},
        {"MACs of another size", ARP_SIZE, 8, false},
        {"a request", ARP_OPERATION, 1, true},
        {"RARP", ARP_OPERATION, 4, true},
        {"to another MAC inside", ARP_TO + 5, 0x31, false},
    };

    (void)state;
    assert_refused(arp_reply, sizeof(arp_reply), faults, sizeof(faults) / sizeof(faults[0]));
}

static void test_an_advertisement_with_a_fault_is_no_answer(void **state)
{
    static const struct fault faults[] = {
        {"to another MAC", 5, 0x31, true},
        {"to a group's MAC", 0, 0x33, true},
        {"another version", ND_VERSION, 0x40, false},
        {"another protocol", ND_NEXT, 17, true},
        {"an option of IP", ND_NEXT, 0, true},
        {"a router has passed it on", ND_HOPS, 254, false},
        {"longer than the frame", ND_LENGTH, 33, false},
        {"no room for a target", ND_LENGTH, 16, false},
        {"from a group", ND_FROM, 0xff, false},
        {"to a group", ND_TO, 0xff, false},
        {"a solicitation", ND_TYPE, 135, true},
        {"an echo's reply", ND_TYPE, 129, true},
        {"another code", ND_CODE, 1, false},
        {"a wrong checksum", ND_SUM, 0x18, false},
        {"nobody asked for it", ND_FLAGS, 0x20, false},
        {"of a group", ND_TARGET, 0xff, false},
    };

    (void)state;
    assert_refused(nd_answer, sizeof(nd_answer), faults, sizeof(faults) / sizeof(faults[0]));
}

static void test_what_comes_from_ourselves_is_no_answer(void **state)
{
    struct addr none = addr_of(NULL), targets[] = {addr_of("10.1.0.254"), addr_of("fd00:1::fe")};
    struct answer arp = copy(arp_reply, sizeof(arp_reply)), nd = copy(nd_answer, sizeof(nd_answer));

    (void)state;
    for (size_t i = 0; i < 2; i++) { /* the question itself, which a switch in a loop brings back */
        struct answer question = {.length = 0};
        question.length = probe_frame_make(question.bytes, ours, NULL, &none, &targets[i]);
        assert_false(reads(&question));
        assert_false(passes(&question));
        memcpy(question.bytes, ours, 6);
        assert_false(reads(&question));
        assert_false(passes(&question));
    }
    memcpy(arp.bytes + ARP_FROM, ours, 6);
    memcpy(nd.bytes + 6, ours, 6);
    assert_false(reads(&arp));
    assert_false(reads(&nd));
}

static void test_nobody_has_no_address(void **state)
{
    struct answer arp = copy(arp_reply, sizeof(arp_reply)), nd = copy(nd_answer, sizeof(nd_answer));

    (void)state;
    memset(arp.bytes + ARP_SENDER, 0, 4);
    assert_false(reads(&arp));
    memset(nd.bytes + ND_TARGET, 0, 16);
    sum_again(&nd);
    assert_false(reads(&nd));
}

static void test_a_cut_frame_is_no_answer(void **state)
{
    struct answer arp = copy(arp_reply, sizeof(arp_reply)), nd = copy(nd_answer, sizeof(nd_answer));

    (void)state;
    while (arp.length-- > 0)
        assert_false(reads(&arp));
    while (nd.length-- > 0)
        assert_false(reads(&nd));
}

static void test_a_frame_with_a_tag_is_of_another_network(void **state)
{
    struct answer tagged = {.length = sizeof(arp_reply) + 4};

    (void)state;
    memcpy(tagged.bytes, arp_reply, 12);
    memcpy(tagged.bytes + 12, (uint8_t[]){0x81, 0x00, 0x00, 0x0a}, 4);
    memcpy(tagged.bytes + 16, arp_reply + 12, sizeof(arp_reply) - 12);
    assert_false(reads(&tagged));
    assert_false(passes(&tagged));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers_are_read),
        cmocka_unit_test(test_a_router_may_answer_from_another_mac_than_it_tells),
        cmocka_unit_test(test_an_advertisement_needs_no_option_but_may_have_several),
        cmocka_unit_test(test_an_arp_frame_with_a_fault_is_no_answer),
        cmocka_unit_test(test_an_advertisement_with_a_fault_is_no_answer),
        cmocka_unit_test(test_what_comes_from_ourselves_is_no_answer),
        cmocka_unit_test(test_nobody_has_no_address),
        cmocka_unit_test(test_a_cut_frame_is_no_answer),
        cmocka_unit_test(test_a_frame_with_a_tag_is_of_another_network),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
