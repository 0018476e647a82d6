/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running in the background so that whoever started the daemon learns whether it came up (option -b). */
#ifndef HAS_BACKGROUND_H
#define HAS_BACKGROUND_H

/* Forks. The parent waits in here and never returns: it exits 0 when the child calls background_ready(), or with
 * the child's exit status when the child ends before that. The child returns 0 and goes on in a new session.
 * Call it before any descriptor is opened. Returns a negative errno when it cannot fork. */
int background_start(void);

/* Tells the waiting parent that the daemon is ready, and lets go of the terminal. Does nothing in the foreground. */
void background_ready(void);

#endif
