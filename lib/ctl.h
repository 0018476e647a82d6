/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Control: one JSON object as request, one as answer, over libqb's IPC. docs/control.md lists the commands.
 * libqb gives the peer's credentials: root, the daemon's own user and members of group haclient are served (the group
 * only if the daemon's user is in it; its members are looked up once, at open); others are refused when they connect.
 */
#ifndef HAS_CTL_H
#define HAS_CTL_H

#include <jansson.h>
#include <qb/qbloop.h>
#include <stdbool.h>

#define CTL_MESSAGE_MAX (1024 * 1024)

struct ctl_server;

/* Answers a request of a peer that may ask. Returns a new object: {"ok": true, …} or
 * {"ok": false, "error": "text for people"}; the server frees it. */
typedef json_t *(*ctl_handler)(void *context, const char *command, const json_t *request);

/* Offers the service (name "has-tmd", "has-tcd") on the loop; one server a process. To be called after priv_drop(), so
 * that what libqb makes belongs to the daemon's user. Returns 0 or a negative errno: -EADDRINUSE when a daemon answers
 * by that name already. */
int ctl_server_open(const char *name, qb_loop_t *loop, ctl_handler handler, void *context, struct ctl_server **out);
void ctl_server_close(struct ctl_server *server);

/* {"ok": false, "error": …} */
json_t *ctl_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* One request from a client program: connects, asks, waits at most timeout_ms. *answer is a new object that the
 * caller frees. Returns 0 also when the answer says "ok": false; a negative errno when there is no answer:
 * -ECONNREFUSED no such daemon, -ETIMEDOUT its loop does not turn, -EACCES we may not ask. */
int ctl_request(const char *name, const json_t *request, int timeout_ms, json_t **answer);

#endif
