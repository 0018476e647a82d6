/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/self/mountinfo: users choose names of directories, and servers what their exports are called. */
#include "mountinfo.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mountinfo_entry *entries = NULL;
    size_t count = 0;
    char *text = malloc(size + 1); /* of its size, so that a step beyond it is seen */
    if (text == NULL)
        return 0;
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    if (mountinfo_parse(text, &entries, &count) == 0)
        for (size_t i = 0; i < count; i++) {
            const struct mountinfo_entry *entry = &entries[i];
            require(entry->directory[0] != '\0' && memchr(entry->directory, '\0', sizeof entry->directory) != NULL);
            require(entry->source[0] != '\0' && memchr(entry->source, '\0', sizeof entry->source) != NULL);
            require(entry->address.family == AF_INET || entry->address.family == AF_INET6);
            require(entry->version <= 9 && entry->minor <= 9);
        }
    free(entries);
    free(text);
    return 0;
}
