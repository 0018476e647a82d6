/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who has been fenced: Pacemaker's alert agent (agents/fenced-alert.in) leaves a file with the node's name in a
 * directory of its user. That user may not speak to the daemon, and the daemon needs no right over Pacemaker. */
#ifndef CVIPD_FENCING_H
#define CVIPD_FENCING_H

#include <qb/qbloop.h>

#define FENCING_DIRECTORY HAS_RUNDIR "/fenced"
#define FENCING_USER "hacluster" /* Pacemaker's, as whom alert agents run */

/* Seconds in which a file tells of a fencing of now. Who is back already is heard, and not taken as off. */
#define FENCING_FRESH_S 60

struct fencing;

/* Makes the directory for that user. To be called as root, before rights are given up. Returns 0 or a negative errno:
 * -ENOENT, there is no such user here and so no Pacemaker. */
int fencing_prepare(void);

/* Watches a directory: told is called with the name of each file that is written in it from now on, which is a name
 * of letters, digits, '.', '_' and '-'; and a second after the start with those that were written in the last
 * FENCING_FRESH_S seconds. A directory that is removed and made again is watched again, within a second. Returns 0 or a
 * negative errno (-ENOENT: no such directory). */
int fencing_open(qb_loop_t *loop, const char *directory, void (*told)(void *context, const char *node), void *context,
                 struct fencing **out);

/* NULL does nothing. */
void fencing_close(struct fencing *fencing);

#endif
