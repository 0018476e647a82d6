/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A traffic manager as a process for tests, its traffic client, and its questions. */
#ifndef TEST_TMD_DAEMON_H
#define TEST_TMD_DAEMON_H

#include "clock.h"
#include "ctl.h"
#include "key.h"
#include "unit.h"
#include "wire.h"

#define DEADLINE_MS 20000
#define NODE "127.1.0.11"
#define OTHER "127.1.0.12"

struct daemon {
    char directory[64];
    char control[64];
    uint16_t port;
    pid_t pid;
    int fd;
    struct key key;
    struct wire_report report; /* the client's */
};

/* A fixture: a running daemon in its own directory, on its own port. */
int daemon_set_up(void **state);
int daemon_tear_down(void **state);
/* The path of a file in its directory; in a buffer that the next call uses again. */
const char *daemon_path_of(const struct daemon *d, const char *name);
/* Writes tmd.conf: a usual one, and more lines. */
void daemon_write_configuration(const struct daemon *d, const char *more);
/* One question; NULL when there is no answer. Takes value. */
json_t *daemon_ask(const struct daemon *d, const char *command, const char *node, json_t *value);
/* One order; whether it was taken. */
bool daemon_order(const struct daemon *d, const char *command, const char *node, json_t *value);
/* Starts the program with one more option. */
pid_t daemon_run_program(const struct daemon *d, const char *option);
/* Starts it, and waits until it answers. */
void daemon_start(struct daemon *d);
/* Ends it in order; its exit status. */
int daemon_stop(struct daemon *d);
void daemon_send_bytes(const struct daemon *d, const uint8_t *data, size_t length);
size_t daemon_sign(const struct daemon *d, const struct wire_message *message, uint8_t *data);
/* The client's next report. */
void daemon_send_report(struct daemon *d, uint32_t index);
void daemon_report_until_accepted(struct daemon *d, uint32_t index);
/* One of a list that the daemon shows, by its name, or NULL; and how long the list is. */
json_t *daemon_member(const struct daemon *d, const char *command, const char *list, const char *name, size_t *count);
bool daemon_has_state(const struct daemon *d, const char *name, const char *state);
/* The weight that the kernel has for the service's first server, -1 when it has none. */
json_int_t daemon_kernel_weight(const struct daemon *d);
/* How many datagrams were refused for this reason. */
json_int_t daemon_rejected(const struct daemon *d, const char *reason);

#define WAIT_FOR(condition)                                                                                            \
    do {                                                                                                               \
        uint64_t end_ms_ = clock_ms() + DEADLINE_MS;                                                                   \
        while (!(condition) && clock_ms() < end_ms_)                                                                   \
            usleep(5000);                                                                                              \
        assert_true(condition);                                                                                        \
    } while (0)

/* The same while the node reports. */
#define REPORT_UNTIL(d, condition)                                                                                     \
    do {                                                                                                               \
        uint64_t end_ms_ = clock_ms() + DEADLINE_MS;                                                                   \
        do                                                                                                             \
            daemon_report_until_accepted(d, 5000);                                                                     \
        while (!(condition) && clock_ms() < end_ms_);                                                                  \
        assert_true(condition);                                                                                        \
    } while (0)

#endif
