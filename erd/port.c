/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "port.h"

#include "procsys.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

/* Below net/FAMILY/conf/PORT. */
static const struct {
    const char *family, *setting;
} copied[] = {
    {"ipv4", "forwarding"},       {"ipv4", "rp_filter"},         {"ipv4", "arp_ignore"},
    {"ipv4", "arp_announce"},     {"ipv4", "arp_filter"},        {"ipv4", "arp_accept"},
    {"ipv4", "arp_notify"},       {"ipv4", "proxy_arp"},         {"ipv4", "accept_redirects"},
    {"ipv4", "send_redirects"},   {"ipv4", "accept_local"},      {"ipv4", "src_valid_mark"},
    {"ipv4", "route_localnet"},   {"ipv4", "log_martians"},      {"ipv4", "promote_secondaries"},
    {"ipv6", "disable_ipv6"},     {"ipv6", "forwarding"},        {"ipv6", "accept_ra"},
    {"ipv6", "accept_redirects"}, {"ipv6", "keep_addr_on_down"},
};

/* An ioctl about that interface. */
static int ask(int descriptor, unsigned long question, const char *name, struct ifreq *request)
{
    snprintf(request->ifr_name, sizeof request->ifr_name, "%s", name);
    return ioctl(descriptor, question, request) == 0 ? 0 : -errno;
}

int port_carrier(int descriptor, const char *name)
{
    struct ethtool_value link = {.cmd = ETHTOOL_GLINK};
    struct ifreq request = {.ifr_data = (void *)&link};
    int rc = ask(descriptor, SIOCETHTOOL, name, &request);
    return rc == 0 ? link.data != 0 : rc;
}

static void read_burnt_in(int descriptor, const char *name, uint8_t mac[6])
{
    _Alignas(struct ethtool_perm_addr) uint8_t answer[sizeof(struct ethtool_perm_addr) + 32];
    struct ethtool_perm_addr head = {.cmd = ETHTOOL_GPERMADDR, .size = 32};
    struct ifreq request = {.ifr_data = (void *)answer};
    memcpy(answer, &head, sizeof head);
    bool known = ask(descriptor, SIOCETHTOOL, name, &request) == 0;
    memcpy(&head, answer, sizeof head);
    if (known && head.size == 6)
        memcpy(mac, answer + sizeof head, 6);
}

int port_read(int descriptor, const char *name, struct port *out)
{
    struct ifreq request = {0};
    struct port port = {0};
    snprintf(port.name, sizeof port.name, "%s", name);
    *out = port;
    int rc = ask(descriptor, SIOCGIFINDEX, name, &request);
    if (rc == -ENODEV)
        return 0;
    port.index = request.ifr_ifindex;
    if (rc == 0)
        rc = ask(descriptor, SIOCGIFFLAGS, name, &request);
    port.up = (request.ifr_flags & IFF_UP) != 0;
    bool running = (request.ifr_flags & IFF_RUNNING) != 0;
    if (rc == 0)
        rc = ask(descriptor, SIOCGIFMTU, name, &request);
    port.mtu = (unsigned)request.ifr_mtu;
    if (rc == 0)
        rc = ask(descriptor, SIOCGIFHWADDR, name, &request);
    if (rc != 0)
        return rc == -ENODEV ? 0 : rc; /* gone meanwhile */
    port.ethernet = request.ifr_hwaddr.sa_family == ARPHRD_ETHER;
    memcpy(port.mac, request.ifr_hwaddr.sa_data, sizeof port.mac);
    read_burnt_in(descriptor, name, port.burnt_in);
    int carrier = port_carrier(descriptor, name);
    port.carrier = port.up && (carrier >= 0 ? carrier == 1 : running); /* a driver without ethtool */
    *out = port;
    return 0;
}

int port_take_mac(struct link_socket *links, const struct port *port, const uint8_t mac[6])
{
    int rc = link_set_mac(links, port->index, mac);
    if (rc != -EBUSY || !port->up)
        return rc;
    rc = link_set_down(links, port->index);
    if (rc != 0)
        return rc;
    rc = link_set_mac(links, port->index, mac);
    int up = link_set_up(links, port->index);
    return rc != 0 ? rc : up;
}

void port_copy_sysctls(const char *root, const char *from, const char *to)
{
    for (size_t i = 0; i < sizeof copied / sizeof copied[0]; i++) {
        char source[128], target[128], value[PROCSYS_VALUE_MAX], before[PROCSYS_VALUE_MAX];
        snprintf(source, sizeof source, "net/%s/conf/%s/%s", copied[i].family, from, copied[i].setting);
        snprintf(target, sizeof target, "net/%s/conf/%s/%s", copied[i].family, to, copied[i].setting);
        if (procsys_read(root, source, value) == 0 && procsys_read(root, target, before) == 0 &&
            strcmp(value, before) != 0)
            (void)procsys_write(root, target, value);
    }
}
