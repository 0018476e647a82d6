/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "load.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#define LINE_MAX_BYTES 512

/* proc(5): user nice system idle iowait irq softirq steal; the guests' time is within user and nice. */
enum { USER, NICE, SYSTEM, IDLE, IOWAIT, IRQ, SOFTIRQ, STEAL, KINDS };

int load_parse(const char *text, struct load_times *out)
{
    uint64_t times[KINDS];
    int read =
        sscanf(text, "cpu %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64,
               &times[USER], &times[NICE], &times[SYSTEM], &times[IDLE], &times[IOWAIT], &times[IRQ], &times[SOFTIRQ],
               &times[STEAL]);
    if (read != KINDS)
        return -EINVAL;
    *out = (struct load_times){0};
    for (int i = 0; i < KINDS; i++) {
        out->all += times[i];
        if (i != IDLE && i != IOWAIT)
            out->busy += times[i];
    }
    return 0;
}

int load_read(const char *path, struct load_times *out)
{
    char line[LINE_MAX_BYTES];
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return -errno;
    int rc = fgets(line, sizeof line, file) != NULL ? load_parse(line, out) : -EIO;
    fclose(file);
    return rc;
}

uint8_t load_percent(const struct load_times *before, const struct load_times *now)
{
    if (now->all <= before->all || now->busy <= before->busy)
        return 0; /* iowait may go backwards */
    uint64_t all = now->all - before->all;
    uint64_t busy = now->busy - before->busy;
    return (uint8_t)(busy >= all ? 100 : busy * 100 / all);
}
