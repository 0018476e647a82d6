/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Overrides on disk: JSON. Stamps and origins are 64 bits wide, which JSON numbers are not everywhere; so they are
 * written in hexadecimal. */
#include "override.h"

#include "file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX ((size_t)4 * 1024 * 1024)

static const char *const kinds[] = {"none", "drain", "weight"}; /* in the order of enum wire_override_kind */

static json_t *hexadecimal(uint64_t number)
{
    char text[20];
    snprintf(text, sizeof text, "%" PRIx64, number);
    return json_string(text);
}

static int read_hexadecimal(const json_t *json, const char *name, uint64_t *out)
{
    const char *text = json_string_value(json_object_get(json, name));
    if (text == NULL || text[0] == '\0' || strlen(text) > 16 || text[strspn(text, "0123456789abcdef")] != '\0')
        return -EINVAL;
    *out = strtoull(text, NULL, 16);
    return 0;
}

json_t *override_to_json(const struct override_table *table)
{
    json_t *list = json_array();
    for (size_t i = 0; i < table->count; i++) {
        const struct wire_override *entry = &table->entries[i];
        char address[ADDR_TEXT_MAX];
        json_array_append_new(list, json_pack("{s:s, s:s, s:I, s:o, s:o}", "node", addr_format(&entry->node, address),
                                              "kind", kinds[entry->kind], "weight", (json_int_t)entry->weight, "stamp",
                                              hexadecimal(entry->stamp), "origin", hexadecimal(entry->origin)));
    }
    return json_pack("{s:i, s:o, s:o, s:o}", "version", 1, "origin", hexadecimal(table->origin), "clock",
                     hexadecimal(table->clock), "overrides", list);
}

static int read_entry(const json_t *json, struct wire_override *entry)
{
    const char *node = json_string_value(json_object_get(json, "node"));
    const char *kind = json_string_value(json_object_get(json, "kind"));
    json_int_t weight = json_integer_value(json_object_get(json, "weight"));
    if (node == NULL || kind == NULL || weight < 0 || weight > 65535)
        return -EINVAL;
    *entry = (struct wire_override){.kind = UINT8_MAX, .weight = (uint32_t)weight};
    for (unsigned k = WIRE_OVERRIDE_NONE; k <= WIRE_OVERRIDE_WEIGHT; k++)
        if (strcmp(kind, kinds[k]) == 0)
            entry->kind = (uint8_t)k;
    int rc = addr_parse(node, &entry->node);
    if (rc == 0)
        rc = read_hexadecimal(json, "stamp", &entry->stamp);
    return rc == 0 ? read_hexadecimal(json, "origin", &entry->origin) : rc;
}

int override_from_json(struct override_table *table, const json_t *json)
{
    const json_t *list = json_object_get(json, "overrides");
    uint64_t clock;
    if (json_integer_value(json_object_get(json, "version")) != 1 || !json_is_array(list) ||
        read_hexadecimal(json, "clock", &clock) != 0 || clock >= OVERRIDE_STAMP_LIMIT)
        return -EINVAL;
    int rc = read_hexadecimal(json, "origin", &table->origin);
    for (size_t i = 0; i < json_array_size(list) && rc >= 0; i++) {
        struct wire_override entry;
        rc = read_entry(json_array_get(list, i), &entry);
        if (rc == 0)
            rc = override_merge(table, &entry);
    }
    if (clock > table->clock)
        table->clock = clock;
    return rc < 0 ? rc : 0;
}

int override_load(struct override_table *table, const char *path)
{
    char *text;
    size_t length;
    int rc = file_read(path, FILE_MAX, &text, &length);
    if (rc == -ENOENT)
        return 0;
    if (rc != 0)
        return rc;
    json_t *json = json_loadb(text, length, 0, NULL);
    free(text);
    if (json == NULL)
        return -EINVAL;
    rc = override_from_json(table, json);
    json_decref(json);
    return rc;
}

int override_save(const struct override_table *table, const char *path)
{
    json_t *json = override_to_json(table);
    char *text = json_dumps(json, JSON_INDENT(1));
    json_decref(json);
    if (text == NULL)
        return -ENOMEM;
    int rc = file_write(path, text, strlen(text), 0640, 1);
    free(text);
    return rc;
}
