/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tells a master node which connections to the virtual services this node has, when it asks: so a master that takes
 * over fills its connection table (the reconstruction of SASHA, section 3.4). Only configured masters are answered, and
 * at a bounded rate: a recorded request, sent again, makes us send to that master only what it may ask for anyway. */
#ifndef TCD_CONNECTION_LIST_H
#define TCD_CONNECTION_LIST_H

#include "key.h"
#include "tcd_config.h"

#include <qb/qbloop.h>

struct connection_list;

/* Sends one datagram to a master. Returns 0 or a negative errno. */
typedef int (*connection_list_send)(void *context, const struct addr *to, uint16_t port, const uint8_t *data,
                                    size_t length);

/* config and keys must outlive it. Returns 0 or a negative errno. */
int connection_list_open(qb_loop_t *loop, const struct tcd_config *config, const struct keyring *keys,
                         connection_list_send send, void *context, struct connection_list **out);
void connection_list_close(struct connection_list *list);

/* Answers a request that came from that address and port, with the connections of the family by which it came. Of one
 * master and family the newest request counts. Returns 0, or -EPERM when it is no master of ours, -EBUSY when it asks
 * too often, -ENOMEM. */
int connection_list_request(struct connection_list *list, const struct addr *from, uint16_t port,
                            const struct wire_connections_request *request);

#endif
