/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake_inject.h"

#include "wake.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct fake_inject fake_inject;

struct inject {
    struct wake wake;
    void (*idle)(void *context);
    void *context;
};

static void flushed(void *context)
{
    struct inject *inject = context;

    inject->idle(inject->context);
}

int inject_open(qb_loop_t *loop, const char *interface, uint8_t id, void (*idle)(void *context), void *context,
                struct inject **out)
{
    struct inject *inject = calloc(1, sizeof(*inject));

    if (inject == NULL) {
        return -ENOMEM;
    }
    snprintf(fake_inject.interface, sizeof(fake_inject.interface), "%s", interface);
    fake_inject.id = id;
    inject->idle = idle;
    inject->context = context;
    *out = inject;
    return wake_open(&inject->wake, loop, QB_LOOP_MED, flushed, inject);
}

int inject_move(struct inject *inject, const char *interface)
{
    (void)inject;
    snprintf(fake_inject.interface, sizeof(fake_inject.interface), "%s", interface);
    return 0;
}

void inject_close(struct inject *inject)
{
    wake_close(&inject->wake);
    free(inject);
}

int inject_add(struct inject *inject, const struct sync_connection *connection)
{
    (void)inject;
    if (fake_inject.refuses || fake_inject.count == FAKE_INJECT_MAX) {
        return -ENOMEM;
    }
    fake_inject.connections[fake_inject.count++] = *connection;
    return 0;
}

uint64_t inject_failed(const struct inject *inject)
{
    (void)inject;
    return 0;
}

void inject_flush(struct inject *inject)
{
    wake_in(&inject->wake, 1); /* as the real one: not before the caller returns */
}
