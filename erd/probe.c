/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probe.h"

#include "probe_filter.h"
#include "probe_frame.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <linux/pkt_sched.h>
#include <net/ethernet.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FRAMES_MAX 64   /* read in a row: the rest of the daemon must not wait */
#define ANSWER_MAX 2048 /* an advertisement may carry options of any kind, but no more than a frame holds */

/* A target, and where its answer came from. */
struct asked {
    struct addr address;
    bool answered; /* since it was asked */
    uint8_t mac[ETH_ALEN];
};

struct probe {
    qb_loop_t *loop;
    int interface;
    int socket;
    void (*answered)(void *context, const struct addr *target);
    void *context;
    uint8_t mac[ETH_ALEN];
    bool asks;   /* probe_as was called */
    bool joined; /* the socket hears what comes to mac, which is not the port's */
    struct asked asked[PROBE_TARGETS_MAX];
    size_t asked_count;
    struct probe_counts counts;
};

static struct asked *find_asked(struct asked *asked, size_t count, const struct addr *who)
{
    for (size_t i = 0; i < count; i++)
        if (addr_equal(&asked[i].address, who))
            return &asked[i];
    return NULL;
}

static void take(struct probe *probe, const uint8_t *frame, size_t length)
{
    struct addr who;
    struct asked *asked = NULL;
    if (probe->asks && length <= ANSWER_MAX && probe_frame_read(frame, length, probe->mac, &who))
        asked = find_asked(probe->asked, probe->asked_count, &who);
    if (asked == NULL) {
        probe->counts.refused++;
        return;
    }
    asked->answered = true;
    memcpy(asked->mac, frame + offsetof(struct ether_header, ether_shost), ETH_ALEN);
    probe->counts.answers++;
    probe->answered(probe->context, &who);
}

/* Reading also takes the error of a port that went down or away (ENETDOWN) off the socket, which would wake us again
 * and again. */
static int32_t readable(int32_t fd, int32_t events, void *data)
{
    struct probe *probe = data;
    (void)events;
    for (int i = 0; i < FRAMES_MAX; i++) {
        uint8_t frame[ANSWER_MAX];
        ssize_t length = recv(fd, frame, sizeof frame, MSG_TRUNC);
        if (length < 0)
            break;
        take(probe, frame, (size_t)length);
    }
    return 0;
}

static int set(int socket, int option, int value)
{
    return setsockopt(socket, SOL_PACKET, option, &value, sizeof value) == 0 ? 0 : -errno;
}

/* Sends ahead of what waits in the port's queue, where it must go through one. */
static int set_priority(int socket)
{
    const int priority = TC_PRIO_CONTROL;

    return setsockopt(socket, SOL_SOCKET, SO_PRIORITY, &priority, sizeof priority) == 0 ? 0 : -errno;
}

/* Protocol 0: it hears nothing before it is bound, when the filter is there. */
static int prepare(struct probe *probe)
{
    const struct sockaddr_ll where = {
        .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = probe->interface};

    probe->socket = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int rc = probe->socket < 0 ? -errno : probe_filter_nothing(probe->socket);
    if (rc == 0)
        rc = set(probe->socket, PACKET_IGNORE_OUTGOING, 1);
    if (rc == 0)
        rc = set(probe->socket, PACKET_QDISC_BYPASS, 1);
    if (rc == 0)
        rc = set_priority(probe->socket);
    if (rc == 0 && bind(probe->socket, (const struct sockaddr *)&where, sizeof where) != 0)
        rc = -errno;
    return rc == 0 ? qb_loop_poll_add(probe->loop, QB_LOOP_HIGH, probe->socket, POLLIN, probe, readable) : rc;
}

int probe_open(qb_loop_t *loop, int interface, void (*answered)(void *context, const struct addr *target),
               void *context, struct probe **out)
{
    struct probe *probe = calloc(1, sizeof *probe);
    if (probe == NULL)
        return -ENOMEM;
    *probe = (struct probe){.loop = loop, .interface = interface, .answered = answered, .context = context};
    int rc = interface > 0 ? prepare(probe) : -ENODEV; /* 0 would be all interfaces */
    if (rc != 0) {
        if (interface > 0 && probe->socket >= 0)
            close(probe->socket);
        free(probe);
        return rc;
    }
    *out = probe;
    return 0;
}

void probe_close(struct probe *probe)
{
    if (probe == NULL)
        return;
    (void)qb_loop_poll_del(probe->loop, probe->socket);
    close(probe->socket);
    free(probe);
}

static int membership(const struct probe *probe, int option, const uint8_t mac[6])
{
    struct packet_mreq request = {.mr_ifindex = probe->interface, .mr_type = PACKET_MR_UNICAST, .mr_alen = ETH_ALEN};

    memcpy(request.mr_address, mac, ETH_ALEN);
    return setsockopt(probe->socket, SOL_PACKET, option, &request, sizeof request) == 0 ? 0 : -errno;
}

int probe_as(struct probe *probe, const uint8_t mac[6], const uint8_t port_mac[6])
{
    const bool foreign = memcmp(mac, port_mac, ETH_ALEN) != 0;

    if (probe->asks && probe->joined == foreign && memcmp(probe->mac, mac, ETH_ALEN) == 0)
        return 0;
    if (probe->joined)
        (void)membership(probe, PACKET_DROP_MEMBERSHIP, probe->mac); /* it may be gone with the port */
    probe->joined = false;
    int rc = probe_filter_answers(probe->socket, mac);
    if (rc == 0 && foreign)
        rc = membership(probe, PACKET_ADD_MEMBERSHIP, mac);
    probe->joined = rc == 0 && foreign;
    probe->asks = rc == 0;
    memcpy(probe->mac, mac, ETH_ALEN);
    return rc;
}

static int send_frame(const struct probe *probe, const uint8_t *frame, size_t length)
{
    struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = probe->interface, .sll_halen = ETH_ALEN};

    memcpy(&to.sll_protocol, frame + offsetof(struct ether_header, ether_type), sizeof to.sll_protocol);
    ssize_t sent = sendto(probe->socket, frame, length, MSG_NOSIGNAL, (const struct sockaddr *)&to, sizeof to);
    return sent >= 0 ? 0 : errno == ENXIO ? -ENODEV : -errno;
}

/* Past the queue there is no waiting: when the port's ring is full the frame is lost, and a port under full load would
 * look silent. So a port that asks with its own MAC tries again by its queue (where the gate stops it if it is shut);
 * a MAC that is made up never goes there. */
static int ask(const struct probe *probe, const struct probe_target *target, const uint8_t *to)
{
    uint8_t frame[PROBE_FRAME_MAX];
    size_t length = probe_frame_make(frame, probe->mac, to, &target->source, &target->address);
    int rc = send_frame(probe, frame, length);
    if (rc != -ENOBUFS || probe->joined)
        return rc;
    if (set(probe->socket, PACKET_QDISC_BYPASS, 0) == 0)
        rc = send_frame(probe, frame, length);
    (void)set(probe->socket, PACKET_QDISC_BYPASS, 1); /* cannot fail: it is a flag of the socket */
    return rc;
}

int probe_send(struct probe *probe, const struct probe_target *targets, size_t count)
{
    struct asked before[PROBE_TARGETS_MAX];
    size_t before_count = probe->asked_count;
    int result = 0;

    if (count > PROBE_TARGETS_MAX)
        return -E2BIG;
    if (!probe->asks)
        return -EDESTADDRREQ;
    memcpy(before, probe->asked, sizeof before);
    probe->asked_count = count;
    for (size_t i = 0; i < count; i++) {
        const struct asked *last = find_asked(before, before_count, &targets[i].address);
        probe->asked[i] = (struct asked){.address = targets[i].address};
        int rc = ask(probe, &targets[i], last != NULL && last->answered ? last->mac : NULL);
        rc == 0 ? probe->counts.sent++ : probe->counts.unsent++;
        result = rc != 0 ? rc : result;
    }
    return result;
}

const struct probe_counts *probe_counts(const struct probe *probe)
{
    return &probe->counts;
}
