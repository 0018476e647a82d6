/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What comes in over the network: reports of traffic clients, overrides of other masters. */
#include "manager.h"

#include "clock.h"

#include <string.h>
#include <time.h>

static void log_refusal(struct manager *manager, const char *why, const struct receive_origin *origin)
{
    uint64_t suppressed;
    if (!log_allowed(&manager->refusals, clock_ms(), &suppressed))
        return;
    struct addr from = {.family = AF_UNSPEC};
    uint16_t port = 0;
    char text[ADDR_TEXT_MAX];
    (void)addr_from_sockaddr(&origin->peer, &from, &port);
    log_warning("datagram from %s port %u refused: %s (and %llu more since the last such line)",
                addr_format(&from, text), port, why, (unsigned long long)suppressed);
}

static void acknowledge(struct manager *manager, const struct wire_report *report,
                        const uint8_t cookie[WIRE_COOKIE_BYTES], bool accepted, const struct receive_origin *origin)
{
    struct wire_message message = {.type = WIRE_ACKNOWLEDGEMENT};
    uint8_t data[WIRE_DATAGRAM_MAX];
    message.acknowledgement.flags = accepted ? WIRE_ACCEPTED : 0;
    message.acknowledgement.session = report->session;
    message.acknowledgement.sequence = report->sequence;
    memcpy(message.acknowledgement.cookie, cookie, WIRE_COOKIE_BYTES);
    int length = wire_encode(&message, &manager->ring.keys[0], data);
    if (length < 0)
        return;
    receiver_reply(manager->receiver, origin, data, (size_t)length);
    manager->counters.acknowledgements++;
}

static void accept_report(struct manager *manager, struct pool_node *node, const struct wire_report *report,
                          const struct receive_origin *origin)
{
    pool_introduce(manager->pool, node, report);
    manager->counters.accepted++;
    if (origin->received_ns != 0 && manager->batch_accepted < RECEIVE_BATCH)
        manager->batch_received_ns[manager->batch_accepted++] = origin->received_ns;
    pool_report(manager->pool, node, report, clock_ms());
}

/* A report of a node that is not in the table: it is only let in when it can show a cookie. */
static enum admission_result judge_stranger(struct manager *manager, const struct wire_report *report,
                                            uint8_t cookie[WIRE_COOKIE_BYTES], struct pool_node **node)
{
    if (!manager->config->join_any)
        return ADMISSION_NOT_LISTED;
    struct admission stranger;
    admission_start(&stranger, manager->joins);
    enum admission_result result = admission_judge(&stranger, manager->secret, report, manager->copies, cookie);
    if (result != ADMISSION_ACCEPTED)
        return result;
    *node = pool_join(manager->pool, report, clock_ms());
    if (*node == NULL)
        return ADMISSION_NOT_LISTED;
    (*node)->admission = stranger;
    orders_apply(manager); /* it may have been drained before */
    return result;
}

static void take_report(struct manager *manager, const struct wire_report *report, const struct receive_origin *origin)
{
    uint8_t cookie[WIRE_COOKIE_BYTES];
    struct pool_node *node = pool_find(manager->pool, &report->address);
    enum admission_result result =
        node != NULL ? admission_judge(&node->admission, manager->secret, report, manager->copies, cookie)
                     : judge_stranger(manager, report, cookie, &node);
    manager->counters.judged[result]++;
    bool fits = result == ADMISSION_ACCEPTED || result == ADMISSION_DUPLICATE;
    if (result == ADMISSION_ACCEPTED)
        accept_report(manager, node, report, origin);
    if (result == ADMISSION_STALE_COOKIE || (fits && (report->flags & WIRE_WANT_ACK) != 0))
        acknowledge(manager, report, cookie, fits, origin);
    if (result == ADMISSION_NOT_LISTED || result == ADMISSION_REPLAYED)
        log_refusal(manager, admission_result_name(result), origin);
}

static void take_datagram(void *context, const uint8_t *data, size_t length, const struct receive_origin *origin)
{
    struct manager *manager = context;
    struct wire_message message;
    enum wire_result result = wire_decode(data, length, &manager->ring, &message);
    if (result != WIRE_OK) {
        manager->counters.refused_datagrams[result]++;
        log_refusal(manager, wire_result_name(result), origin);
        return;
    }
    switch (message.type) {
    case WIRE_REPORT:
        take_report(manager, &message.report, origin);
        break;
    case WIRE_OVERRIDES:
        manager->counters.overrides++;
        orders_merge(manager, &message.overrides);
        break;
    case WIRE_HELLO: /* a master's, to clients; tmd and tcd may share a test host */
        break;
    case WIRE_ACKNOWLEDGEMENT:
    default:
        manager->counters.unexpected++;
        break;
    }
}

static void measure(struct manager *manager)
{
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    uint64_t now_ns = (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
    uint64_t now_ms = clock_ms();
    for (unsigned i = 0; i < manager->batch_accepted; i++) {
        uint64_t received_ns = manager->batch_received_ns[i];
        /* This clock may be set; what it then says is worth nothing. */
        if (now_ns >= received_ns && now_ns - received_ns < UINT64_C(60000000000))
            latency_add(&manager->latency, (now_ns - received_ns) / 1000, now_ms);
    }
}

int datagram_read(struct manager *manager)
{
    manager->batch_accepted = 0;
    int count = receiver_read(manager->receiver, take_datagram, manager);
    manager_apply(manager, false);
    if (manager->batch_accepted > 0)
        measure(manager);
    return count;
}
