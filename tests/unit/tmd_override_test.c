/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Overrides: orders, merges between masters, the file. */
#include "override.h"
#include "tmd_test.h"

#include <errno.h>

static uint8_t kind_of(const struct override_table *table, const char *node)
{
    struct addr address = an_address(node);
    const struct wire_override *entry = override_find(table, &address);
    return entry != NULL ? entry->kind : WIRE_OVERRIDE_NONE;
}

static void order(struct override_table *table, const char *node, enum wire_override_kind kind, uint32_t weight)
{
    struct addr address = an_address(node);
    assert_int_equal(override_order(table, &address, kind, weight), 0);
}

/* All that one master sends the other. */
static void send_all(const struct override_table *from, struct override_table *to)
{
    for (size_t i = 0; i < from->count; i++)
        assert_true(override_merge(to, &from->entries[i]) >= 0);
}

static void assert_same(const struct override_table *a, const struct override_table *b)
{
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        assert_true(addr_equal(&a->entries[i].node, &b->entries[i].node));
        assert_int_equal(a->entries[i].kind, b->entries[i].kind);
        assert_int_equal(a->entries[i].weight, b->entries[i].weight);
        assert_int_equal(a->entries[i].stamp, b->entries[i].stamp);
    }
}

static void test_the_last_order_counts(void **state)
{
    (void)state;
    struct override_table table;
    override_init(&table, 5);
    order(&table, "10.1.0.11", WIRE_OVERRIDE_DRAIN, 0);
    order(&table, "fd00:1::12", WIRE_OVERRIDE_WEIGHT, 7);
    assert_int_equal(kind_of(&table, "10.1.0.11"), WIRE_OVERRIDE_DRAIN);
    order(&table, "10.1.0.11", WIRE_OVERRIDE_WEIGHT, 40);
    assert_int_equal(kind_of(&table, "10.1.0.11"), WIRE_OVERRIDE_WEIGHT);
    order(&table, "10.1.0.11", WIRE_OVERRIDE_NONE, 0);
    assert_int_equal(kind_of(&table, "10.1.0.11"), WIRE_OVERRIDE_NONE);
    assert_int_equal(table.count, 2); /* the tombstone stays */
    override_free(&table);
}

/* m2 is down while m1 drains a node and lifts it; and its file still says that another node is drained, which m1
 * has lifted. When it is back, both agree on m1's word. */
static void test_one_master_is_down(void **state)
{
    (void)state;
    struct override_table m1;
    struct override_table m2;
    override_init(&m1, 1);
    override_init(&m2, 2);
    order(&m1, "10.1.0.11", WIRE_OVERRIDE_DRAIN, 0);
    send_all(&m1, &m2);
    order(&m2, "10.1.0.12", WIRE_OVERRIDE_WEIGHT, 9);
    send_all(&m2, &m1);
    assert_same(&m1, &m2);
    order(&m1, "10.1.0.11", WIRE_OVERRIDE_NONE, 0); /* m2 is down from here */
    order(&m1, "10.1.0.13", WIRE_OVERRIDE_DRAIN, 0);
    send_all(&m2, &m1); /* it is back, and talks first */
    assert_int_equal(kind_of(&m1, "10.1.0.11"), WIRE_OVERRIDE_NONE);
    send_all(&m1, &m2);
    assert_same(&m1, &m2);
    assert_int_equal(kind_of(&m2, "10.1.0.13"), WIRE_OVERRIDE_DRAIN);
    assert_int_equal(kind_of(&m2, "10.1.0.12"), WIRE_OVERRIDE_WEIGHT);
    override_free(&m1);
    override_free(&m2);
}

/* Both were given an order about the same node while they could not talk: they agree afterwards. */
static void test_a_tie_ends_alike_everywhere(void **state)
{
    (void)state;
    struct override_table m1;
    struct override_table m2;
    override_init(&m1, 1);
    override_init(&m2, 2);
    order(&m1, "10.1.0.11", WIRE_OVERRIDE_DRAIN, 0);
    order(&m2, "10.1.0.11", WIRE_OVERRIDE_WEIGHT, 3);
    send_all(&m1, &m2);
    send_all(&m2, &m1);
    assert_same(&m1, &m2);
    assert_int_equal(kind_of(&m1, "10.1.0.11"), WIRE_OVERRIDE_WEIGHT); /* of the higher origin */
    order(&m1, "10.1.0.11", WIRE_OVERRIDE_NONE, 0);                    /* and a later order beats both */
    send_all(&m1, &m2);
    assert_same(&m1, &m2);
    override_free(&m1);
    override_free(&m2);
}

/* Three masters, orders anywhere, messages lost, doubled and in any order: in the end all agree. */
static void test_masters_agree_in_the_end(void **state)
{
    (void)state;
    static const char *const nodes[] = {"10.1.0.11", "10.1.0.12", "fd00:1::13", "10.1.0.14"};
    for (uint64_t seed = 1; seed <= 100; seed++) {
        struct chance chance = {seed};
        struct override_table masters[3];
        for (uint64_t m = 0; m < 3; m++)
            override_init(&masters[m], 100 + m);
        for (int n = 0; n < 60; n++) {
            struct override_table *from = &masters[chance_next(&chance) % 3];
            struct override_table *to = &masters[chance_next(&chance) % 3];
            if (chance_next(&chance) % 3 == 0)
                order(from, nodes[chance_next(&chance) % 4], (enum wire_override_kind)(chance_next(&chance) % 3),
                      chance_next(&chance) % 100);
            for (size_t i = from->count; from != to && i-- > 0;)
                if (chance_next(&chance) % 2 == 0)
                    assert_true(override_merge(to, &from->entries[i]) >= 0);
        }
        for (int round = 0; round < 2; round++)
            for (int from = 0; from < 3; from++)
                for (int to = 0; to < 3; to++)
                    if (from != to)
                        send_all(&masters[from], &masters[to]);
        assert_same(&masters[0], &masters[1]);
        assert_same(&masters[0], &masters[2]);
        for (int m = 0; m < 3; m++)
            override_free(&masters[m]);
    }
}

static void test_nonsense_is_refused(void **state)
{
    (void)state;
    struct override_table table;
    override_init(&table, 1);
    struct wire_override entry = {.node = an_address("10.1.0.11"), .kind = WIRE_OVERRIDE_DRAIN, .stamp = 1};
    struct wire_override bad = entry;
    bad.kind = 3;
    assert_int_equal(override_merge(&table, &bad), -EINVAL);
    bad = entry;
    bad.weight = 65536;
    assert_int_equal(override_merge(&table, &bad), -EINVAL);
    bad = entry;
    bad.stamp = 0;
    assert_int_equal(override_merge(&table, &bad), -EINVAL);
    bad.stamp = UINT64_MAX; /* would leave no room for orders */
    assert_int_equal(override_merge(&table, &bad), -EINVAL);
    bad = entry;
    bad.node.family = AF_UNSPEC;
    assert_int_equal(override_merge(&table, &bad), -EINVAL);
    assert_int_equal(table.clock, 0);
    assert_int_equal(override_merge(&table, &entry), 1);
    assert_int_equal(override_merge(&table, &entry), 0);
    override_free(&table);
}

static void test_the_file_survives(void **state)
{
    struct override_table before;
    struct override_table after;
    const char *path = unit_path(state, "overrides");
    override_init(&before, UINT64_C(0xfedcba9876543210));
    order(&before, "10.1.0.11", WIRE_OVERRIDE_DRAIN, 0);
    order(&before, "fd00:1::12", WIRE_OVERRIDE_WEIGHT, 65535);
    order(&before, "10.1.0.13", WIRE_OVERRIDE_NONE, 0);
    assert_int_equal(override_save(&before, path), 0);
    override_init(&after, 1);
    assert_int_equal(override_load(&after, path), 0);
    assert_same(&before, &after);
    assert_true(after.origin == before.origin);
    assert_true(after.clock == before.clock);
    order(&after, "10.1.0.11", WIRE_OVERRIDE_NONE, 0); /* the clock goes on where it was */
    assert_true(after.clock == before.clock + 1);
    override_free(&before);
    override_free(&after);
}

static void test_a_damaged_file(void **state)
{
#define HEAD "{\"version\": 1, \"origin\": \"1\", \"clock\": \"1\", \"overrides\": ["
#define TAIL "\"kind\": \"drain\", \"weight\": 0, \"stamp\": \"1\", \"origin\": \"1\"}]}"
    static const char *const damaged[] = {
        "",
        "{",
        "[]",
        "{\"version\": 2}",
        "{\"version\": 1, \"origin\": \"1\", \"clock\": \"x\", \"overrides\": []}",
        (HEAD "{\"node\": \"10.1.0.11\"}]}"),
        (HEAD "{\"node\": \"here\", " TAIL),
    };
    for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++) {
        struct override_table table;
        const char *path = unit_path(state, "damaged");
        unit_put(path, damaged[i], strlen(damaged[i]), 0600);
        override_init(&table, 1);
        assert_int_equal(override_load(&table, path), -EINVAL);
        override_free(&table);
    }
}

static void test_no_file_is_no_override(void **state)
{
    struct override_table table;
    override_init(&table, 1);
    assert_int_equal(override_load(&table, unit_path(state, "not-there")), 0);
    assert_int_equal(table.count, 0);
    override_free(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_last_order_counts),
        cmocka_unit_test(test_one_master_is_down),
        cmocka_unit_test(test_a_tie_ends_alike_everywhere),
        cmocka_unit_test(test_masters_agree_in_the_end),
        cmocka_unit_test(test_nonsense_is_refused),
        cmocka_unit_test_setup_teardown(test_the_file_survives, unit_directory_make, unit_directory_remove),
        cmocka_unit_test_setup_teardown(test_a_damaged_file, unit_directory_make, unit_directory_remove),
        cmocka_unit_test_setup_teardown(test_no_file_is_no_override, unit_directory_make, unit_directory_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
