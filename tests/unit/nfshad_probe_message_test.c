/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "probe_message.h"

#include <errno.h>

struct taken {
    unsigned count;
    uint32_t xids[8];
};

static void on_reply(void *context, uint32_t xid)
{
    struct taken *taken = context;
    assert_true(taken->count < 8);
    taken->xids[taken->count++] = xid;
}

/* As a kernel's server sent them: accepted and success; "program version mismatch"; denied, "RPC mismatch". */
static const uint8_t success[28] = {0x80, 0, 0, 24, 0x12, 0x34, 0x56, 0x78, 0, 0, 0, 1};
static const uint8_t mismatch[36] = {0x80, 0, 0, 32, 0, 0, 0, 9, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0,
                                     0,    0, 0, 0,  0, 0, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 3};
static const uint8_t denied[28] = {0x80, 0, 0, 24, 0, 0, 0, 7, 0, 0, 0, 1, 0, 0,
                                   0,    1, 0, 0,  0, 0, 0, 0, 0, 2, 0, 0, 0, 2};

static void the_call(void **state)
{
    uint8_t call[PROBE_CALL_SIZE];
    static const uint8_t expected[24] = {0x80, 0, 0, 40, 0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 0,
                                         0,    0, 0, 2,  0,    1,    0x86, 0xa3, 0, 0, 0, 4};
    static const uint8_t nothing[PROBE_CALL_SIZE - sizeof expected] = {0};
    (void)state;
    memset(call, 0xff, sizeof call);
    probe_message_call(call, 0xcafebabe, 4);
    assert_memory_equal(call, expected, sizeof expected);
    assert_memory_equal(call + sizeof expected, nothing, sizeof nothing);
}

static void replies(void **state)
{
    struct probe_reader reader = {0};
    struct taken taken = {0};
    uint8_t stream[sizeof success + sizeof mismatch + sizeof denied];
    (void)state;
    memcpy(stream, success, sizeof success);
    memcpy(stream + sizeof success, mismatch, sizeof mismatch);
    memcpy(stream + sizeof success + sizeof mismatch, denied, sizeof denied);
    assert_int_equal(probe_reader_take(&reader, stream, sizeof stream, on_reply, &taken), 0);
    assert_int_equal(taken.count, 3);
    assert_int_equal(taken.xids[0], 0x12345678);
    assert_int_equal(taken.xids[1], 9);
    assert_int_equal(taken.xids[2], 7);
    assert_int_equal(reader.length, 0);
}

/* Wherever the stream is cut. */
static void in_parts(void **state)
{
    uint8_t stream[2 * sizeof success];
    (void)state;
    memcpy(stream, success, sizeof success);
    memcpy(stream + sizeof success, success, sizeof success);
    for (size_t part = 1; part <= sizeof stream; part++) {
        struct probe_reader reader = {0};
        struct taken taken = {0};
        for (size_t i = 0; i < sizeof stream; i += part) {
            size_t length = sizeof stream - i < part ? sizeof stream - i : part;
            assert_int_equal(taken.count, i / sizeof success);
            assert_int_equal(probe_reader_take(&reader, stream + i, length, on_reply, &taken), 0);
        }
        assert_int_equal(taken.count, 2);
    }
}

static int take_changed(size_t place, uint8_t value)
{
    struct probe_reader reader = {0};
    struct taken taken = {0};
    uint8_t bytes[sizeof success];
    memcpy(bytes, success, sizeof bytes);
    bytes[place] = value;
    int rc = probe_reader_take(&reader, bytes, sizeof bytes, on_reply, &taken);
    assert_int_equal(taken.count, 0);
    return rc;
}

static void no_replies(void **state)
{
    (void)state;
    assert_int_equal(take_changed(0, 0), -EPROTO);  /* more than one fragment */
    assert_int_equal(take_changed(3, 11), -EPROTO); /* too short for a reply */
    assert_int_equal(take_changed(2, 2), -EPROTO);  /* 536 bytes: too long */
    assert_int_equal(take_changed(0, 0x90), -EPROTO);
    assert_int_equal(take_changed(11, 0), -EPROTO); /* a call */
    assert_int_equal(take_changed(11, 2), -EPROTO);
    assert_int_equal(take_changed(15, 2), -EPROTO); /* neither accepted nor denied */
    assert_int_equal(take_changed(3, 25), 0);       /* not whole yet */
}

static void as_long_as_may_be(void **state)
{
    (void)state;
    for (size_t length = PROBE_REPLY_MAX - 1; length <= PROBE_REPLY_MAX + 1; length++) {
        struct probe_reader reader = {0};
        struct taken taken = {0};
        uint8_t bytes[PROBE_REPLY_MAX + 8] = {0x80, 0, (uint8_t)(length >> 8), (uint8_t)length, 0, 0, 0, 5, 0, 0, 0, 1};
        int rc = probe_reader_take(&reader, bytes, 4 + length, on_reply, &taken);
        assert_int_equal(rc, length > PROBE_REPLY_MAX ? -EPROTO : 0);
        assert_int_equal(taken.count, length > PROBE_REPLY_MAX ? 0 : 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_call),   cmocka_unit_test(replies),           cmocka_unit_test(in_parts),
        cmocka_unit_test(no_replies), cmocka_unit_test(as_long_as_may_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
