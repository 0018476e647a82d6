/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which report is news: replays, restarts of either side, second networks. */
#include "admission.h"
#include "tmd_test.h"

#define COPIES 2

static const uint8_t secret[KEY_BYTES] = {1};
static const uint8_t other_secret[KEY_BYTES] = {2};

/* A traffic client: what it sends next, and what it learnt. */
struct client {
    struct wire_report report;
};

static struct client client_start(uint64_t session)
{
    struct client client = {a_report("10.1.0.11", 100)};
    client.report.session = session;
    client.report.sequence = 0;
    return client;
}

static enum admission_result judge(struct admission *manager, const uint8_t key[KEY_BYTES],
                                   const struct wire_report *report, uint8_t cookie[WIRE_COOKIE_BYTES])
{
    return admission_judge(manager, key, report, COPIES, cookie);
}

/* The client sends its next report, and takes the answer. */
static enum admission_result send_report(struct client *client, struct admission *manager, const uint8_t key[KEY_BYTES])
{
    uint8_t cookie[WIRE_COOKIE_BYTES];
    client->report.sequence++;
    enum admission_result result = judge(manager, key, &client->report, cookie);
    memcpy(client->report.cookie, cookie, sizeof cookie);
    return result;
}

static enum admission_result again(const struct wire_report *report, struct admission *manager)
{
    uint8_t cookie[WIRE_COOKIE_BYTES];
    return judge(manager, secret, report, cookie);
}

static void test_the_first_report_needs_a_cookie(void **state)
{
    (void)state;
    struct admission manager;
    admission_start(&manager, 0);
    struct client client = client_start(77);
    assert_int_equal(send_report(&client, &manager, secret), ADMISSION_STALE_COOKIE);
    assert_int_equal(send_report(&client, &manager, secret), ADMISSION_ACCEPTED);
    assert_int_equal(send_report(&client, &manager, secret), ADMISSION_ACCEPTED);
}

static void test_replays_are_refused(void **state)
{
    (void)state;
    struct admission manager;
    admission_start(&manager, 0);
    struct client client = client_start(77);
    send_report(&client, &manager, secret);
    send_report(&client, &manager, secret);
    struct wire_report recorded = client.report;
    for (int i = 0; i < 100; i++)
        assert_int_equal(send_report(&client, &manager, secret), ADMISSION_ACCEPTED);
    assert_int_equal(again(&recorded, &manager), ADMISSION_REPLAYED);
}

static void test_a_second_network_is_no_attack(void **state)
{
    (void)state;
    struct admission manager;
    admission_start(&manager, 0);
    struct client client = client_start(77);
    send_report(&client, &manager, secret);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(send_report(&client, &manager, secret), ADMISSION_ACCEPTED);
        assert_int_equal(again(&client.report, &manager), ADMISSION_DUPLICATE);
        assert_int_equal(again(&client.report, &manager), ADMISSION_REPLAYED); /* one copy too many */
    }
}

/* The copy over the slower network comes after newer reports. */
static void test_late_copies(void **state)
{
    (void)state;
    struct admission manager;
    admission_start(&manager, 0);
    struct client client = client_start(77);
    send_report(&client, &manager, secret);
    send_report(&client, &manager, secret);
    struct wire_report first = client.report;
    for (int i = 0; i < 5; i++)
        send_report(&client, &manager, secret);
    assert_int_equal(again(&first, &manager), ADMISSION_DUPLICATE);
    assert_int_equal(again(&first, &manager), ADMISSION_REPLAYED);
}

static void test_the_client_restarts(void **state)
{
    (void)state;
    struct admission manager;
    admission_start(&manager, 0);
    struct client old = client_start(77);
    send_report(&old, &manager, secret);
    send_report(&old, &manager, secret);
    struct client new = client_start(78);
    assert_int_equal(send_report(&new, &manager, secret), ADMISSION_STALE_COOKIE);
    assert_int_equal(send_report(&new, &manager, secret), ADMISSION_ACCEPTED);
    /* What was recorded of the old session is worth nothing, now and after further restarts. */
    old.report.sequence++;
    assert_int_equal(again(&old.report, &manager), ADMISSION_STALE_COOKIE);
    struct wire_report of_new = new.report;
    struct client newest = client_start(79);
    send_report(&newest, &manager, secret);
    assert_int_equal(send_report(&newest, &manager, secret), ADMISSION_ACCEPTED);
    assert_int_equal(again(&old.report, &manager), ADMISSION_STALE_COOKIE);
    assert_int_equal(again(&of_new, &manager), ADMISSION_STALE_COOKIE);
    /* And refusing them has not disturbed the session that is going on. */
    assert_int_equal(send_report(&newest, &manager, secret), ADMISSION_ACCEPTED);
}

static void test_the_manager_restarts(void **state)
{
    (void)state;
    struct admission manager;
    admission_start(&manager, 0);
    struct client client = client_start(77);
    send_report(&client, &manager, secret);
    send_report(&client, &manager, secret);
    struct wire_report recorded = client.report;
    admission_start(&manager, 0); /* all is forgotten, and the secret is a new one */
    uint8_t cookie[WIRE_COOKIE_BYTES];
    assert_int_equal(judge(&manager, other_secret, &recorded, cookie), ADMISSION_STALE_COOKIE);
    assert_int_equal(send_report(&client, &manager, other_secret), ADMISSION_STALE_COOKIE);
    assert_int_equal(send_report(&client, &manager, other_secret), ADMISSION_ACCEPTED);
    assert_int_equal(judge(&manager, other_secret, &recorded, cookie), ADMISSION_STALE_COOKIE);
}

/* A node is taken out of the list and put in again: what was recorded before is not news. */
static void test_a_new_entry_has_another_generation(void **state)
{
    (void)state;
    struct admission manager;
    admission_start(&manager, UINT64_C(1) << 32);
    struct client client = client_start(77);
    send_report(&client, &manager, secret);
    assert_int_equal(send_report(&client, &manager, secret), ADMISSION_ACCEPTED);
    admission_start(&manager, UINT64_C(2) << 32);
    assert_int_equal(again(&client.report, &manager), ADMISSION_STALE_COOKIE);
}

static void test_a_cookie_is_of_one_node(void **state)
{
    (void)state;
    struct admission manager;
    admission_start(&manager, 0);
    struct client client = client_start(77);
    send_report(&client, &manager, secret);
    struct wire_report foreign = client.report;
    foreign.sequence++;
    foreign.address = an_address("10.1.0.12");
    struct admission other;
    admission_start(&other, 0);
    assert_int_equal(again(&foreign, &other), ADMISSION_STALE_COOKIE);
}

/* An attacker who sees everything and sends any of it, in any order, any number of times: no report is accepted twice,
 * and sequence numbers only go up. */
static void test_an_attacker_with_a_recorder(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct chance chance = {seed};
        struct admission manager;
        admission_start(&manager, 0);
        struct client client = client_start(77);
        static struct wire_report recorded[400];
        size_t count = 0;
        for (int i = 0; i < 400; i++) {
            if (chance_next(&chance) % 50 == 0)
                client = client_start(1000 + chance_next(&chance));
            recorded[count] = client.report; /* as it is sent: with the cookie that it has by then */
            recorded[count++].sequence++;
            send_report(&client, &manager, secret);
            for (int k = 0; k < 3; k++)
                assert_int_not_equal(again(&recorded[chance_next(&chance) % count], &manager), ADMISSION_ACCEPTED);
        }
        /* All of that has not kept the node's own next report out. */
        send_report(&client, &manager, secret);
        assert_int_equal(send_report(&client, &manager, secret), ADMISSION_ACCEPTED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_first_report_needs_a_cookie),
        cmocka_unit_test(test_replays_are_refused),
        cmocka_unit_test(test_a_second_network_is_no_attack),
        cmocka_unit_test(test_late_copies),
        cmocka_unit_test(test_the_client_restarts),
        cmocka_unit_test(test_the_manager_restarts),
        cmocka_unit_test(test_a_new_entry_has_another_generation),
        cmocka_unit_test(test_a_cookie_is_of_one_node),
        cmocka_unit_test(test_an_attacker_with_a_recorder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
