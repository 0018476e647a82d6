/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "flow_run.h"

double flow_run_ms(const struct run *run)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - run->start.tv_sec) * 1e3 + (double)(now.tv_nsec - run->start.tv_nsec) / 1e6;
}

unsigned flow_run_open(const struct run *run, double *silence_ms)
{
    unsigned open = 0;
    double now = flow_run_ms(run);

    *silence_ms = 0;
    for (unsigned i = 0; i < run->options.flows; i++) {
        const struct flow *flow = &run->flows[i];

        if (flow->state != OPEN)
            continue;
        open++;
        if (now - flow->last_ms > *silence_ms)
            *silence_ms = now - flow->last_ms;
    }
    return open;
}

void flow_run_write_state(const struct run *run)
{
    char temporary[4096];
    double silence;
    unsigned open = flow_run_open(run, &silence);
    FILE *out;

    snprintf(temporary, sizeof(temporary), "%s.new", run->options.state);
    out = fopen(temporary, "we");
    if (!out)
        return;
    fprintf(out, "{\"open\": %u, \"opened\": %llu, \"lost\": %llu, \"silence_ms\": %.0f, \"bytes\": %llu}\n", open,
            (unsigned long long)run->report.opened, (unsigned long long)run->report.lost_count, silence,
            (unsigned long long)run->report.bytes);
    if (fclose(out) == 0)
        rename(temporary, run->options.state);
}
