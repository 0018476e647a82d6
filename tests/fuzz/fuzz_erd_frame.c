/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What anybody on the LAN may send to a port that waits for answers. */
#include "probe_frame.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t ours[6] = {0x02, 0x00, 0x5e, 0x10, 0x20, 0x30};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct addr untouched = {.family = AF_UNSPEC};
    struct addr target = untouched;
    uint8_t question[PROBE_FRAME_MAX];
    uint8_t *frame = malloc(size); /* of its size, so that a step beyond it is seen */

    if (frame == NULL)
        return 0;
    if (size > 0)
        memcpy(frame, data, size);
    bool good = probe_frame_read(frame, size, ours, &target);
    if (good && (memcmp(frame, ours, 6) != 0 || memcmp(frame + 6, ours, 6) == 0))
        abort();
    if (good != (target.family == AF_INET || target.family == AF_INET6))
        abort();
    if (good && probe_frame_read(question, probe_frame_make(question, ours, NULL, &untouched, &target), ours, &target))
        abort();
    free(frame);
    return 0;
}
