/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The https check: libcurl's multi interface, driven by our loop. One pool serves all https checks. */
#include "check.h"
#include "http_message.h"

#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct https_pool {
    qb_loop_t *loop;
    CURLM *multi;
    struct timer timer;
};

struct transfer {
    struct check *check;
    CURL *easy;
    struct curl_slist *connect_to;
    char url[sizeof(((struct check_config *)0)->host) + TCD_TEXT_MAX + ADDR_TEXT_MAX];
    char error[CURL_ERROR_SIZE];
    char *body;
    size_t size;
    bool full; /* the body reached its limit: what is there is judged */
};

static void finish_transfer(struct transfer *transfer, CURLcode result)
{
    struct check *check = transfer->check;
    char reason[CHECK_MESSAGE_MAX];
    long status = 0;
    long os_error = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &os_error);
    if (result == CURLE_OK || (result == CURLE_WRITE_ERROR && transfer->full)) {
        const char *body = transfer->body ? transfer->body : "";
        bool good = http_judge_parts(check->config, status, body, reason, sizeof(reason));
        check_finish(check, good ? CHECK_PASSED : CHECK_FAILED, "%s", reason);
    } else if (check_is_refusal((int)-os_error)) {
        check_finish_error(check, (int)-os_error);
    } else {
        snprintf(reason, sizeof(reason), "%.*s", CHECK_MESSAGE_MAX - 1,
                 transfer->error[0] ? transfer->error : curl_easy_strerror(result));
        check_finish(check, CHECK_FAILED, "%s", reason);
    }
}

static void collect(struct https_pool *pool)
{
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(pool->multi, &left))) {
        struct transfer *transfer = NULL;
        if (message->msg != CURLMSG_DONE)
            continue;
        CURLcode result = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
        finish_transfer(transfer, result); /* frees the transfer, and the message with it */
    }
}

static int32_t socket_ready(int32_t fd, int32_t events, void *data)
{
    struct https_pool *pool = data;
    int running;
    int flags = 0;
    if (events & POLLIN)
        flags |= CURL_CSELECT_IN;
    if (events & POLLOUT)
        flags |= CURL_CSELECT_OUT;
    if (events & (POLLERR | POLLHUP))
        flags |= CURL_CSELECT_ERR;
    curl_multi_socket_action(pool->multi, fd, flags, &running);
    collect(pool);
    return 0;
}

/* libcurl says which sockets it wants to be told of. */
static int watch_socket(CURL *easy, curl_socket_t fd, int what, void *data, void *known)
{
    struct https_pool *pool = data;
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        qb_loop_poll_del(pool->loop, fd);
        return 0;
    }
    int events = ((what & CURL_POLL_IN) ? POLLIN : 0) | ((what & CURL_POLL_OUT) ? POLLOUT : 0);
    if (known)
        return qb_loop_poll_mod(pool->loop, QB_LOOP_MED, fd, events, pool, socket_ready) < 0 ? -1 : 0;
    if (qb_loop_poll_add(pool->loop, QB_LOOP_MED, fd, events, pool, socket_ready) < 0)
        return -1;
    curl_multi_assign(pool->multi, fd, pool);
    return 0;
}

static int set_timer(CURLM *multi, long delay_ms, void *data)
{
    struct https_pool *pool = data;
    (void)multi;
    if (delay_ms < 0)
        timer_stop(&pool->timer);
    else
        timer_set(&pool->timer, (uint64_t)delay_ms);
    return 0;
}

static void timer_expired(void *data)
{
    struct https_pool *pool = data;
    int running;
    curl_multi_socket_action(pool->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    collect(pool);
}

static struct https_pool *pool_of(struct check_engine *engine)
{
    if (engine->https)
        return engine->https;
    struct https_pool *pool = calloc(1, sizeof(*pool));
    if (!pool)
        return NULL;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    pool->loop = engine->loop;
    pool->multi = curl_multi_init();
    if (!pool->multi || timer_init(&pool->timer, pool->loop, timer_expired, pool) < 0) {
        curl_multi_cleanup(pool->multi);
        free(pool);
        return NULL;
    }
    curl_multi_setopt(pool->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
    curl_multi_setopt(pool->multi, CURLMOPT_SOCKETDATA, pool);
    curl_multi_setopt(pool->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(pool->multi, CURLMOPT_TIMERDATA, pool);
    engine->https = pool;
    return pool;
}

void https_pool_free(struct https_pool *pool)
{
    if (!pool)
        return;
    curl_multi_cleanup(pool->multi);
    timer_close(&pool->timer);
    free(pool);
    curl_global_cleanup();
}

static size_t store_body(char *data, size_t unit, size_t count, void *context)
{
    struct transfer *transfer = context;
    size_t size = unit * count;
    if (transfer->size + size > HTTP_ANSWER_MAX) {
        transfer->full = true;
        return 0;
    }
    char *body = realloc(transfer->body, transfer->size + size + 1);
    if (!body)
        return 0;
    memcpy(body + transfer->size, data, size);
    transfer->body = body;
    transfer->size += size;
    body[transfer->size] = '\0';
    return size;
}

/* The programs that other checks start must not inherit the socket. */
static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    (void)context;
    (void)purpose;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* The URL names the host, so that SNI and the certificate's name are the host's; the connection goes to the
 * address of the check. */
static int set_target(struct transfer *transfer)
{
    const struct check_config *config = transfer->check->config;
    char address[ADDR_TEXT_MAX];
    char bracketed[ADDR_TEXT_MAX + 2];
    char connect_to[ADDR_TEXT_MAX + 16];
    addr_format(&config->address, address);
    bool v6 = config->address.family == AF_INET6;
    snprintf(bracketed, sizeof(bracketed), "%s%s%s", v6 ? "[" : "", address, v6 ? "]" : "");
    snprintf(transfer->url, sizeof(transfer->url), "https://%s:%u%s", config->host[0] ? config->host : bracketed,
             config->port, config->path);
    snprintf(connect_to, sizeof(connect_to), "::%s:%u", bracketed, config->port);
    transfer->connect_to = curl_slist_append(NULL, connect_to);
    return transfer->connect_to ? 0 : -ENOMEM;
}

static void set_options(struct transfer *transfer)
{
    const struct check_config *config = transfer->check->config;
    CURL *easy = transfer->easy;
    char source[ADDR_TEXT_MAX + 8];
    char address[ADDR_TEXT_MAX];
    curl_easy_setopt(easy, CURLOPT_URL, transfer->url);
    curl_easy_setopt(easy, CURLOPT_CONNECT_TO, transfer->connect_to);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "has-tcd");
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, config->verify ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, config->verify ? 2L : 0L);
    if (config->cafile[0])
        curl_easy_setopt(easy, CURLOPT_CAINFO, config->cafile);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->error);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, store_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    if (config->source.family == AF_UNSPEC)
        return;
    snprintf(source, sizeof(source), "host!%s", addr_format(&config->source, address));
    curl_easy_setopt(easy, CURLOPT_INTERFACE, source);
}

static void stop(struct check *check)
{
    struct transfer *transfer = check->attempt;
    check->attempt = NULL;
    if (!transfer)
        return;
    if (transfer->easy) {
        curl_multi_remove_handle(check->engine->https->multi, transfer->easy);
        curl_easy_cleanup(transfer->easy);
    }
    curl_slist_free_all(transfer->connect_to);
    free(transfer->body);
    free(transfer);
}

static int start(struct check *check)
{
    struct https_pool *pool = pool_of(check->engine);
    struct transfer *transfer = calloc(1, sizeof(*transfer));
    if (!pool || !transfer) {
        free(transfer);
        return -ENOMEM;
    }
    transfer->check = check;
    check->attempt = transfer;
    transfer->easy = curl_easy_init();
    if (!transfer->easy || set_target(transfer) < 0)
        return -ENOMEM; /* the engine calls stop() */
    set_options(transfer);
    return curl_multi_add_handle(pool->multi, transfer->easy) == CURLM_OK ? 0 : -EIO;
}

const struct check_driver check_https = {.start = start, .stop = stop};
