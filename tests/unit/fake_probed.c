/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "fake_probed.h"

#include "clock.h"
#include "probe_message.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>

static void end_connection(struct fake_probed *fake, int fd, bool reset)
{
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    for (size_t i = 0; i < FAKE_CONNECTIONS_MAX; i++)
        if (fake->fds[i] == fd)
            fake->fds[i] = -1;
    for (size_t i = fake->waiting_count; i > 0; i--)
        if (fake->waiting[i - 1].fd == fd)
            fake->waiting[i - 1] = fake->waiting[--fake->waiting_count];
    if (reset)
        assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
    (void)qb_loop_poll_del(fake->loop, fd);
    close(fd);
}

/* A reply as RFC 5531 has it: accepted, success, nothing else; or "program mismatch, 3 to 3". */
static size_t make_reply(const struct fake_probed *fake, uint8_t out[64], uint32_t xid)
{
    bool mismatch = fake->answer == FAKE_MISMATCH;
    uint32_t words[9] = {0, xid, 1, 0, 0, 0, mismatch ? 2 : 0, 3, 3};
    size_t count = mismatch ? 9 : 7;
    words[0] = 0x80000000u | (uint32_t)(4 * (count - 1));
    if (fake->answer == FAKE_GARBAGE)
        words[2] = 7;
    if (fake->answer == FAKE_OTHER_CALLS)
        words[1] ^= 0x55555555u;
    for (size_t i = 0; i < count; i++)
        words[i] = htonl(words[i]);
    memcpy(out, words, 4 * count);
    return 4 * count;
}

static void reply(struct fake_probed *fake, int fd, uint32_t xid)
{
    uint8_t bytes[64];
    size_t length = make_reply(fake, bytes, xid);
    size_t part = fake->answer == FAKE_BYTES ? 1 : length;
    for (size_t i = 0; i < length; i += part)
        if (send(fd, bytes + i, part, MSG_NOSIGNAL) < 0)
            return;
}

static void reply_waiting(void *context)
{
    struct fake_probed *fake = context;
    uint64_t now = clock_ms();
    if (fake->answer == FAKE_SILENT || (fake->answer == FAKE_BACKWARDS && fake->waiting_count < 2))
        return;
    for (size_t i = fake->waiting_count; i > 0; i--)
        if (fake->waiting[i - 1].due_ms <= now) {
            struct fake_call call = fake->waiting[i - 1];
            memmove(&fake->waiting[i - 1], &fake->waiting[i], (fake->waiting_count - i) * sizeof fake->waiting[0]);
            fake->waiting_count--;
            reply(fake, call.fd, call.xid);
        }
}

static void take_call(struct fake_probed *fake, int fd, const uint8_t bytes[PROBE_CALL_SIZE])
{
    uint32_t words[PROBE_CALL_SIZE / 4];
    memcpy(words, bytes, sizeof words);
    for (size_t i = 0; i < PROBE_CALL_SIZE / 4; i++)
        words[i] = ntohl(words[i]);
    assert_int_equal(words[0], 0x80000000u | (PROBE_CALL_SIZE - 4));
    assert_int_equal(words[2], 0);      /* a call */
    assert_int_equal(words[3], 2);      /* RPC version 2 */
    assert_int_equal(words[4], 100003); /* NFS */
    fake->version = words[5];
    for (size_t i = 6; i < PROBE_CALL_SIZE / 4; i++)
        assert_int_equal(words[i], 0); /* NULL, without credentials */
    fake->calls++;
    if (fake->answer == FAKE_RESETS || fake->answer == FAKE_ENDS) {
        end_connection(fake, fd, fake->answer == FAKE_RESETS);
        return;
    }
    if (fake->answer == FAKE_FORGETS && fake->calls % 2 == 0)
        return;
    if (fake->waiting_count < FAKE_CALLS_MAX)
        fake->waiting[fake->waiting_count++] =
            (struct fake_call){.fd = fd, .xid = words[1], .due_ms = clock_ms() + fake->delay_ms};
    if (fake->delay_ms == 0)
        reply_waiting(fake);
}

static int32_t on_call(int32_t fd, int32_t events, void *data)
{
    struct fake_probed *fake = data;
    uint8_t bytes[PROBE_CALL_SIZE];
    (void)events;
    ssize_t got = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT | MSG_PEEK);
    if (got == 0 || (got < 0 && errno != EAGAIN))
        end_connection(fake, fd, false);
    if (got != (ssize_t)sizeof bytes)
        return 0;
    assert_int_equal(recv(fd, bytes, sizeof bytes, 0), sizeof bytes);
    take_call(fake, fd, bytes);
    return 0;
}

static int32_t on_connection(int32_t listener, int32_t events, void *data)
{
    struct fake_probed *fake = data;
    const int on = 1;
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    (void)events;
    if (fd < 0)
        return 0;
    assert_int_equal(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), 0);
    fake->connections++;
    for (size_t i = 0; i < FAKE_CONNECTIONS_MAX; i++)
        if (fake->fds[i] < 0) {
            fake->fds[i] = fd;
            assert_int_equal(qb_loop_poll_add(fake->loop, QB_LOOP_MED, fd, POLLIN, fake, on_call), 0);
            return 0;
        }
    fail_msg("too many connections");
    return 0;
}

/* Bound and not listening: whoever connects is refused, and nobody else takes the port. */
static void bind_port(struct fake_probed *fake)
{
    const int on = 1;
    struct sockaddr_storage place;
    socklen_t length = addr_to_sockaddr(&fake->address, fake->port, &place);
    fake->listener = socket(place.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fake->listener >= 0);
    assert_int_equal(setsockopt(fake->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), 0);
    assert_int_equal(bind(fake->listener, (struct sockaddr *)&place, length), 0);
    length = sizeof place;
    assert_int_equal(getsockname(fake->listener, (struct sockaddr *)&place, &length), 0);
    assert_int_equal(addr_from_sockaddr(&place, &fake->address, &fake->port), 0);
}

void fake_probed_begin(struct fake_probed *fake, qb_loop_t *loop, const char *address)
{
    *fake = (struct fake_probed){.loop = loop, .listener = -1};
    for (size_t i = 0; i < FAKE_CONNECTIONS_MAX; i++)
        fake->fds[i] = -1;
    assert_int_equal(addr_parse(address, &fake->address), 0);
    assert_int_equal(wake_open(&fake->wake, loop, QB_LOOP_MED, reply_waiting, fake), 0);
    wake_each(&fake->wake, 1000);
    bind_port(fake);
}

void fake_probed_listen(struct fake_probed *fake, int backlog)
{
    assert_int_equal(listen(fake->listener, backlog), 0);
    if (backlog > 0)
        assert_int_equal(qb_loop_poll_add(fake->loop, QB_LOOP_MED, fake->listener, POLLIN, fake, on_connection), 0);
}

void fake_probed_shut(struct fake_probed *fake)
{
    (void)qb_loop_poll_del(fake->loop, fake->listener);
    close(fake->listener);
    bind_port(fake);
}

void fake_probed_reset(struct fake_probed *fake)
{
    for (size_t i = 0; i < FAKE_CONNECTIONS_MAX; i++)
        if (fake->fds[i] >= 0)
            end_connection(fake, fake->fds[i], true);
}

void fake_probed_end(struct fake_probed *fake)
{
    fake_probed_reset(fake);
    (void)qb_loop_poll_del(fake->loop, fake->listener);
    close(fake->listener);
    wake_close(&fake->wake);
}
