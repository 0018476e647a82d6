/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the storage load saw: how often it worked, what went wrong, and how long it stood still. */
#ifndef LAB_NFS_LOAD_REPORT_H
#define LAB_NFS_LOAD_REPORT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { NFS_LOAD_GAPS_MAX = 1000 };

struct nfs_load_gap {
    double at; /* epoch of the last operation before it, s */
    double ms; /* to the end of the next one that worked */
};

struct nfs_load_report {
    uint64_t operations, errors;
    uint64_t corrupt; /* reads that brought something else than was written */
    int first_error;  /* errno, or 0 */
    double last_ms;   /* when an operation worked last, or the start; monotonic */
    double max_gap_ms;
    double gap_ms;                               /* shorter gaps are not told one by one */
    struct nfs_load_gap gaps[NFS_LOAD_GAPS_MAX]; /* of more than gap_ms; the first ones */
    size_t gap_count;
};

/* Monotonic time in ms. */
double nfs_load_now_ms(void);

/* Begins the count. */
void nfs_load_report_start(struct nfs_load_report *report, double gap_ms);

/* An operation has ended: error is 0, a negative errno, or -EBADMSG for a read that brought wrong bytes. */
void nfs_load_report_add(struct nfs_load_report *report, int error);

/* The summary, one JSON object on a line. */
void nfs_load_report_print(const struct nfs_load_report *report, const char *mode, FILE *out);

/* One short JSON object for the state file: operations, errors, corrupt, at (epoch of the last one that worked). */
void nfs_load_report_state(const struct nfs_load_report *report, int fd);

#endif
