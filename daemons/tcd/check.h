/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs the application checks on the loop: starts tries, ends them at their timeout, keeps their states. */
#ifndef TCD_CHECK_H
#define TCD_CHECK_H

#include "check_state.h"
#include "tcd_config.h"
#include "timer.h"

#define CHECK_MESSAGE_MAX 160

struct check;

/* How one kind of check does a try. */
struct check_driver {
    /* Begins a try. Returns 0, and check_finish() follows; or a negative errno: the try failed at once. */
    int (*start)(struct check *check);
    /* Ends a try, finished or not, and frees what it holds. */
    void (*stop)(struct check *check);
};

extern const struct check_driver check_tcp;
extern const struct check_driver check_http;
extern const struct check_driver check_https; /* only with libcurl */
extern const struct check_driver check_program;

struct check_engine;

struct check {
    struct check_engine *engine;
    const struct check_config *config;
    const struct check_driver *driver;
    struct check_state state;
    struct timer next;    /* the next try */
    struct timer timeout; /* of the try that runs */
    struct watch *watch;  /* the idle connection, or NULL */
    void *attempt;        /* the driver's own */
    uint64_t begun_us;
    uint64_t latency_us; /* of the last try */
    uint64_t tries;
    uint64_t failures;
    char message[CHECK_MESSAGE_MAX];
};

struct check_engine {
    qb_loop_t *loop;
    void (*changed)(void *context, const struct check *check); /* a status changed */
    void *context;
    struct https_pool *https; /* of the https checks, made when it is needed */
    size_t count;
    struct check checks[];
};

/* Starts the checks of a configuration, which must outlive the engine. Checks of the same name in previous (may be
 * NULL) hand their status on. Returns 0 or a negative errno. */
int check_engine_start(qb_loop_t *loop, const struct tcd_config *config, const struct check_engine *previous,
                       void (*changed)(void *, const struct check *), void *context, struct check_engine **out);

/* Lets every check that has not spoken yet count as up until it fails: check_state_trust(). */
void check_engine_trust(struct check_engine *engine);

/* Ends all tries and frees the engine. NULL is allowed. */
void check_engine_stop(struct check_engine *engine);

/* For drivers: the try is over. */
void check_finish(struct check *check, enum check_outcome outcome, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* For drivers: whether this negative errno means that the server sent us away, as the kernel does for one that died:
 * a connection that the dying server had not accepted yet is reset, a later one is refused. */
bool check_is_refusal(int error);

/* For drivers: the try ended with this negative errno. */
void check_finish_error(struct check *check, int error);

/* Frees the common part of the https checks. NULL is allowed. */
void https_pool_free(struct https_pool *pool);

/* For the watch: the server closed its connection. */
void check_closed(struct check *check);

#endif
