/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "nfs_load_report.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double clock_ms(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

double nfs_load_now_ms(void)
{
    return clock_ms(CLOCK_MONOTONIC);
}

static double epoch_of(double monotonic_ms)
{
    return (clock_ms(CLOCK_REALTIME) - clock_ms(CLOCK_MONOTONIC) + monotonic_ms) / 1e3;
}

void nfs_load_report_start(struct nfs_load_report *report, double gap_ms)
{
    *report = (struct nfs_load_report){.last_ms = nfs_load_now_ms(), .gap_ms = gap_ms};
}

void nfs_load_report_add(struct nfs_load_report *report, int error)
{
    double now = nfs_load_now_ms(), gap = now - report->last_ms;

    if (error) {
        report->corrupt += error == -EBADMSG;
        report->errors++;
        if (!report->first_error)
            report->first_error = -error;
        return;
    }
    report->operations++;
    if (gap > report->max_gap_ms)
        report->max_gap_ms = gap;
    if (gap > report->gap_ms && report->gap_count < NFS_LOAD_GAPS_MAX)
        report->gaps[report->gap_count++] = (struct nfs_load_gap){.at = epoch_of(report->last_ms), .ms = gap};
    report->last_ms = now;
}

void nfs_load_report_print(const struct nfs_load_report *report, const char *mode, FILE *out)
{
    const char *name = report->first_error ? strerrorname_np(report->first_error) : NULL;

    fprintf(out,
            "{\"mode\": \"%s\", \"operations\": %llu, \"errors\": %llu, \"corrupt\": %llu, \"first_error\": ", mode,
            (unsigned long long)report->operations, (unsigned long long)report->errors,
            (unsigned long long)report->corrupt);
    if (report->first_error)
        fprintf(out, "\"%s\"", name ? name : "unknown");
    else
        fputs("null", out);
    fprintf(out, ", \"max_gap_ms\": %.1f, \"gaps\": [", report->max_gap_ms);
    for (size_t i = 0; i < report->gap_count; i++)
        fprintf(out, "%s{\"at\": %.3f, \"ms\": %.1f}", i ? ", " : "", report->gaps[i].at, report->gaps[i].ms);
    fprintf(out, "]}\n");
    fflush(out);
}

void nfs_load_report_state(const struct nfs_load_report *report, int fd)
{
    char text[160];

    /* always as long: what was there is overwritten at once */
    snprintf(text, sizeof(text), "{\"operations\": %20llu, \"errors\": %20llu, \"corrupt\": %20llu, \"at\": %17.3f}\n",
             (unsigned long long)report->operations, (unsigned long long)report->errors,
             (unsigned long long)report->corrupt, epoch_of(report->last_ms));
    if (pwrite(fd, text, strlen(text), 0) < 0)
        perror("nfs_load: state");
}
