/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "thread.h"

#include <pthread.h>
#include <stddef.h>

#define STACK ((size_t)512 * 1024)

int thread_start(void *(*run)(void *context), void *context)
{
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    int rc = -pthread_create(&thread, &attributes, run, context);
    pthread_attr_destroy(&attributes);
    return rc;
}
