/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inject.h"

#include "clock.h"
#include "log.h"
#include "wake.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* 15 messages of 38 IPv4 connections each 5 ms: 114,000 a second. Where timers are coarser a burst may be longer, but
 * the backup daemon's socket must hold several: 180 messages, with sync.c's setting and the kernel's default limit. */
#define PAUSE_US 5000
#define BURST 15
#define BURST_MAX 30

struct inject {
    struct wake wake;
    int fd;
    uint8_t id;
    void (*idle)(void *context);
    void *context;
    struct sync_message *messages; /* those from sent to count - 1 are to be sent */
    size_t count, room, sent;
    uint64_t burst_us; /* when the last burst was sent */
    bool waiting;      /* the timer is set */
    bool flushing;
    uint64_t failed; /* connections */
    struct log_limit errors;
};

static int open_socket(const char *interface)
{
    struct ip_mreqn through = {.imr_ifindex = (int)if_nametoindex(interface)};
    if (through.imr_ifindex == 0)
        return -ENODEV;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    const int ttl = 0, loop = 1;
    struct sockaddr_in group = {.sin_family = AF_INET, .sin_port = htons(SYNC_MESSAGE_PORT)};
    inet_pton(AF_INET, SYNC_MESSAGE_GROUP, &group.sin_addr);
    if (setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &through, sizeof through) != 0 ||
        setsockopt(fd, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, sizeof ttl) != 0 ||
        setsockopt(fd, IPPROTO_IP, IP_MULTICAST_LOOP, &loop, sizeof loop) != 0 ||
        connect(fd, (struct sockaddr *)&group, sizeof group) != 0) {
        int error = -errno;
        close(fd);
        return error;
    }
    return fd;
}

static bool has_message(const struct inject *inject)
{
    return inject->sent < inject->count;
}

/* How many messages are due since the last burst. */
static uint64_t due(struct inject *inject)
{
    uint64_t now_us = clock_us();
    uint64_t count = (now_us - inject->burst_us) * BURST / PAUSE_US;
    inject->burst_us = now_us;
    return count < BURST_MAX ? count : BURST_MAX;
}

/* One that cannot be sent is lost; who waits for it learns that by inject_failed. */
static void count_failed(struct inject *inject, const struct sync_message *message, int error)
{
    uint64_t suppressed;
    inject->failed += sync_message_count(message);
    if (log_allowed(&inject->errors, clock_ms(), &suppressed))
        log_error("cannot enter connections into the IPVS table: %s (%llu more messages not logged)", strerror(error),
                  (unsigned long long)suppressed);
}

static void send_burst(void *context)
{
    struct inject *inject = context;
    inject->waiting = false;
    for (uint64_t left = due(inject); left > 0 && has_message(inject); left--) {
        const struct sync_message *message = &inject->messages[inject->sent];
        if (sync_message_count(message) > 0 && send(inject->fd, message->bytes, message->length, 0) < 0) {
            if (errno == EAGAIN || errno == ENOBUFS)
                break;
            count_failed(inject, message, errno);
        }
        inject->sent++;
    }
    if (has_message(inject)) {
        inject->waiting = true;
        wake_in(&inject->wake, PAUSE_US);
        return;
    }
    inject->sent = inject->count = 0;
    if (!inject->flushing)
        return;
    inject->flushing = false;
    inject->idle(inject->context);
}

/* What comes within a pause shares messages. */
static void set_timer(struct inject *inject)
{
    if (inject->waiting)
        return;
    inject->waiting = true;
    wake_in(&inject->wake, PAUSE_US);
}

static struct sync_message *new_message(struct inject *inject)
{
    if (inject->count == inject->room) {
        size_t room = inject->room == 0 ? 64 : 2 * inject->room;
        struct sync_message *more = reallocarray(inject->messages, room, sizeof *more);
        if (more == NULL)
            return NULL;
        inject->messages = more;
        inject->room = room;
    }
    struct sync_message *message = &inject->messages[inject->count++];
    sync_message_begin(message, inject->id);
    return message;
}

int inject_add(struct inject *inject, const struct sync_connection *connection)
{
    bool open = inject->count > inject->sent; /* the last one has not been sent */
    struct sync_message *message = open ? &inject->messages[inject->count - 1] : new_message(inject);
    int rc = message == NULL ? -ENOMEM : sync_message_add(message, connection);
    if (rc == -EMSGSIZE) {
        message = new_message(inject);
        rc = message == NULL ? -ENOMEM : sync_message_add(message, connection);
    }
    set_timer(inject);
    return rc;
}

uint64_t inject_failed(const struct inject *inject)
{
    return inject->failed;
}

void inject_flush(struct inject *inject)
{
    inject->flushing = true;
    set_timer(inject);
}

int inject_open(qb_loop_t *loop, const char *interface, uint8_t id, void (*idle)(void *context), void *context,
                struct inject **out)
{
    int fd = open_socket(interface);
    if (fd < 0)
        return fd;
    struct inject *inject = calloc(1, sizeof *inject);
    int rc = inject == NULL ? -ENOMEM : wake_open(&inject->wake, loop, QB_LOOP_MED, send_burst, inject);
    if (rc != 0) {
        close(fd);
        free(inject);
        return rc;
    }
    inject->fd = fd;
    inject->id = id;
    inject->idle = idle;
    inject->context = context;
    *out = inject;
    return 0;
}

int inject_move(struct inject *inject, const char *interface)
{
    int fd = open_socket(interface);
    if (fd < 0)
        return fd;
    close(inject->fd);
    inject->fd = fd;
    return 0;
}

void inject_close(struct inject *inject)
{
    wake_close(&inject->wake);
    close(inject->fd);
    free(inject->messages);
    free(inject);
}
