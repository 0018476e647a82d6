/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which of the kernel's events are about the service port and its twin, which of the two is active, and what the
 * cluster is told. */
#include "unit.h"

#include "port.h"

#include <linux/rtnetlink.h>

#define OURS 7
#define OTHER 8
#define MS UINT64_C(1000)

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

static bool concerns(const struct events *events, size_t length, unsigned index)
{
    return port_concerns(events->bytes, length, &index, 1);
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
    assert_true(concerns(&link, link.length, OURS));
    assert_true(concerns(&address, address.length, OURS));
    assert_true(concerns(&qdisc, qdisc.length, OURS));
    assert_true(concerns(&filter, filter.length, OURS));
    assert_false(concerns(&link, link.length, OTHER));
    assert_false(concerns(&address, address.length, OTHER));
    assert_false(concerns(&qdisc, qdisc.length, OTHER));
    assert_false(concerns(&filter, filter.length, OTHER));
}

static void test_ours_is_found_among_others(void **state)
{
    struct events events = {.length = 0};

    (void)state;
    put(&events, RTM_NEWROUTE, &(struct rtmsg){.rtm_family = 2}, sizeof(struct rtmsg));
    put_link(&events, OTHER);
    assert_false(concerns(&events, events.length, OURS));
    put_link(&events, OURS);
    assert_true(concerns(&events, events.length, OURS));
}

static void test_cut_messages_are_of_no_matter(void **state)
{
    struct events events = {.length = 0};

    (void)state;
    put_link(&events, OURS);
    for (size_t length = 0; length < events.length; length++)
        assert_false(concerns(&events, length, OURS));
    memset(events.bytes, 0, sizeof(events.bytes)); /* a message of no length must not turn for ever */
    assert_false(concerns(&events, sizeof(events.bytes), OURS));
    events.length = 0;
    put(&events, RTM_NEWLINK, "", 0);
    assert_false(concerns(&events, events.length, OURS));
}

static void test_a_pair_has_two_indexes_and_a_missing_port_may_be_any(void **state)
{
    static const unsigned pair[] = {OURS, OTHER}, half[] = {OURS, 0};
    struct events link = {.length = 0}, address = {.length = 0}, third = {.length = 0};

    (void)state;
    put_link(&link, OTHER);
    put(&address, RTM_NEWADDR, &(struct ifaddrmsg){.ifa_index = OTHER}, sizeof(struct ifaddrmsg));
    put_link(&third, 9);
    assert_true(port_concerns(link.bytes, link.length, pair, 2));
    assert_true(port_concerns(address.bytes, address.length, pair, 2));
    assert_false(port_concerns(third.bytes, third.length, pair, 2));
    assert_true(port_concerns(third.bytes, third.length, half, 2));
    assert_false(port_concerns(address.bytes, address.length, half, 2));
}

static const struct port_state works = {.index = 2, .up = true}, shut = {.index = 2, .up = true, .shut = true},
                               dead = {.index = 2}, dead_and_shut = {.index = 2, .shut = true}, missing = {.index = 0};

static struct port_pair begin(struct port_state primary, struct port_state twin)
{
    struct port_pair pair;

    port_pair_begin(&pair, (const struct port_state[]){primary, twin});
    return pair;
}

static void update(struct port_pair *pair, struct port_state primary, struct port_state twin, uint64_t now_us)
{
    port_pair_update(pair, (const struct port_state[]){primary, twin}, now_us);
}

static void test_the_active_port_is_the_one_that_is_not_shut(void **state)
{
    (void)state;
    assert_int_equal(begin(works, shut).active, PORT_PRIMARY);
    assert_int_equal(begin(shut, works).active, PORT_TWIN);
    assert_int_equal(begin(shut, dead).active, PORT_TWIN); /* erd decides, not we */
    assert_int_equal(begin(works, works).active, PORT_PRIMARY);
    assert_int_equal(begin(dead, works).active, PORT_PRIMARY);
    assert_int_equal(begin(works, missing).active, PORT_PRIMARY);
    assert_int_equal(begin(missing, works).active, PORT_TWIN);
    assert_int_equal(begin(missing, shut).active, PORT_TWIN);
    assert_int_equal(begin(shut, shut).active, PORT_PRIMARY);
    assert_int_equal(begin(missing, missing).active, PORT_PRIMARY);
    assert_int_equal(port_pair_index(&(struct port_pair){.ports = {missing, works}, .active = PORT_TWIN}), 2);
}

static void test_with_both_shut_the_active_one_stays(void **state)
{
    struct port_pair pair = begin(shut, works);

    (void)state;
    update(&pair, shut, shut, 1 * MS);
    assert_int_equal(pair.active, PORT_TWIN);
    update(&pair, shut, missing, 2 * MS);
    assert_int_equal(pair.active, PORT_PRIMARY);
    update(&pair, shut, missing, 200 * MS); /* nobody opens it */
    assert_false(pair.up);
}

static void test_a_primary_that_comes_back_is_not_active_at_once(void **state)
{
    struct port_pair pair = begin(missing, works);

    (void)state;
    update(&pair, works, works, 1000 * MS);
    assert_int_equal(pair.active, PORT_TWIN);
    assert_int_equal(port_pair_wait_us(&pair, 1000 * MS), PORT_PAIR_BOTH_US);
    update(&pair, works, dead, 1001 * MS); /* what is waited for first */
    assert_int_equal(port_pair_wait_us(&pair, 1001 * MS), PORT_PAIR_GRACE_US);
    update(&pair, shut, works, 1005 * MS);
    assert_int_equal(pair.active, PORT_TWIN);
    assert_int_equal(port_pair_wait_us(&pair, 1005 * MS), 0);
    update(&pair, works, works, 5000 * MS);
    update(&pair, works, works, 5999 * MS);
    assert_int_equal(pair.active, PORT_TWIN);
    update(&pair, works, works, 6000 * MS); /* there is no erd */
    assert_int_equal(pair.active, PORT_PRIMARY);
    assert_int_equal(port_pair_wait_us(&pair, 6000 * MS), 0);
    update(&pair, works, works, 6001 * MS);
    assert_int_equal(pair.active, PORT_PRIMARY);
}

static void test_a_change_over_is_not_told(void **state)
{
    struct port_pair pair = begin(works, shut);

    (void)state;
    update(&pair, dead, shut, 1000 * MS);
    assert_true(pair.up);
    assert_int_equal(port_pair_wait_us(&pair, 1000 * MS), PORT_PAIR_GRACE_US);
    update(&pair, dead, works, 1005 * MS); /* both are open for a moment */
    assert_true(pair.up);
    assert_int_equal(port_pair_wait_us(&pair, 1005 * MS), PORT_PAIR_GRACE_US - 5 * MS);
    update(&pair, dead_and_shut, works, 1010 * MS);
    assert_true(pair.up);
    assert_int_equal(pair.active, PORT_TWIN);
    assert_int_equal(port_pair_wait_us(&pair, 1010 * MS), 0);
    update(&pair, shut, works, 2000 * MS); /* and back, while it works */
    update(&pair, works, works, 2001 * MS);
    update(&pair, works, shut, 2002 * MS);
    assert_true(pair.up);
    assert_int_equal(pair.active, PORT_PRIMARY);
}

static void test_a_removed_port_is_waited_for_too(void **state)
{
    struct port_pair pair = begin(works, shut);

    (void)state;
    update(&pair, missing, shut, 1000 * MS);
    assert_int_equal(pair.active, PORT_TWIN); /* though it is shut still */
    assert_true(pair.up);
    assert_int_equal(port_pair_wait_us(&pair, 1000 * MS), PORT_PAIR_GRACE_US);
    update(&pair, missing, works, 1001 * MS);
    assert_true(pair.up);
    assert_int_equal(port_pair_wait_us(&pair, 1001 * MS), 0);
    update(&pair, missing, missing, 1002 * MS);
    assert_false(pair.up);
}

static void test_who_does_not_change_over_is_down(void **state)
{
    struct port_pair pair = begin(works, shut);

    (void)state;
    update(&pair, dead, shut, 1000 * MS);
    update(&pair, dead, shut, 1149 * MS);
    assert_true(pair.up);
    assert_int_equal(port_pair_wait_us(&pair, 1149 * MS), 1 * MS);
    update(&pair, dead, shut, 1150 * MS);
    assert_false(pair.up);
    assert_int_equal(port_pair_wait_us(&pair, 1150 * MS), 0);
    update(&pair, dead, shut, 1151 * MS);
    assert_false(pair.up);
    update(&pair, works, shut, 1200 * MS);
    assert_true(pair.up);
}

static void test_nobody_is_waited_for_in_vain(void **state)
{
    struct port_pair pair = begin(works, dead_and_shut);

    (void)state;
    update(&pair, dead, dead_and_shut, 1000 * MS);
    assert_false(pair.up);
    pair = begin(works, missing); /* as a port without a twin */
    update(&pair, dead, missing, 1000 * MS);
    assert_false(pair.up);
    assert_int_equal(port_pair_wait_us(&pair, 1000 * MS), 0);
    pair = begin(works, shut); /* the twin's cable goes while we wait */
    update(&pair, dead, shut, 1000 * MS);
    update(&pair, dead, dead_and_shut, 1020 * MS);
    assert_false(pair.up);
    pair = begin(dead, shut); /* it was down before */
    assert_false(pair.up);
    update(&pair, dead, shut, 1000 * MS);
    assert_false(pair.up);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_kind_of_event_of_our_port_counts),
        cmocka_unit_test(test_ours_is_found_among_others),
        cmocka_unit_test(test_cut_messages_are_of_no_matter),
        cmocka_unit_test(test_a_pair_has_two_indexes_and_a_missing_port_may_be_any),
        cmocka_unit_test(test_the_active_port_is_the_one_that_is_not_shut),
        cmocka_unit_test(test_with_both_shut_the_active_one_stays),
        cmocka_unit_test(test_a_primary_that_comes_back_is_not_active_at_once),
        cmocka_unit_test(test_a_change_over_is_not_told),
        cmocka_unit_test(test_a_removed_port_is_waited_for_too),
        cmocka_unit_test(test_who_does_not_change_over_is_down),
        cmocka_unit_test(test_nobody_is_waited_for_in_vain),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
