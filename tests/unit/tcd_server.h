/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small web server in a child process, for the tests of checks: it can be killed like a real one. */
#ifndef TCD_SERVER_H
#define TCD_SERVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct server {
    pid_t pid;
    uint16_t port;
};

/* Starts a server on 127.0.0.1 that gives this answer to every request, and keeps the connection open when it is asked
 * to. answer NULL: it never answers. port 0: any; else the port of one that was killed. */
struct server server_start(const char *answer, uint16_t port);

/* Kills it as a crash would, and waits for its end. */
void server_kill(struct server *server);

#endif
