/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tells the service manager how we are: the sd_notify(3) datagram protocol, without libsystemd. */
#ifndef HAS_NOTIFY_H
#define HAS_NOTIFY_H

/* Sends a state such as "READY=1" or "STOPPING=1" or "STATUS=text" to $NOTIFY_SOCKET.
 * Returns 0, also when there is no service manager, or a negative errno. */
int notify_send(const char *state);

/* Writes a pid file atomically; path may be NULL. Returns 0 or a negative errno. */
int notify_pidfile(const char *path);

#endif
