/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ipvs_message.h"

#include <errno.h>
#include <linux/ip_vs.h>
#include <netlink/attr.h>
#include <string.h>

/* IPv4 masks are written as masks, IPv6 ones as prefix lengths. */
static uint32_t netmask_to_kernel(const struct ipvs_service *service)
{
    if (service->family == AF_INET6) {
        return service->netmask == 0 ? 128 : service->netmask;
    }
    if (service->netmask == 0 || service->netmask >= 32) {
        return UINT32_MAX;
    }
    return htonl(UINT32_MAX << (32 - service->netmask));
}

static uint32_t netmask_from_kernel(sa_family_t family, uint32_t mask)
{
    if (family == AF_INET6) {
        return mask >= 128 ? 0 : mask;
    }
    return mask == UINT32_MAX ? 0 : (uint32_t)__builtin_popcount(mask);
}

static void put_address(struct nl_msg *message, int attribute, const struct addr *address)
{
    uint8_t bytes[16] = {0}; /* union nf_inet_addr */

    memcpy(bytes, address->bytes, address->family == AF_INET ? 4 : 16);
    nla_put(message, attribute, sizeof(bytes), bytes);
}

/* The messages are small: nothing put into the default buffer of a page can fail. */
void ipvs_message_put_service(struct nl_msg *message, const struct ipvs_service *service, bool whole)
{
    struct nlattr *nest = nla_nest_start(message, IPVS_CMD_ATTR_SERVICE);
    struct ip_vs_flags flags = {.flags = 0, .mask = IP_VS_SVC_F_PERSISTENT};

    nla_put_u16(message, IPVS_SVC_ATTR_AF, service->family);
    if (service->fwmark != 0) {
        nla_put_u32(message, IPVS_SVC_ATTR_FWMARK, service->fwmark);
    } else {
        nla_put_u16(message, IPVS_SVC_ATTR_PROTOCOL, service->protocol);
        put_address(message, IPVS_SVC_ATTR_ADDR, &service->address);
        nla_put_u16(message, IPVS_SVC_ATTR_PORT, htons(service->port));
    }
    if (whole) {
        if (service->persistence != 0) {
            flags.flags = IP_VS_SVC_F_PERSISTENT;
        }
        nla_put_string(message, IPVS_SVC_ATTR_SCHED_NAME, service->scheduler);
        nla_put(message, IPVS_SVC_ATTR_FLAGS, sizeof(flags), &flags);
        nla_put_u32(message, IPVS_SVC_ATTR_TIMEOUT, service->persistence);
        nla_put_u32(message, IPVS_SVC_ATTR_NETMASK, netmask_to_kernel(service));
    }
    nla_nest_end(message, nest);
}

static const uint32_t forward_codes[] = {
    [IPVS_DIRECT] = IP_VS_CONN_F_DROUTE,
    [IPVS_NAT] = IP_VS_CONN_F_MASQ,
    [IPVS_TUNNEL] = IP_VS_CONN_F_TUNNEL,
    [IPVS_LOCAL] = IP_VS_CONN_F_LOCALNODE,
};

void ipvs_message_put_server(struct nl_msg *message, const struct ipvs_server *server, bool whole)
{
    struct nlattr *nest = nla_nest_start(message, IPVS_CMD_ATTR_DEST);

    nla_put_u16(message, IPVS_DEST_ATTR_ADDR_FAMILY, server->address.family);
    put_address(message, IPVS_DEST_ATTR_ADDR, &server->address);
    nla_put_u16(message, IPVS_DEST_ATTR_PORT, htons(server->port));
    if (whole) {
        nla_put_u32(message, IPVS_DEST_ATTR_FWD_METHOD, forward_codes[server->forward]);
        nla_put_u32(message, IPVS_DEST_ATTR_WEIGHT, server->weight);
        nla_put_u32(message, IPVS_DEST_ATTR_U_THRESH, 0);
        nla_put_u32(message, IPVS_DEST_ATTR_L_THRESH, 0);
    }
    nla_nest_end(message, nest);
}

static uint32_t get_u32(const struct nlattr *attribute)
{
    return attribute != NULL && nla_len(attribute) >= (int)sizeof(uint32_t) ? nla_get_u32(attribute) : 0;
}

static uint16_t get_u16(const struct nlattr *attribute)
{
    return attribute != NULL && nla_len(attribute) >= (int)sizeof(uint16_t) ? nla_get_u16(attribute) : 0;
}

/* False when the attribute is missing or too short for the family. */
static bool get_address(const struct nlattr *attribute, sa_family_t family, struct addr *out)
{
    size_t length = family == AF_INET ? 4 : 16;

    if ((family != AF_INET && family != AF_INET6) || attribute == NULL || (size_t)nla_len(attribute) < length) {
        return false;
    }
    memset(out, 0, sizeof(*out));
    out->family = family;
    memcpy(out->bytes, nla_data(attribute), length);
    return true;
}

static enum ipvs_forward forward_from_kernel(uint32_t method)
{
    for (unsigned i = 0; i < sizeof(forward_codes) / sizeof(forward_codes[0]); i++) {
        if (forward_codes[i] == (method & IP_VS_CONN_F_FWD_MASK)) {
            return (enum ipvs_forward)i;
        }
    }
    return IPVS_LOCAL; /* IP_VS_CONN_F_BYPASS: the kernel's own, not settable */
}

int ipvs_message_get_service(struct nlattr *nested, struct ipvs_service *service)
{
    struct nlattr *attributes[IPVS_SVC_ATTR_MAX + 1];
    struct ip_vs_flags flags = {0};

    if (nested == NULL || nla_parse_nested(attributes, IPVS_SVC_ATTR_MAX, nested, NULL) < 0) {
        return -EBADMSG;
    }
    memset(service, 0, sizeof(*service));
    service->family = get_u16(attributes[IPVS_SVC_ATTR_AF]);
    service->fwmark = get_u32(attributes[IPVS_SVC_ATTR_FWMARK]);
    if (service->fwmark == 0) {
        service->protocol = (uint8_t)get_u16(attributes[IPVS_SVC_ATTR_PROTOCOL]);
        service->port = ntohs(get_u16(attributes[IPVS_SVC_ATTR_PORT]));
        if (!get_address(attributes[IPVS_SVC_ATTR_ADDR], service->family, &service->address)) {
            return -EBADMSG;
        }
    }
    if (attributes[IPVS_SVC_ATTR_SCHED_NAME] != NULL) {
        nla_strlcpy(service->scheduler, attributes[IPVS_SVC_ATTR_SCHED_NAME], IPVS_SCHEDULER_MAX);
    }
    if (attributes[IPVS_SVC_ATTR_FLAGS] != NULL) {
        nla_memcpy(&flags, attributes[IPVS_SVC_ATTR_FLAGS], sizeof(flags));
    }
    if ((flags.flags & IP_VS_SVC_F_PERSISTENT) != 0) {
        service->persistence = get_u32(attributes[IPVS_SVC_ATTR_TIMEOUT]);
    }
    service->netmask = netmask_from_kernel(service->family, get_u32(attributes[IPVS_SVC_ATTR_NETMASK]));
    return 0;
}

int ipvs_message_get_server(struct nlattr *nested, sa_family_t service_family, struct ipvs_server *server)
{
    struct nlattr *attributes[IPVS_DEST_ATTR_MAX + 1];
    sa_family_t family;

    if (nested == NULL || nla_parse_nested(attributes, IPVS_DEST_ATTR_MAX, nested, NULL) < 0) {
        return -EBADMSG;
    }
    memset(server, 0, sizeof(*server));
    /* Only tunnels may lead to the other family; kernels before 3.18 do not say. */
    family = get_u16(attributes[IPVS_DEST_ATTR_ADDR_FAMILY]);
    if (!get_address(attributes[IPVS_DEST_ATTR_ADDR], family == AF_UNSPEC ? service_family : family,
                     &server->address)) {
        return -EBADMSG;
    }
    server->port = ntohs(get_u16(attributes[IPVS_DEST_ATTR_PORT]));
    server->forward = forward_from_kernel(get_u32(attributes[IPVS_DEST_ATTR_FWD_METHOD]));
    server->weight = get_u32(attributes[IPVS_DEST_ATTR_WEIGHT]);
    server->active = get_u32(attributes[IPVS_DEST_ATTR_ACTIVE_CONNS]);
    server->inactive = get_u32(attributes[IPVS_DEST_ATTR_INACT_CONNS]);
    server->persistent = get_u32(attributes[IPVS_DEST_ATTR_PERSIST_CONNS]);
    return 0;
}
