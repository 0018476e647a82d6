/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a server, or who plays one, may send to a probe. The first byte says in what parts it arrives: that must not
 * make a difference. */
#include "probe_message.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct taken {
    unsigned count;
    uint32_t sum;
};

static void on_reply(void *context, uint32_t xid)
{
    struct taken *taken = context;
    taken->count++;
    taken->sum = taken->sum * 31 + xid;
}

static int take(const uint8_t *data, size_t size, size_t part, struct taken *taken)
{
    struct probe_reader reader = {0};
    int rc = 0;
    for (size_t i = 0; i < size && rc == 0; i += part) {
        rc = probe_reader_take(&reader, data + i, size - i < part ? size - i : part, on_reply, taken);
        if (reader.length > sizeof reader.bytes)
            abort();
    }
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct taken whole = {0}, parts = {0};
    if (size == 0)
        return 0;
    int rc = take(data + 1, size - 1, size, &whole);
    int again = take(data + 1, size - 1, (size_t)data[0] + 1, &parts);
    if (rc != again || whole.count != parts.count || whole.sum != parts.sum)
        abort();
    if (whole.count > size / 16)
        abort();
    return 0;
}
