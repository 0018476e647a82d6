/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A little cluster on loopback for the tests of the real tcd: two masters, a web server, and tcd as nobody. */
#ifndef TCD_LAB_H
#define TCD_LAB_H

#include "ctl.h"
#include "tcd_peer.h"
#include "tcd_server.h"

#define DEADLINE_MS 20000
#define GOOD "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nall well"
#define NODE "127.0.0.2" /* tcd's own address; the masters have 127.0.0.1 and 127.0.0.5 */

struct lab {
    char directory[64];
    char control[64];
    struct peer peers[2];
    struct server server;
    uint16_t agent_port;
    pid_t tcd;
};

/* The fixture: everything but tcd runs, its configuration is written. */
int lab_set_up(void **state);
int lab_tear_down(void **state);

/* DIRECTORY/NAME, in a buffer that the call after the next uses again. */
const char *lab_path_in(const struct lab *lab, const char *name);

/* Writes tcd.conf: a usual one, and more lines. */
void lab_write_config(const struct lab *lab, const char *more);

/* Starts tcd with an option and that configuration. Returns its process. */
pid_t lab_run_tcd(const struct lab *lab, const char *option, const char *config);

/* Waits for the end of a process. Returns its exit status, or 256 and the signal. */
int lab_end_of(pid_t pid);

/* Starts tcd, and waits until both masters have its reports. */
void lab_start(struct lab *lab);

typedef bool (*condition)(const struct peer *peer);
bool is_up(const struct peer *peer);
bool is_down(const struct peer *peer);
bool is_draining(const struct peer *peer);
bool has_client(const struct peer *peer);

/* Receives at one master (0, 1), or at both, until the condition holds there. */
void lab_await(struct lab *lab, int master, condition reached);
void lab_await_both(struct lab *lab, condition reached);

/* Takes what is on its way, and counts what comes after. */
uint64_t lab_reports_within(struct lab *lab, int master, uint64_t wait_ms);

/* The answer to a command over the control service; it must be good. */
json_t *lab_ask(const struct lab *lab, const char *command);

#endif
