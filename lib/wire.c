/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The frame of a datagram: header, key, MAC. The bodies are in wire_body.c and beside it. */
#include "wire.h"

#include "wire_body.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

static const uint8_t magic[4] = {'H', 'A', 'S', '1'};

const char *wire_result_name(enum wire_result result)
{
    static const char *const names[WIRE_RESULT_COUNT] = {
        [WIRE_OK] = "ok",
        [WIRE_TRUNCATED] = "truncated",
        [WIRE_FOREIGN] = "foreign",
        [WIRE_UNKNOWN_TYPE] = "unknown_type",
        [WIRE_BAD_LENGTH] = "bad_length",
        [WIRE_UNKNOWN_KEY] = "unknown_key",
        [WIRE_FORGED] = "forged",
        [WIRE_MALFORMED] = "malformed",
    };

    return (unsigned)result < WIRE_RESULT_COUNT ? names[result] : "unknown";
}

static void make_mac(const uint8_t *data, size_t length, const struct key *key, uint8_t mac[WIRE_MAC_BYTES])
{
    crypto_generichash(mac, WIRE_MAC_BYTES, data, length, key->bytes, KEY_BYTES);
}

int wire_encode(const struct wire_message *message, const struct key *key, uint8_t *out)
{
    uint8_t *body = out + WIRE_HEADER_BYTES;
    uint8_t flags = 0;
    size_t length;
    int used = wire_body_write(message, &flags, body);

    if (used < 0)
        return used;
    length = WIRE_HEADER_BYTES + (size_t)used;
    memcpy(out, magic, sizeof(magic));
    out[4] = (uint8_t)message->type;
    out[5] = flags;
    out[6] = (uint8_t)((length + WIRE_MAC_BYTES) >> 8);
    out[7] = (uint8_t)(length + WIRE_MAC_BYTES);
    for (int i = 0; i < 4; i++)
        out[8 + i] = (uint8_t)(key->id >> (24 - 8 * i));
    make_mac(out, length, key, out + length);
    return (int)(length + WIRE_MAC_BYTES);
}

static enum wire_result check_header(const uint8_t *data, size_t length)
{
    size_t stated;

    if (length < WIRE_HEADER_BYTES)
        return WIRE_TRUNCATED;
    if (memcmp(data, magic, sizeof(magic)) != 0)
        return WIRE_FOREIGN;
    if (data[4] < WIRE_REPORT || data[4] > WIRE_CONNECTIONS)
        return WIRE_UNKNOWN_TYPE;
    stated = (size_t)data[6] << 8 | data[7];
    if (stated < WIRE_HEADER_BYTES + WIRE_MAC_BYTES || stated > WIRE_DATAGRAM_MAX || length > stated)
        return WIRE_BAD_LENGTH;
    return length < stated ? WIRE_TRUNCATED : WIRE_OK;
}

enum wire_result wire_decode(const uint8_t *data, size_t length, const struct keyring *ring, struct wire_message *out)
{
    enum wire_result result = check_header(data, length);
    uint8_t mac[WIRE_MAC_BYTES];
    const struct key *key;
    struct wire_message message;
    size_t extent;

    if (result != WIRE_OK)
        return result;
    key = key_find(ring,
                   (uint32_t)data[8] << 24 | (uint32_t)data[9] << 16 | (uint32_t)data[10] << 8 | (uint32_t)data[11]);
    if (key == NULL)
        return WIRE_UNKNOWN_KEY;
    length -= WIRE_MAC_BYTES;
    make_mac(data, length, key, mac);
    if (sodium_memcmp(mac, data + length, WIRE_MAC_BYTES) != 0)
        return WIRE_FORGED;
    extent = wire_body_extent((enum wire_type)data[4]);
    memset(&message, 0, extent);
    message.type = (enum wire_type)data[4];
    if (!wire_body_read(&message, data[5], data + WIRE_HEADER_BYTES, length - WIRE_HEADER_BYTES))
        return WIRE_MALFORMED;
    memcpy(out, &message, extent);
    return WIRE_OK;
}

void wire_cookie(const uint8_t secret[KEY_BYTES], const struct addr *node, uint64_t session, uint64_t generation,
                 uint8_t cookie[WIRE_COOKIE_BYTES])
{
    uint8_t input[1 + 16 + 8 + 8] = {node->family == AF_INET6 ? 6 : 4};

    memcpy(input + 1, node->bytes, node->family == AF_INET6 ? 16 : 4);
    for (int i = 0; i < 8; i++) {
        input[17 + i] = (uint8_t)(session >> (56 - 8 * i));
        input[25 + i] = (uint8_t)(generation >> (56 - 8 * i));
    }
    crypto_generichash(cookie, WIRE_COOKIE_BYTES, input, sizeof(input), secret, KEY_BYTES);
}

bool wire_cookie_equal(const uint8_t a[WIRE_COOKIE_BYTES], const uint8_t b[WIRE_COOKIE_BYTES])
{
    return sodium_memcmp(a, b, WIRE_COOKIE_BYTES) == 0;
}
