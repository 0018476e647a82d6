/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mountinfo.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A part of the text. */
struct part {
    const char *start;
    size_t length;
};

/* Takes what stands before the separator, and it, off the front of rest. Returns false when nothing is left. */
static bool take(struct part *rest, char separator, struct part *out)
{
    if (rest->length == 0)
        return false;
    const char *end = memchr(rest->start, separator, rest->length);
    out->start = rest->start;
    out->length = end == NULL ? rest->length : (size_t)(end - rest->start);
    size_t used = out->length + (end == NULL ? 0 : 1);
    rest->start += used;
    rest->length -= used;
    return true;
}

static bool is(const struct part *part, const char *text)
{
    return part->length == strlen(text) && memcmp(part->start, text, part->length) == 0;
}

static bool is_octal(char c)
{
    return c >= '0' && c <= '7';
}

/* Copies with the escapes undone (\040 is a blank). Returns false when it does not fit, or has a NUL. */
static bool unescape(const struct part *in, char *out, size_t size)
{
    size_t used = 0;
    for (size_t i = 0; i < in->length; i++) {
        const char *c = in->start + i;
        char byte = *c;
        if (byte == '\\' && in->length - i > 3 && c[1] >= '0' && c[1] <= '3' && is_octal(c[2]) && is_octal(c[3])) {
            byte = (char)((c[1] - '0') << 6 | (c[2] - '0') << 3 | (c[3] - '0'));
            i += 3;
        }
        if (byte == '\0' || used + 1 >= size)
            return false;
        out[used++] = byte;
    }
    out[used] = '\0';
    return used > 0;
}

/* Finds "name=value" among options that are separated by commas. */
static bool option(struct part options, const char *name, struct part *value)
{
    size_t length = strlen(name);
    struct part one;
    while (take(&options, ',', &one))
        if (one.length > length && one.start[length] == '=' && memcmp(one.start, name, length) == 0) {
            *value = (struct part){one.start + length + 1, one.length - length - 1};
            return true;
        }
    return false;
}

static bool has_word(struct part options, const char *word)
{
    struct part one;
    while (take(&options, ',', &one))
        if (is(&one, word))
            return true;
    return false;
}

static bool read_address(struct part options, struct addr *out)
{
    struct part value, number;
    char text[ADDR_TEXT_MAX];
    /* A link-local address has its interface behind a '%', which we do not keep. */
    if (!option(options, "addr", &value) || !take(&value, '%', &number) || !unescape(&number, text, sizeof text))
        return false;
    return addr_parse(text, out) == 0;
}

static bool read_digit(struct part *rest, unsigned *out)
{
    struct part digit;
    if (!take(rest, '.', &digit) || digit.length != 1 || digit.start[0] < '0' || digit.start[0] > '9')
        return false;
    *out = (unsigned)(digit.start[0] - '0');
    return true;
}

/* vers=3, vers=4.2; older kernels: vers=4,minorversion=1. */
static bool read_version(struct part options, const struct part *type, struct mountinfo_entry *entry)
{
    struct part value;
    entry->version = is(type, "nfs4") ? 4 : 3;
    entry->minor = 0;
    if (option(options, "vers", &value)) {
        if (!read_digit(&value, &entry->version))
            return false;
        if (value.length > 0)
            return read_digit(&value, &entry->minor) && value.length == 0;
    }
    return !option(options, "minorversion", &value) || (read_digit(&value, &entry->minor) && value.length == 0);
}

/* Fields of a line, proc(5): id, parent, device, root, mount point, options, optional ones, "-", type, source, options
 * of the file system. Returns false for what is no NFS mount, or not understood. */
static bool read_line(struct part line, struct mountinfo_entry *entry)
{
    struct part field, directory = {NULL, 0}, options = {NULL, 0}, type, source, super;
    for (unsigned i = 0; i < 6; i++) {
        if (!take(&line, ' ', &field))
            return false;
        if (i == 4)
            directory = field;
        if (i == 5)
            options = field;
    }
    do {
        if (!take(&line, ' ', &field))
            return false;
    } while (!is(&field, "-"));
    if (!take(&line, ' ', &type) || !take(&line, ' ', &source) || !take(&line, ' ', &super))
        return false;
    if (!is(&type, "nfs") && !is(&type, "nfs4"))
        return false;
    *entry = (struct mountinfo_entry){.readonly = has_word(options, "ro") || has_word(super, "ro")};
    return unescape(&directory, entry->directory, sizeof entry->directory) &&
           unescape(&source, entry->source, sizeof entry->source) && read_address(super, &entry->address) &&
           read_version(super, &type, entry);
}

int mountinfo_parse(const char *text, struct mountinfo_entry **out, size_t *count)
{
    struct part rest = {text, strlen(text)}, line;
    struct mountinfo_entry *entries = NULL;
    size_t used = 0, room = 0;
    while (take(&rest, '\n', &line)) {
        if (used == room) {
            size_t more = room == 0 ? 8 : 2 * room;
            struct mountinfo_entry *larger = reallocarray(entries, more, sizeof *entries);
            if (larger == NULL) {
                free(entries);
                return -ENOMEM;
            }
            entries = larger;
            room = more;
        }
        if (read_line(line, &entries[used]))
            used++;
    }
    *out = entries;
    *count = used;
    return 0;
}
