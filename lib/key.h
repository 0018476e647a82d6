/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The cluster's keys: a file, mode 0600, one key a line: "ID HEX", ID 1 to 4294967295, HEX 64 digits.
 * The first key signs; every key is accepted, so that keys can be rotated: add the new key as the last line
 * everywhere, then move it to the top everywhere, then remove the old one everywhere. */
#ifndef HAS_KEY_H
#define HAS_KEY_H

#include "conf.h"

#include <stddef.h>
#include <stdint.h>

#define KEY_BYTES 32
#define KEY_MAX 8 /* keys in one file */

struct key {
    uint32_t id;
    uint8_t bytes[KEY_BYTES];
};

struct keyring {
    size_t count;
    struct key keys[KEY_MAX]; /* keys[0] signs */
};

/* Reads the key file. Refuses a file that group or others may read or write or that belongs neither to root nor to
 * our own user, a repeated id, or a file without a key.
 * Returns 0 or a negative errno with error->text set; ring is untouched on error. */
int key_load(const char *path, struct keyring *ring, struct conf_error *error);

/* The same from memory, for tests and fuzzers; path is the name that errors show. There is no file whose owner and mode
 * could be wrong. */
int key_load_text(const char *path, const char *text, size_t length, struct keyring *ring, struct conf_error *error);

/* The key of that id, or NULL. */
const struct key *key_find(const struct keyring *ring, uint32_t id);

/* Makes one line of a key file, with its new line, from fresh random bytes (libsodium). size: at least 80. */
void key_generate_line(uint32_t id, char *out, size_t size);

/* Overwrites the keys in memory. */
void key_forget(struct keyring *ring);

#endif
