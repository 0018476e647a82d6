/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "move_writers.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* At once, each with a stack that stays in memory. */
#define WRITERS_MAX TRANSPORTS_MAX

/* Freed by the last of its users. */
struct move_writers {
    pthread_mutex_t lock;
    unsigned users;                              /* the process and each write */
    char paths[WRITERS_MAX][TRANSPORT_PATH_MAX]; /* empty: free */
};

struct move_writers *move_writers_open(void)
{
    struct move_writers *writers = calloc(1, sizeof *writers);
    if (writers == NULL)
        return NULL;
    pthread_mutex_init(&writers->lock, NULL);
    writers->users = 1;
    return writers;
}

/* Returns with the lock given back. */
static void leave(struct move_writers *writers)
{
    bool last = --writers->users == 0;
    pthread_mutex_unlock(&writers->lock);
    if (!last)
        return;
    pthread_mutex_destroy(&writers->lock);
    free(writers);
}

void move_writers_close(struct move_writers *writers)
{
    if (writers == NULL)
        return;
    pthread_mutex_lock(&writers->lock);
    leave(writers);
}

bool move_writers_begin(struct move_writers *writers, const char *path)
{
    size_t place = WRITERS_MAX;
    bool taken = false;
    if (writers == NULL)
        return true;
    pthread_mutex_lock(&writers->lock);
    for (size_t i = 0; i < WRITERS_MAX; i++) {
        taken |= strcmp(writers->paths[i], path) == 0;
        if (writers->paths[i][0] == '\0')
            place = i;
    }
    taken |= place == WRITERS_MAX;
    if (!taken) {
        snprintf(writers->paths[place], sizeof writers->paths[place], "%s", path);
        writers->users++;
    }
    pthread_mutex_unlock(&writers->lock);
    return !taken;
}

void move_writers_end(struct move_writers *writers, const char *path)
{
    if (writers == NULL)
        return;
    pthread_mutex_lock(&writers->lock);
    for (size_t i = 0; i < WRITERS_MAX; i++)
        if (strcmp(writers->paths[i], path) == 0)
            writers->paths[i][0] = '\0';
    leave(writers);
}

bool move_writers_any(struct move_writers *writers, const struct transport_list *list)
{
    bool any = false;
    pthread_mutex_lock(&writers->lock);
    for (size_t i = 0; i < list->count; i++)
        for (size_t k = 0; k < WRITERS_MAX; k++)
            any |= strcmp(writers->paths[k], list->transports[i].path) == 0;
    pthread_mutex_unlock(&writers->lock);
    return any;
}
