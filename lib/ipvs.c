/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ipvs.h"
#include "ipvs_exchange.h"
#include "ipvs_message.h"
#include "nlerror.h"

#include <errno.h>
#include <linux/ip_vs.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* A dump that others disturbed is begun again so often before we give up. */
#define READ_TRIES 8
#define RECEIVE_BUFFER (1024 * 1024)

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *error, void *context)
{
    struct ipvs_answer *answer = context;
    (void)from;
    answer->error = error->error;
    answer->done = true;
    return NL_STOP;
}

static int on_end(struct nl_msg *message, void *context)
{
    struct ipvs_answer *answer = context;
    (void)message;
    answer->done = true;
    return NL_STOP;
}

static int on_message(struct nl_msg *message, void *context)
{
    struct ipvs_answer *answer = context;
    struct nlattr *attributes[IPVS_CMD_ATTR_MAX + 1];

    if (answer->message == NULL || answer->error != 0) {
        return NL_OK;
    }
    if (genlmsg_parse(nlmsg_hdr(message), 0, attributes, IPVS_CMD_ATTR_MAX, NULL) < 0) {
        answer->error = -EBADMSG;
        return NL_OK;
    }
    /* After an error go on, so that the rest of the dump does not stay in the socket. */
    answer->error = answer->message(answer->context, attributes);
    return NL_OK;
}

/* libnl's own check expects an answer to each request, and would refuse all that follow one that got none. */
static int on_sequence(struct nl_msg *message, void *context)
{
    const struct ipvs_answer *answer = context;
    return nlmsg_hdr(message)->nlmsg_seq == answer->sequence ? NL_OK : NL_SKIP;
}

int ipvs_exchange(struct ipvs *ipvs, struct nl_msg *message, struct ipvs_answer *answer)
{
    struct nl_cb *callbacks = nl_cb_alloc(NL_CB_DEFAULT);
    int result;

    if (callbacks == NULL) {
        nlmsg_free(message);
        return -ENOMEM;
    }
    nl_cb_err(callbacks, NL_CB_CUSTOM, on_error, answer);
    nl_cb_set(callbacks, NL_CB_ACK, NL_CB_CUSTOM, on_end, answer);
    nl_cb_set(callbacks, NL_CB_FINISH, NL_CB_CUSTOM, on_end, answer);
    nl_cb_set(callbacks, NL_CB_VALID, NL_CB_CUSTOM, on_message, answer);
    nl_cb_set(callbacks, NL_CB_SEQ_CHECK, NL_CB_CUSTOM, on_sequence, answer);

    result = nl_send_auto(ipvs->socket, message);
    answer->sequence = nlmsg_hdr(message)->nlmsg_seq;
    while (result >= 0 && !answer->done) {
        result = nl_recvmsgs(ipvs->socket, callbacks);
    }
    nl_cb_put(callbacks);
    nlmsg_free(message);
    if (answer->error != 0) {
        return answer->error;
    }
    return result < 0 ? nlerror_to_errno(result) : 0;
}

struct nl_msg *ipvs_request_new(const struct ipvs *ipvs, uint8_t command, int flags)
{
    struct nl_msg *message = nlmsg_alloc();

    if (message != NULL &&
        genlmsg_put(message, NL_AUTO_PORT, NL_AUTO_SEQ, ipvs->family, 0, flags, command, IPVS_GENL_VERSION) == NULL) {
        nlmsg_free(message);
        message = NULL;
    }
    return message;
}

static int read_service(void *context, struct nlattr **message)
{
    struct ipvs_table *table = context;
    struct ipvs_table_entry *entries = reallocarray(table->entries, table->count + 1, sizeof(*entries));
    int result;

    if (entries == NULL) {
        return -ENOMEM;
    }
    table->entries = entries;
    memset(&entries[table->count], 0, sizeof(*entries));
    result = ipvs_message_get_service(message[IPVS_CMD_ATTR_SERVICE], &entries[table->count].service);
    if (result == 0) {
        table->count++;
    }
    return result;
}

static int read_server(void *context, struct nlattr **message)
{
    struct ipvs_table_entry *entry = context;
    struct ipvs_server *servers = reallocarray(entry->servers, entry->server_count + 1, sizeof(*servers));
    int result;

    if (servers == NULL) {
        return -ENOMEM;
    }
    entry->servers = servers;
    result = ipvs_message_get_server(message[IPVS_CMD_ATTR_DEST], entry->service.family, &servers[entry->server_count]);
    if (result == 0) {
        entry->server_count++;
    }
    return result;
}

static int read_once(struct ipvs *ipvs, struct ipvs_table *table)
{
    struct nl_msg *message = ipvs_request_new(ipvs, IPVS_CMD_GET_SERVICE, NLM_F_DUMP);
    struct ipvs_answer services = {.message = read_service, .context = table};
    int result = message == NULL ? -ENOMEM : ipvs_exchange(ipvs, message, &services);

    for (size_t i = 0; result == 0 && i < table->count; i++) {
        struct ipvs_answer servers = {.message = read_server, .context = &table->entries[i]};

        message = ipvs_request_new(ipvs, IPVS_CMD_GET_DEST, NLM_F_DUMP);
        if (message == NULL) {
            return -ENOMEM;
        }
        ipvs_message_put_service(message, &table->entries[i].service, false);
        result = ipvs_exchange(ipvs, message, &servers);
    }
    return result;
}

int ipvs_read(struct ipvs *ipvs, struct ipvs_table *table)
{
    int result = -EINTR;

    memset(table, 0, sizeof(*table));
    for (int i = 0; result == -EINTR && i < READ_TRIES; i++) {
        ipvs_table_free(table);
        result = read_once(ipvs, table);
    }
    if (result != 0) {
        ipvs_table_free(table);
    }
    return result;
}

/* Sends one change. server may be NULL. */
static int change(struct ipvs *ipvs, uint8_t command, const struct ipvs_service *service, bool whole_service,
                  const struct ipvs_server *server, bool whole_server)
{
    struct nl_msg *message = ipvs_request_new(ipvs, command, 0);
    struct ipvs_answer answer = {0};

    if (message == NULL) {
        return -ENOMEM;
    }
    ipvs_message_put_service(message, service, whole_service);
    if (server != NULL) {
        ipvs_message_put_server(message, server, whole_server);
    }
    return ipvs_exchange(ipvs, message, &answer);
}

int ipvs_service_add(struct ipvs *ipvs, const struct ipvs_service *service)
{
    return change(ipvs, IPVS_CMD_NEW_SERVICE, service, true, NULL, false);
}

int ipvs_service_change(struct ipvs *ipvs, const struct ipvs_service *service)
{
    return change(ipvs, IPVS_CMD_SET_SERVICE, service, true, NULL, false);
}

int ipvs_service_delete(struct ipvs *ipvs, const struct ipvs_service *service)
{
    return change(ipvs, IPVS_CMD_DEL_SERVICE, service, false, NULL, false);
}

int ipvs_server_add(struct ipvs *ipvs, const struct ipvs_service *service, const struct ipvs_server *server)
{
    return change(ipvs, IPVS_CMD_NEW_DEST, service, false, server, true);
}

int ipvs_server_change(struct ipvs *ipvs, const struct ipvs_service *service, const struct ipvs_server *server)
{
    return change(ipvs, IPVS_CMD_SET_DEST, service, false, server, true);
}

int ipvs_server_delete(struct ipvs *ipvs, const struct ipvs_service *service, const struct ipvs_server *server)
{
    return change(ipvs, IPVS_CMD_DEL_DEST, service, false, server, false);
}

int ipvs_open(struct ipvs **out)
{
    struct ipvs *ipvs = calloc(1, sizeof(*ipvs));
    int result;

    if (ipvs == NULL) {
        return -ENOMEM;
    }
    ipvs->socket = nl_socket_alloc();
    if (ipvs->socket == NULL) {
        free(ipvs);
        return -ENOMEM;
    }
    result = genl_connect(ipvs->socket);
    if (result >= 0) {
        nl_socket_set_buffer_size(ipvs->socket, RECEIVE_BUFFER, 0);
        /* The kernel loads the module ip_vs when it is asked for the family. */
        result = genl_ctrl_resolve(ipvs->socket, IPVS_GENL_NAME);
    }
    if (result < 0) {
        ipvs_close(ipvs);
        return nlerror_to_errno(result);
    }
    ipvs->family = result;
    *out = ipvs;
    return 0;
}

void ipvs_close(struct ipvs *ipvs)
{
    if (ipvs != NULL) {
        nl_socket_free(ipvs->socket);
        free(ipvs);
    }
}
