/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "wire.h"
#include "wire_vectors.h"

#include <errno.h>
#include <sodium.h>

#define HEADER 12
#define MAC 32

static size_t from_hex(const char *hex, uint8_t *out, size_t size)
{
    size_t length = 0;

    assert_int_equal(sodium_hex2bin(out, size, hex, strlen(hex), NULL, &length, NULL), 0);
    return length;
}

/* Decodes a copy of exactly this length, so that the sanitizers see a byte read too far. */
static enum wire_result decode(const uint8_t *data, size_t length, struct wire_message *out)
{
    uint8_t *copy = malloc(length > 0 ? length : 1);
    enum wire_result result;

    assert_non_null(copy);
    memcpy(copy, data, length);
    result = wire_decode(copy, length, &vector_ring, out);
    free(copy);
    return result;
}

static void put_length_and_mac(uint8_t *data, size_t length)
{
    const struct key *key = &vector_ring.keys[0];

    data[6] = (uint8_t)(length >> 8);
    data[7] = (uint8_t)length;
    crypto_generichash(data + length - MAC, MAC, data, length - MAC, key->bytes, KEY_BYTES);
}

static void vectors_are_encoded(void **state)
{
    uint8_t wanted[WIRE_DATAGRAM_MAX];
    uint8_t got[WIRE_DATAGRAM_MAX];

    (void)state;
    for (size_t i = 0; i < WIRE_VECTOR_COUNT; i++) {
        const struct wire_vector *v = &wire_vectors[i];
        size_t length = from_hex(v->hex, wanted, sizeof(wanted));

        assert_int_equal(wire_encode(&v->message, &vector_ring.keys[v->key], got), length);
        assert_memory_equal(got, wanted, length);
    }
}

static void assert_report_equal(const struct wire_report *a, const struct wire_report *b)
{
    assert_int_equal(a->flags, b->flags);
    assert_true(a->session == b->session && a->sequence == b->sequence);
    assert_true(wire_cookie_equal(a->cookie, b->cookie));
    assert_true(addr_equal(&a->address, &b->address) && addr_equal(&a->address6, &b->address6));
    assert_int_equal(a->index, b->index);
    assert_int_equal(a->pressure, b->pressure);
    assert_int_equal(a->connections, b->connections);
    assert_string_equal(a->name, b->name);
    assert_int_equal(a->service_count, b->service_count);
    for (size_t i = 0; i < a->service_count; i++) {
        assert_string_equal(a->services[i].name, b->services[i].name);
        assert_int_equal(a->services[i].up, b->services[i].up);
    }
}

static void assert_overrides_equal(const struct wire_overrides *a, const struct wire_overrides *b)
{
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        const struct wire_override *x = &a->entries[i];
        const struct wire_override *y = &b->entries[i];

        assert_true(addr_equal(&x->node, &y->node));
        assert_int_equal(x->kind, y->kind);
        assert_int_equal(x->weight, y->weight);
        assert_true(x->stamp == y->stamp && x->origin == y->origin);
    }
}

/* The larger messages are the same when they are written the same; what is written the vectors tell. */
static void assert_encoded_equal(const struct wire_message *a, const struct wire_message *b)
{
    uint8_t x[WIRE_DATAGRAM_MAX];
    uint8_t y[WIRE_DATAGRAM_MAX];
    int length = wire_encode(a, &vector_ring.keys[0], x);

    assert_true(length > 0);
    assert_int_equal(wire_encode(b, &vector_ring.keys[0], y), length);
    assert_memory_equal(x, y, (size_t)length);
}

static void assert_message_equal(const struct wire_message *a, const struct wire_message *b)
{
    assert_int_equal(a->type, b->type);
    switch (a->type) {
    case WIRE_REPORT:
        assert_report_equal(&a->report, &b->report);
        break;
    case WIRE_ACKNOWLEDGEMENT:
        assert_int_equal(a->acknowledgement.flags, b->acknowledgement.flags);
        assert_true(a->acknowledgement.session == b->acknowledgement.session);
        assert_true(a->acknowledgement.sequence == b->acknowledgement.sequence);
        assert_true(wire_cookie_equal(a->acknowledgement.cookie, b->acknowledgement.cookie));
        break;
    case WIRE_HELLO:
        assert_true(a->hello.instance == b->hello.instance);
        break;
    case WIRE_OVERRIDES:
        assert_overrides_equal(&a->overrides, &b->overrides);
        break;
    default:
        assert_encoded_equal(a, b);
    }
}

static void vectors_are_decoded(void **state)
{
    uint8_t data[WIRE_DATAGRAM_MAX];

    (void)state;
    for (size_t i = 0; i < WIRE_VECTOR_COUNT; i++) {
        struct wire_message message;
        size_t length = from_hex(wire_vectors[i].hex, data, sizeof(data));

        assert_int_equal(decode(data, length, &message), WIRE_OK);
        assert_message_equal(&message, &wire_vectors[i].message);
    }
}

static void cookies_are_as_fixed(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        uint8_t wanted[WIRE_COOKIE_BYTES];
        uint8_t got[WIRE_COOKIE_BYTES];

        from_hex(cookie_vectors[i].hex, wanted, sizeof(wanted));
        wire_cookie(vector_ring.keys[0].bytes, &cookie_vectors[i].node, cookie_vectors[i].session,
                    cookie_vectors[i].generation, got);
        assert_true(wire_cookie_equal(got, wanted));
        got[15] ^= 1;
        assert_false(wire_cookie_equal(got, wanted));
    }
}

static void every_part_makes_the_cookie(void **state)
{
    const struct addr node = VECTOR_10_1_0_11;
    const struct addr other = VECTOR_FD00_1(0x11);
    uint8_t cookies[5][WIRE_COOKIE_BYTES];

    (void)state;
    wire_cookie(vector_ring.keys[0].bytes, &node, 5, 0, cookies[0]);
    wire_cookie(vector_ring.keys[1].bytes, &node, 5, 0, cookies[1]);
    wire_cookie(vector_ring.keys[0].bytes, &other, 5, 0, cookies[2]);
    wire_cookie(vector_ring.keys[0].bytes, &node, 6, 0, cookies[3]);
    wire_cookie(vector_ring.keys[0].bytes, &node, 5, 1, cookies[4]);
    for (int i = 0; i < 5; i++) {
        for (int j = 0; j < 5; j++)
            assert_int_equal(wire_cookie_equal(cookies[i], cookies[j]), i == j);
    }
}

static void truncated_datagrams_are_refused(void **state)
{
    uint8_t data[WIRE_DATAGRAM_MAX];

    (void)state;
    for (size_t i = 0; i < WIRE_VECTOR_COUNT; i++) {
        struct wire_message message;
        size_t length = from_hex(wire_vectors[i].hex, data, sizeof(data));

        for (size_t shorter = 0; shorter < length; shorter++)
            assert_int_equal(decode(data, shorter, &message), WIRE_TRUNCATED);
    }
}

/* What is said of a datagram with a wrong bit in this byte, when everything is checked in its order. */
static enum wire_result expected_of_byte(size_t byte, enum wire_result got)
{
    if (byte < 4)
        return WIRE_FOREIGN;
    if (byte == 4) /* another type may be known too: then only the MAC tells */
        return got == WIRE_UNKNOWN_TYPE ? WIRE_UNKNOWN_TYPE : WIRE_FORGED;
    if (byte == 6 || byte == 7)
        return got == WIRE_TRUNCATED ? WIRE_TRUNCATED : WIRE_BAD_LENGTH;
    if (byte >= 8 && byte < 12)
        return WIRE_UNKNOWN_KEY;
    return WIRE_FORGED;
}

static void every_wrong_bit_is_found(void **state)
{
    uint8_t data[WIRE_DATAGRAM_MAX];

    (void)state;
    for (size_t i = 0; i < WIRE_VECTOR_COUNT; i++) {
        struct wire_message message = {.type = 77};
        size_t length = from_hex(wire_vectors[i].hex, data, sizeof(data));

        for (size_t bit = 0; bit < length * 8; bit++) {
            enum wire_result result;

            data[bit / 8] ^= (uint8_t)(1 << bit % 8);
            result = decode(data, length, &message);
            assert_int_equal(result, expected_of_byte(bit / 8, result));
            data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        assert_int_equal(message.type, 77); /* nothing was written */
    }
}

static void a_key_must_be_the_one_named(void **state)
{
    uint8_t data[WIRE_DATAGRAM_MAX];
    struct wire_message message;
    struct keyring one = {.count = 1, .keys = {vector_ring.keys[1]}};
    size_t length = from_hex(wire_vectors[0].hex, data, sizeof(data));

    (void)state;
    assert_int_equal(wire_decode(data, length, &one, &message), WIRE_UNKNOWN_KEY);
    one.keys[0].id = 1; /* right id, other bytes */
    assert_int_equal(wire_decode(data, length, &one, &message), WIRE_FORGED);
    one.count = 0;
    assert_int_equal(wire_decode(data, length, &one, &message), WIRE_UNKNOWN_KEY);
}

static void lengths_are_checked(void **state)
{
    uint8_t data[WIRE_DATAGRAM_MAX + 8] = {0};
    struct wire_message message;
    size_t length = from_hex(wire_vectors[4].hex, data, sizeof(data));

    (void)state;
    assert_int_equal(decode(data, length + 1, &message), WIRE_BAD_LENGTH);
    data[7] = HEADER + MAC - 1;
    assert_int_equal(decode(data, HEADER + MAC - 1, &message), WIRE_BAD_LENGTH);
    put_length_and_mac(data, WIRE_DATAGRAM_MAX + 1);
    assert_int_equal(decode(data, WIRE_DATAGRAM_MAX + 1, &message), WIRE_BAD_LENGTH);
    put_length_and_mac(data, HEADER + MAC); /* authentic, without a body */
    assert_int_equal(decode(data, HEADER + MAC, &message), WIRE_MALFORMED);
}

/* Decodes vector number i with a byte changed and signed again. */
static enum wire_result decode_changed(size_t i, size_t at, uint8_t value)
{
    uint8_t data[WIRE_DATAGRAM_MAX];
    struct wire_message message = {.type = 77};
    size_t length = from_hex(wire_vectors[i].hex, data, sizeof(data));
    enum wire_result result;

    data[at] = value;
    put_length_and_mac(data, length);
    result = decode(data, length, &message);
    if (result != WIRE_OK)
        assert_int_equal(message.type, 77);
    return result;
}

/* Places in the first vector: families of the addresses 44 and 49, pressure 54, name 60, count of services 63. */
static void malformed_reports_are_refused(void **state)
{
    static const struct {
        size_t at;
        uint8_t value;
    } cases[] = {
        {5, 0x04},  /* unknown flag */
        {5, 0x80},  /* unknown flag */
        {44, 0},    /* no address */
        {44, 5},    /* no such family */
        {44, 6},    /* the address takes more bytes than there are */
        {49, 4},    /* second address of the same family */
        {49, 1},    /* no such family */
        {54, 0x03}, /* pressure 1012 */
        {60, 0},    /* empty name */
        {60, 1},    /* name shorter: a byte is left over */
        {60, 3},    /* name longer than the body */
        {60, 64},   /* name longer than a name may be */
        {60, 255},  /* likewise */
        {61, 0},    /* NUL in the name */
        {61, 0x1b}, /* control character */
        {61, 0x7f}, /* delete */
        {62, 0x0a}, /* new line */
        {61, 0xff}, /* not UTF-8 */
        {62, 0xc3}, /* UTF-8 cut short */
        {61, 0x80}, /* UTF-8 without its first byte */
        {63, 1},    /* a service that is not there */
        {63, 17},   /* too many services */
        {63, 255},  /* likewise */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (decode_changed(0, cases[i].at, cases[i].value) != WIRE_MALFORMED)
            fail_msg("byte %zu = %u was taken", cases[i].at, cases[i].value);
    }
    assert_int_equal(decode_changed(0, 61, 'x'), WIRE_OK);
}

static void session_and_sequence_are_never_0(void **state)
{
    (void)state;
    for (size_t at = HEADER; at < HEADER + 16; at += 8) {
        uint8_t data[WIRE_DATAGRAM_MAX];
        struct wire_message message;

        for (size_t i = 0; i < 4; i += 2) { /* a report, an acknowledgement */
            size_t length = from_hex(wire_vectors[i].hex, data, sizeof(data));

            memset(data + at, 0, 8);
            put_length_and_mac(data, length);
            assert_int_equal(decode(data, length, &message), WIRE_MALFORMED);
        }
    }
}

static void other_malformed_messages_are_refused(void **state)
{
    (void)state;
    assert_int_equal(decode_changed(2, 5, 0x02), WIRE_MALFORMED); /* unknown flag of an acknowledgement */
    assert_int_equal(decode_changed(4, 5, 0x01), WIRE_MALFORMED); /* a hello has no flags */
    assert_int_equal(decode_changed(5, 5, 0x01), WIRE_MALFORMED); /* nor have overrides */
    assert_int_equal(decode_changed(5, 12, 1), WIRE_MALFORMED);   /* one more than there is */
    assert_int_equal(decode_changed(6, 12, 1), WIRE_MALFORMED);   /* one fewer */
    assert_int_equal(decode_changed(6, 12, 17), WIRE_MALFORMED);  /* too many */
    assert_int_equal(decode_changed(6, 13, 0), WIRE_MALFORMED);   /* no node */
    assert_int_equal(decode_changed(6, 18, 3), WIRE_MALFORMED);   /* no such kind */
    assert_int_equal(decode_changed(6, 20, 1), WIRE_MALFORMED);   /* weight above 65535 */
    assert_int_equal(decode_changed(6, 18, 0), WIRE_OK);          /* lifted */
}

static void bytes_behind_the_body_are_refused(void **state)
{
    uint8_t data[WIRE_DATAGRAM_MAX];

    (void)state;
    for (size_t i = 0; i < WIRE_VECTOR_COUNT; i++) {
        struct wire_message message;
        size_t length = from_hex(wire_vectors[i].hex, data, sizeof(data));

        memcpy(data + 8, "\0\0\0\1", 4);
        data[length - MAC] = 0;
        put_length_and_mac(data, length + 1);
        assert_int_equal(decode(data, length + 1, &message), WIRE_MALFORMED);
        put_length_and_mac(data, length - 1); /* one fewer likewise */
        assert_int_equal(decode(data, length - 1, &message), WIRE_MALFORMED);
    }
}

static int encode_report(const struct wire_report *report)
{
    uint8_t data[WIRE_DATAGRAM_MAX];
    struct wire_message message = {.type = WIRE_REPORT, .report = *report};

    return wire_encode(&message, &vector_ring.keys[0], data);
}

static void names_are_clean_utf8(void **state)
{
    static const struct {
        const char *name;
        bool clean;
    } cases[] = {
        {"t1", true},
        {"node 1 (left)", true},
        {"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", true}, /* two, three, four bytes */
        {"\xf4\x8f\xbf\xbf", true},                     /* U+10FFFF */
        {"\xf4\x90\x80\x80", false},                    /* above it */
        {"\xed\x9f\xbf", true},
        {"\xed\xa0\x80", false},     /* surrogate */
        {"\xc0\xaf", false},         /* overlong */
        {"\xe0\x80\xaf", false},     /* overlong */
        {"\xf0\x80\x80\xaf", false}, /* overlong */
        {"\xc2\x80", false},         /* C1 control */
        {"\xc2\x9b"
         "31m",
         false}, /* the one-character CSI */
        {"\xc2\xa0", true},
        {"a\tb", false},
        {"", false},
        {"\xe2\x82", false},
        {"\xf8\x88\x80\x80\x80", false},
        {"x\xfe", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct wire_report report = wire_vectors[0].message.report;

        strcpy(report.name, cases[i].name);
        if ((encode_report(&report) > 0) != cases[i].clean)
            fail_msg("name %zu", i);
    }
}

static void messages_out_of_range_are_not_encoded(void **state)
{
    const struct wire_report good = wire_vectors[0].message.report;
    struct wire_report r;

    (void)state;
    r = good, r.flags = 0x10;
    assert_int_equal(encode_report(&r), -EINVAL);
    r = good, r.session = 0;
    assert_int_equal(encode_report(&r), -EINVAL);
    r = good, r.sequence = 0;
    assert_int_equal(encode_report(&r), -EINVAL);
    r = good, r.pressure = 1001;
    assert_int_equal(encode_report(&r), -EINVAL);
    r = good, r.address.family = AF_UNSPEC;
    assert_int_equal(encode_report(&r), -EINVAL);
    r = good, r.address6 = r.address;
    assert_int_equal(encode_report(&r), -EINVAL);
    r = good, r.address = (struct addr){.family = AF_INET6, .bytes = {[10] = 0xff, 0xff, 10, 1, 0, 11}};
    assert_int_equal(encode_report(&r), -EINVAL);
    r = good, r.service_count = WIRE_SERVICES_MAX + 1;
    assert_int_equal(encode_report(&r), -EINVAL);
    r = good, r.service_count = 257;
    assert_int_equal(encode_report(&r), -EINVAL);
    r = good, memset(r.name, 'x', sizeof(r.name)); /* without its end */
    assert_int_equal(encode_report(&r), -EINVAL);
}

static void unknown_types_are_not_encoded(void **state)
{
    uint8_t data[WIRE_DATAGRAM_MAX];
    struct wire_message message = {0};

    (void)state;
    assert_int_equal(wire_encode(&message, &vector_ring.keys[0], data), -EINVAL);
    message.type = 9;
    assert_int_equal(wire_encode(&message, &vector_ring.keys[0], data), -EINVAL);
    message.type = WIRE_OVERRIDES;
    message.overrides.count = WIRE_OVERRIDES_MAX + 1;
    assert_int_equal(wire_encode(&message, &vector_ring.keys[0], data), -EINVAL);
}

static void the_largest_messages_fit(void **state)
{
    uint8_t data[WIRE_DATAGRAM_MAX];
    struct wire_message back;
    struct wire_message message = wire_vectors[1].message;
    struct wire_report *r = &message.report;
    int length;

    (void)state;
    memset(r->name, 'n', WIRE_NAME_MAX - 1);
    r->service_count = WIRE_SERVICES_MAX;
    for (size_t i = 0; i < WIRE_SERVICES_MAX; i++)
        memset(r->services[i].name, 's', WIRE_NAME_MAX - 1);
    length = wire_encode(&message, &vector_ring.keys[0], data);
    assert_int_equal(length, 1213);
    assert_int_equal(decode(data, (size_t)length, &back), WIRE_OK);
    assert_message_equal(&back, &message);
    message = wire_vectors[6].message;
    message.overrides.count = WIRE_OVERRIDES_MAX;
    for (size_t i = 0; i < WIRE_OVERRIDES_MAX; i++)
        message.overrides.entries[i] = message.overrides.entries[1];
    length = wire_encode(&message, &vector_ring.keys[0], data);
    assert_int_equal(length, 653);
    assert_int_equal(decode(data, (size_t)length, &back), WIRE_OK);
    assert_message_equal(&back, &message);
}

static void every_result_has_a_name(void **state)
{
    (void)state;
    for (int i = 0; i < WIRE_RESULT_COUNT; i++)
        assert_true(strlen(wire_result_name((enum wire_result)i)) >= 2);
    assert_string_equal(wire_result_name(WIRE_FORGED), "forged");
    assert_string_equal(wire_result_name(WIRE_RESULT_COUNT), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_are_encoded),
        cmocka_unit_test(vectors_are_decoded),
        cmocka_unit_test(cookies_are_as_fixed),
        cmocka_unit_test(every_part_makes_the_cookie),
        cmocka_unit_test(truncated_datagrams_are_refused),
        cmocka_unit_test(every_wrong_bit_is_found),
        cmocka_unit_test(a_key_must_be_the_one_named),
        cmocka_unit_test(lengths_are_checked),
        cmocka_unit_test(malformed_reports_are_refused),
        cmocka_unit_test(session_and_sequence_are_never_0),
        cmocka_unit_test(other_malformed_messages_are_refused),
        cmocka_unit_test(bytes_behind_the_body_are_refused),
        cmocka_unit_test(names_are_clean_utf8),
        cmocka_unit_test(messages_out_of_range_are_not_encoded),
        cmocka_unit_test(unknown_types_are_not_encoded),
        cmocka_unit_test(the_largest_messages_fit),
        cmocka_unit_test(every_result_has_a_name),
    };

    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
