/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker.h"

#include "thread.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct task {
    struct worker *worker;
    void (*work)(void *job);
    void (*done)(void *job);
    void (*drop)(void *job);
    void *job;
    struct task *next;
};

/* Freed by the last of its users: the daemon and each thread. */
struct worker {
    pthread_mutex_t lock;
    qb_loop_t *loop;
    int event;
    size_t users;
    bool closed;
    struct task *finished;
};

/* Returns with the lock given back. */
static void leave(struct worker *worker)
{
    bool last = --worker->users == 0;
    pthread_mutex_unlock(&worker->lock);
    if (!last)
        return;
    pthread_mutex_destroy(&worker->lock);
    close(worker->event);
    free(worker);
}

static void *run(void *context)
{
    struct task *task = context;
    struct worker *worker = task->worker;
    task->work(task->job);
    pthread_mutex_lock(&worker->lock);
    if (worker->closed) {
        task->drop(task->job);
        free(task);
    } else {
        task->next = worker->finished;
        worker->finished = task;
        (void)eventfd_write(worker->event, 1);
    }
    leave(worker);
    return NULL;
}

static int32_t on_event(int32_t fd, int32_t revents, void *context)
{
    (void)revents;
    struct worker *worker = context;
    eventfd_t count;
    (void)eventfd_read(fd, &count);
    pthread_mutex_lock(&worker->lock);
    struct task *task = worker->finished;
    worker->finished = NULL;
    pthread_mutex_unlock(&worker->lock);
    while (task != NULL) {
        struct task *next = task->next;
        task->done(task->job);
        free(task);
        task = next;
    }
    return 0;
}

int worker_open(qb_loop_t *loop, struct worker **out)
{
    struct worker *worker = calloc(1, sizeof *worker);
    if (worker == NULL)
        return -ENOMEM;
    *worker = (struct worker){.loop = loop, .users = 1, .event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
    pthread_mutex_init(&worker->lock, NULL);
    int rc = worker->event < 0 ? -errno : qb_loop_poll_add(loop, QB_LOOP_HIGH, worker->event, POLLIN, worker, on_event);
    if (rc == 0) {
        *out = worker;
        return 0;
    }
    if (worker->event >= 0)
        close(worker->event);
    pthread_mutex_destroy(&worker->lock);
    free(worker);
    return rc;
}

void worker_close(struct worker *worker)
{
    if (worker == NULL)
        return;
    (void)qb_loop_poll_del(worker->loop, worker->event);
    pthread_mutex_lock(&worker->lock);
    worker->closed = true;
    for (struct task *task = worker->finished; task != NULL;) {
        struct task *next = task->next;
        task->drop(task->job);
        free(task);
        task = next;
    }
    leave(worker);
}

int worker_run(struct worker *worker, void (*work)(void *job), void (*done)(void *job), void (*drop)(void *job),
               void *job)
{
    struct task *task = calloc(1, sizeof *task);
    if (task == NULL)
        return -ENOMEM;
    *task = (struct task){.worker = worker, .work = work, .done = done, .drop = drop, .job = job};
    pthread_mutex_lock(&worker->lock);
    worker->users++;
    pthread_mutex_unlock(&worker->lock);
    int rc = thread_start(run, task);
    if (rc == 0)
        return 0;
    pthread_mutex_lock(&worker->lock);
    leave(worker);
    free(task);
    return rc;
}
