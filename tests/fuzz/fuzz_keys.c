/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reader of the key file. What it takes must be a usable ring; what it refuses must leave the ring alone, and the
 * message must hold no key. */
#include "key.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define PATH "keys"
#define KEY_DIGITS ((size_t)2 * KEY_BYTES)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_ring(const struct keyring *ring)
{
    if (ring->count == 0 || ring->count > KEY_MAX)
        abort();
    for (size_t i = 0; i < ring->count; i++) {
        if (ring->keys[i].id == 0 || key_find(ring, ring->keys[i].id) != &ring->keys[i])
            abort(); /* an id is 0, or stands there twice */
    }
}

static void check_message(const char *text)
{
    size_t digits = 0;

    if (strncmp(text, PATH ":", sizeof(PATH)) != 0 || strnlen(text, CONF_ERROR_MAX) == CONF_ERROR_MAX)
        abort();
    for (; *text != '\0'; text++) {
        digits = isxdigit((unsigned char)*text) ? digits + 1 : 0;
        if (digits == KEY_DIGITS)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct keyring untouched = {.count = KEY_MAX + 1};
    struct keyring ring = untouched;
    struct conf_error error;
    int result = key_load_text(PATH, (const char *)data, size, &ring, &error);

    if (result == 0) {
        check_ring(&ring);
        if (error.text[0] != '\0')
            abort();
        return 0;
    }
    check_message(error.text);
    if (memcmp(&ring, &untouched, sizeof(ring)) != 0)
        abort();
    return 0;
}
