/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The watch: an idle connection to the server of a check. A server that dies closes it, so that the check runs at
 * once instead of at its next tick.
 *
 * For http it is a kept-alive connection that has seen one request, because servers commonly accept a connection only
 * when something was sent on it (TCP_DEFER_ACCEPT). A server that does not keep such connections open gets a silent
 * one; one that closes those too is left alone for longer and longer. */
#ifndef TCD_WATCH_H
#define TCD_WATCH_H

struct check;
struct watch;

#define WATCH_SHORT_MS 1000    /* a connection that lives shorter is no use */
#define WATCH_PAUSE_MS 5000    /* after such connections, doubled each time */
#define WATCH_PAUSE_MAX 600000 /* but not above */

/* Returns 0 or a negative errno. The watch is closed yet. */
int watch_create(struct check *check, struct watch **out);
void watch_destroy(struct watch *watch);

/* Opens the connection if it is not open. Cheap; called after each try that passed. NULL is allowed. */
void watch_open(struct watch *watch);

/* A try failed: if the connection was closed, then because the server died and not by its habit. NULL is allowed. */
void watch_excuse(struct watch *watch);

/* Closes the connection for a while: a try was not answered, and it could be us who keep the server busy. */
void watch_suspend(struct watch *watch);

#endif
