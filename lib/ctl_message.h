/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What both ends of a control connection must agree on: a libqb header, then the JSON text without an end. */
#ifndef HAS_CTL_MESSAGE_H
#define HAS_CTL_MESSAGE_H

#define CTL_MESSAGE_ID 1
#define CTL_GROUP "haclient" /* Pacemaker's administrators */

/* libqb makes the shared memory of a connection in the size that the client asks for, page by page. A monitor asks
 * every few seconds and gets a few words: it must not pay for a table of a thousand nodes. */
#define CTL_MESSAGE_SMALL (8 * 1024)
#define CTL_MESSAGE_MEDIUM (64 * 1024) /* a daemon's status: in cvipd, time spent here is time without heartbeats */

#endif
