/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Services and servers as attributes of the IPVS generic netlink family. Only lib/ipvs.c uses this. */
#ifndef HAS_IPVS_MESSAGE_H
#define HAS_IPVS_MESSAGE_H

#include "ipvs.h"

#include <netlink/msg.h>
#include <stdbool.h>

/* Append to a request. whole: also what is set for it, not only which one it is. */
void ipvs_message_put_service(struct nl_msg *message, const struct ipvs_service *service, bool whole);
void ipvs_message_put_server(struct nl_msg *message, const struct ipvs_server *server, bool whole);

/* Read the nested attribute of an answer, which may be NULL. Return 0 or -EBADMSG. */
int ipvs_message_get_service(struct nlattr *nested, struct ipvs_service *service);
int ipvs_message_get_server(struct nlattr *nested, sa_family_t service_family, struct ipvs_server *server);

#endif
