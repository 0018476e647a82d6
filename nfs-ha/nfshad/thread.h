/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A thread for what blocks in the kernel. */
#ifndef NFSHAD_THREAD_H
#define NFSHAD_THREAD_H

/* Runs run(context) in a detached thread with a small stack: the daemon stays in memory with all that it has. Returns 0
 * or a negative errno. */
int thread_start(void *(*run)(void *context), void *context);

#endif
