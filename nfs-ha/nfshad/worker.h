/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Work that blocks (the kernel's sysfs files, calls to a server), done by threads of their own; how it ended is told on
 * the daemon's loop. */
#ifndef NFSHAD_WORKER_H
#define NFSHAD_WORKER_H

#include <qb/qbloop.h>

struct worker;

int worker_open(qb_loop_t *loop, struct worker **out);
/* Threads that still work are left alone; what they find is dropped. */
void worker_close(struct worker *worker);

/* Runs work(job) in a thread, then done(job) on the loop; the job must not be touched in between, and done() frees it
 * (drop(job), in the thread, when the worker was closed meanwhile). Returns 0 or a negative errno. */
int worker_run(struct worker *worker, void (*work)(void *job), void (*done)(void *job), void (*drop)(void *job),
               void *job);

#endif
