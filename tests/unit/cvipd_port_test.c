/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which of the kernel's events are about the service port. */
#include "unit.h"

#include "port.h"

#include <linux/rtnetlink.h>

#define OURS 7
#define OTHER 8

struct events {
    _Alignas(struct nlmsghdr) char bytes[1024];
    size_t length;
};

static void put(struct events *events, uint16_t type, const void *body, size_t size)
{
    struct nlmsghdr header = {.nlmsg_len = (uint32_t)NLMSG_LENGTH(size), .nlmsg_type = type};

    assert_true(events->length + NLMSG_SPACE(size) <= sizeof(events->bytes));
    memcpy(events->bytes + events->length, &header, sizeof(header));
    memcpy(events->bytes + events->length + NLMSG_HDRLEN, body, size);
    events->length += NLMSG_SPACE(size);
}

static void put_link(struct events *events, int index)
{
    put(events, RTM_NEWLINK, &(struct ifinfomsg){.ifi_index = index}, sizeof(struct ifinfomsg));
}

static void test_each_kind_of_event_of_our_port_counts(void **state)
{
    struct events link = {.length = 0}, address = {.length = 0}, qdisc = {.length = 0}, filter = {.length = 0};

    (void)state;
    put_link(&link, OURS);
    put(&address, RTM_DELADDR, &(struct ifaddrmsg){.ifa_index = OURS}, sizeof(struct ifaddrmsg));
    put(&qdisc, RTM_DELQDISC, &(struct tcmsg){.tcm_ifindex = OURS}, sizeof(struct tcmsg));
    put(&filter, RTM_DELTFILTER, &(struct tcmsg){.tcm_ifindex = OURS}, sizeof(struct tcmsg));
    assert_true(port_concerns(link.bytes, link.length, OURS));
    assert_true(port_concerns(address.bytes, address.length, OURS));
    assert_true(port_concerns(qdisc.bytes, qdisc.length, OURS));
    assert_true(port_concerns(filter.bytes, filter.length, OURS));
    assert_false(port_concerns(link.bytes, link.length, OTHER));
    assert_false(port_concerns(address.bytes, address.length, OTHER));
    assert_false(port_concerns(qdisc.bytes, qdisc.length, OTHER));
    assert_false(port_concerns(filter.bytes, filter.length, OTHER));
}

static void test_ours_is_found_among_others(void **state)
{
    struct events events = {.length = 0};

    (void)state;
    put(&events, RTM_NEWROUTE, &(struct rtmsg){.rtm_family = 2}, sizeof(struct rtmsg));
    put_link(&events, OTHER);
    assert_false(port_concerns(events.bytes, events.length, OURS));
    put_link(&events, OURS);
    assert_true(port_concerns(events.bytes, events.length, OURS));
}

static void test_cut_messages_are_of_no_matter(void **state)
{
    struct events events = {.length = 0};

    (void)state;
    put_link(&events, OURS);
    for (size_t length = 0; length < events.length; length++)
        assert_false(port_concerns(events.bytes, length, OURS));
    memset(events.bytes, 0, sizeof(events.bytes)); /* a message of no length must not turn for ever */
    assert_false(port_concerns(events.bytes, sizeof(events.bytes), OURS));
    events.length = 0;
    put(&events, RTM_NEWLINK, "", 0);
    assert_false(port_concerns(events.bytes, events.length, OURS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_kind_of_event_of_our_port_counts),
        cmocka_unit_test(test_ours_is_found_among_others),
        cmocka_unit_test(test_cut_messages_are_of_no_matter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
