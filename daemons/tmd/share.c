/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "manager.h"

#include "clock.h"

#include <ifaddrs.h>
#include <string.h>

static void send_to_node(struct manager *manager, const struct pool_node *node, const uint8_t *data, size_t length)
{
    const struct addr *addresses[] = {&node->address, &node->address6};
    for (size_t i = 0; i < 2; i++)
        if (addresses[i]->family != AF_UNSPEC)
            (void)receiver_send(manager->receiver, addresses[i], manager->config->port, data, length);
}

static bool is_meant(const struct manager *manager, const struct pool_node *node, enum share_to to)
{
    switch (to) {
    case SHARE_TO_ALL:
        return true;
    case SHARE_TO_UNHEARD:
        return !node->reported;
    case SHARE_TO_SILENT:
    default:
        return node->listed && pool_is_silent(manager->pool, node, clock_ms());
    }
}

void share_hello(struct manager *manager, enum share_to to)
{
    struct wire_message message = {.type = WIRE_HELLO};
    uint8_t data[WIRE_DATAGRAM_MAX];
    message.hello.instance = manager->instance;
    int length = wire_encode(&message, &manager->ring.keys[0], data);
    if (length < 0)
        return;
    for (size_t i = 0; i < pool_count(manager->pool); i++) {
        const struct pool_node *node = pool_at(manager->pool, i);
        if (!is_meant(manager, node, to))
            continue;
        send_to_node(manager, node, data, (size_t)length);
        manager->counters.hellos++;
    }
}

static bool is_own(const struct ifaddrs *interfaces, const struct addr *address)
{
    for (const struct ifaddrs *i = interfaces; i != NULL; i = i->ifa_next) {
        struct sockaddr_storage storage = {0};
        struct addr own;
        uint16_t port;
        if (i->ifa_addr == NULL)
            continue;
        if (i->ifa_addr->sa_family == AF_INET)
            memcpy(&storage, i->ifa_addr, sizeof(struct sockaddr_in));
        else if (i->ifa_addr->sa_family == AF_INET6)
            memcpy(&storage, i->ifa_addr, sizeof(struct sockaddr_in6));
        else
            continue;
        if (addr_from_sockaddr(&storage, &own, &port) == 0 && addr_equal(&own, address))
            return true;
    }
    return false;
}

/* A master that has one of our addresses is ourselves. */
static bool is_self(const struct ifaddrs *interfaces, const struct config_master *master)
{
    for (size_t i = 0; i < master->address_count; i++)
        if (is_own(interfaces, &master->addresses[i]))
            return true;
    return false;
}

static void send_to_masters(struct manager *manager, const struct ifaddrs *own, const uint8_t *data, size_t length)
{
    for (size_t m = 0; m < manager->config->master_count; m++) {
        const struct config_master *master = &manager->config->masters[m];
        for (size_t i = 0; i < master->address_count && !is_self(own, master); i++)
            (void)receiver_send(manager->receiver, &master->addresses[i], manager->config->port, data, length);
    }
}

void share_overrides(struct manager *manager)
{
    struct ifaddrs *own = NULL;
    if (manager->overrides.count == 0 || manager->config->master_count < 2 || getifaddrs(&own) != 0)
        return;
    for (size_t first = 0; first < manager->overrides.count; first += WIRE_OVERRIDES_MAX) {
        struct wire_message message = {.type = WIRE_OVERRIDES};
        uint8_t data[WIRE_DATAGRAM_MAX];
        size_t count = manager->overrides.count - first;
        message.overrides.count = count < WIRE_OVERRIDES_MAX ? count : WIRE_OVERRIDES_MAX;
        memcpy(message.overrides.entries, &manager->overrides.entries[first],
               message.overrides.count * sizeof message.overrides.entries[0]);
        int length = wire_encode(&message, &manager->ring.keys[0], data);
        if (length > 0)
            send_to_masters(manager, own, data, (size_t)length);
    }
    freeifaddrs(own);
}
