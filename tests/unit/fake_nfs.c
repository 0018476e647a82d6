/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake_nfs.h"

#include "unit.h"

#include "addr.h"
#include "xdr.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum { ACCESS = 3, GETATTR = 9, GETFH = 10, LOOKUP = 15, PUTFH = 22, PUTROOTFH = 24, READDIR = 26 };
enum { NFS4_OK = 0, NFS4ERR_NOENT = 2, NFS4ERR_STALE = 70, NFS4ERR_DELAY = 10008 };
enum { PSEUDO_ROOT = 1, ROOT = 2, D1 = 10, DIRECTORY = 2, REGULAR = 1 };

#define MESSAGE_MAX (64 * 1024)
#define HANDLE_SIZE 8

static const struct {
    uint32_t parent, id, type;
    const char *name;
} tree[] = {{PSEUDO_ROOT, ROOT, DIRECTORY, "content"},
            {ROOT, D1, DIRECTORY, "d1"},
            {ROOT, 21, REGULAR, "f1"},
            {ROOT, 22, REGULAR, "f2"},
            {ROOT, 23, REGULAR, "f3"},
            {ROOT, 24, REGULAR, "f4"},
            {ROOT, 25, REGULAR, "f5"},
            {ROOT, 26, REGULAR, "f6"},
            {D1, 31, REGULAR, "g1"},
            {D1, 32, REGULAR, "g2"}};
#define TREE_COUNT (sizeof(tree) / sizeof(tree[0]))

struct call {
    const struct fake_nfs *server;
    struct xdr_reader in;
    struct xdr_writer out;
    uint32_t current; /* object */
};

static void put_handle(struct call *call, uint32_t id)
{
    uint8_t bytes[HANDLE_SIZE] = {1, 0, 0, (uint8_t)id, id > ROOT ? call->server->generation : 0};
    if (call->server->fault == FAKE_NFS_LENGTHS) {
        xdr_put_u32(&call->out, 0xfffffffcU);
        return;
    }
    xdr_put_opaque(&call->out, bytes, sizeof(bytes));
}

static uint32_t take_handle(struct call *call)
{
    size_t length;
    const uint8_t *bytes = xdr_get_opaque(&call->in, 128, &length);
    if (bytes == NULL || length != HANDLE_SIZE || (bytes[3] > ROOT && bytes[4] != call->server->generation) ||
        call->server->fault == FAKE_NFS_EMPTY)
        return NFS4ERR_STALE;
    call->current = bytes[3];
    return NFS4_OK;
}

static uint32_t type_of(uint32_t id)
{
    for (size_t i = 0; i < TREE_COUNT; i++)
        if (tree[i].id == id)
            return tree[i].type;
    return DIRECTORY;
}

/* The attributes that were asked for: type, fsid, rdattr_error and the handle if asked, fileid, time_modify. */
static void put_attributes(struct call *call, uint32_t id, uint32_t first, uint32_t second)
{
    uint8_t bytes[256];
    struct xdr_writer values = {.data = bytes, .size = sizeof(bytes)}, out = call->out;

    xdr_put_u32(&values, type_of(id));
    xdr_put_u64(&values, call->server->fsid);
    xdr_put_u64(&values, 0);
    if ((first & 1U << 11) != 0) {
        xdr_put_u32(&values, 0);
        call->out = values;
        put_handle(call, id);
        values = call->out;
        call->out = out;
    }
    xdr_put_u64(&values, id);
    xdr_put_u64(&values, 1000000);
    xdr_put_u32(&values, 0);
    xdr_put_u32(&call->out, 2);
    xdr_put_u32(&call->out, first);
    xdr_put_u32(&call->out, second);
    xdr_put_opaque(&call->out, values.data, values.length);
}

static void take_bitmap(struct call *call, uint32_t words[2])
{
    uint32_t count = xdr_get_u32(&call->in);
    assert_int_equal(count, 2);
    words[0] = xdr_get_u32(&call->in);
    words[1] = xdr_get_u32(&call->in);
}

static uint32_t look_up(struct call *call)
{
    size_t length;
    const uint8_t *name = xdr_get_opaque(&call->in, 255, &length);
    for (size_t i = 0; i < TREE_COUNT && name != NULL; i++) {
        if (tree[i].parent != call->current || strlen(tree[i].name) != length ||
            memcmp(tree[i].name, name, length) != 0)
            continue;
        if (tree[i].id == ROOT && call->server->fault == FAKE_NFS_EMPTY)
            return NFS4ERR_NOENT;
        call->current = tree[i].id;
        return NFS4_OK;
    }
    return NFS4ERR_NOENT;
}

static uint32_t list(struct call *call)
{
    uint32_t words[2];
    uint64_t cookie = xdr_get_u64(&call->in);
    bool endless = call->server->fault == FAKE_NFS_ENDLESS;

    xdr_get_bytes(&call->in, 8);
    xdr_get_u64(&call->in);
    take_bitmap(call, words);
    xdr_put_u32(&call->out, NFS4_OK);
    xdr_put_u64(&call->out, 7);
    for (size_t i = endless ? 0 : (size_t)cookie; i < TREE_COUNT; i++) {
        if (tree[i].parent != call->current)
            continue;
        xdr_put_u32(&call->out, 1);
        xdr_put_u64(&call->out, i + 1);
        xdr_put_text(&call->out, tree[i].name);
        put_attributes(call, tree[i].id, words[0], words[1]);
    }
    xdr_put_u32(&call->out, 0);
    xdr_put_u32(&call->out, !endless);
    return NFS4_OK;
}

/* One operation; its results but the number are written. */
static uint32_t operate(struct call *call, uint32_t operation)
{
    static unsigned delays; /* of this process, which is one server */
    uint32_t words[2], status = NFS4_OK;

    if (call->server->fault == FAKE_NFS_LATER && delays < 3) {
        delays++;
        status = NFS4ERR_DELAY;
    } else if (operation == PUTROOTFH) {
        call->current = PSEUDO_ROOT;
    } else if (operation == PUTFH) {
        status = take_handle(call);
    } else if (operation == LOOKUP) {
        status = look_up(call);
    } else if (operation == READDIR) {
        return list(call);
    }
    xdr_put_u32(&call->out, status);
    if (status != NFS4_OK)
        return status;
    if (operation == GETFH) {
        put_handle(call, call->current);
    } else if (operation == GETATTR) {
        take_bitmap(call, words);
        put_attributes(call, call->current, words[0], words[1]);
    } else if (operation == ACCESS) {
        xdr_get_u32(&call->in);
        xdr_put_u32(&call->out, 0x3f);
        xdr_put_u32(&call->out, 0x3f);
    }
    return status;
}

static void compound(struct call *call)
{
    uint32_t status = NFS4_OK, done = 0;
    size_t at = call->out.length, length;

    xdr_get_opaque(&call->in, 64, &length);
    xdr_get_u32(&call->in); /* minor version */
    uint32_t count = xdr_get_u32(&call->in);
    xdr_put_u32(&call->out, 0);
    xdr_put_text(&call->out, "");
    xdr_put_u32(&call->out, 0);
    while (done < count && status == NFS4_OK) {
        uint32_t operation = xdr_get_u32(&call->in);
        xdr_put_u32(&call->out, operation);
        status = operate(call, operation);
        done++;
    }
    struct xdr_writer head = {.data = call->out.data + at, .size = 12};
    xdr_put_u32(&head, status);
    xdr_put_u32(&head, 0);
    xdr_put_u32(&head, done);
}

static void put_denied(struct call *call, uint32_t why)
{
    xdr_put_u32(&call->out, 1); /* denied */
    xdr_put_u32(&call->out, 1); /* AUTH_ERROR */
    xdr_put_u32(&call->out, why);
}

/* Answers one call. */
static void answer(struct call *call)
{
    uint32_t xid = xdr_get_u32(&call->in);
    for (int i = 0; i < 5; i++) /* direction, RPC version, program, version, procedure */
        xdr_get_u32(&call->in);
    for (int i = 0; i < 2; i++) { /* credentials, verifier */
        size_t length;
        xdr_get_u32(&call->in);
        xdr_get_opaque(&call->in, 400, &length);
    }
    xdr_put_u32(&call->out, xid);
    xdr_put_u32(&call->out, 1);
    switch (call->server->fault) {
    case FAKE_NFS_UNKNOWN:
        put_denied(call, 1);
        return;
    case FAKE_NFS_SECURE:
        put_denied(call, 5);
        return;
    default:
        break;
    }
    xdr_put_u32(&call->out, 0);
    xdr_put_u64(&call->out, 0); /* verifier */
    xdr_put_u32(&call->out, call->server->fault == FAKE_NFS_OLD ? 2 : 0);
    if (call->server->fault != FAKE_NFS_OLD)
        compound(call);
}

static bool read_all(int fd, void *data, size_t length)
{
    for (size_t at = 0; at < length;) {
        ssize_t got = read(fd, (uint8_t *)data + at, length - at);
        if (got <= 0)
            return false;
        at += (size_t)got;
    }
    return true;
}

static bool serve_call(int fd, const struct fake_nfs *server)
{
    static uint8_t in[MESSAGE_MAX], out[MESSAGE_MAX];
    uint8_t mark[4];
    struct xdr_writer head = {.data = out, .size = 4};

    if (!read_all(fd, mark, 4))
        return false;
    size_t length = ((size_t)mark[1] << 16 | (size_t)mark[2] << 8 | mark[3]) % MESSAGE_MAX;
    if (!read_all(fd, in, length))
        return false;
    struct call call = {
        .server = server, .in = {.data = in, .length = length}, .out = {.data = out, .size = sizeof(out), .length = 4}};
    answer(&call);
    length = call.out.length;
    xdr_put_u32(&head, 0x80000000U | (uint32_t)(server->fault == FAKE_NFS_LONG ? 1U << 28 : length - 4));
    if (server->fault == FAKE_NFS_CUT)
        length /= 2;
    return write(fd, out, length) == (ssize_t)length && server->fault != FAKE_NFS_CUT;
}

__attribute__((noreturn)) static void serve(int listening, const struct fake_nfs *server)
{
    for (;;) {
        int fd = accept(listening, NULL, NULL);
        while (fd >= 0 && server->fault == FAKE_NFS_SILENT)
            pause();
        while (fd >= 0 && serve_call(fd, server))
            continue;
        close(fd);
    }
}

pid_t fake_nfs_start(const struct fake_nfs *server)
{
    const int on = 1;
    struct addr address;
    struct sockaddr_storage at;

    assert_int_equal(addr_parse(server->address, &address), 0);
    socklen_t length = addr_to_sockaddr(&address, 2049, &at);
    int fd = socket(address.family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)), 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&at, length), 0);
    assert_int_equal(listen(fd, 8), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        signal(SIGPIPE, SIG_IGN);
        serve(fd, server);
    }
    close(fd);
    return pid;
}

void fake_nfs_stop(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}
