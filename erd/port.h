/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One network port as the kernel has it: read, and made like its twin. */
#ifndef ERD_PORT_H
#define ERD_PORT_H

#include "link.h"

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

struct port {
    char name[IF_NAMESIZE];
    int index; /* 0: there is no such interface */
    bool up;   /* administratively */
    bool carrier;
    bool ethernet;
    uint8_t mac[6];
    uint8_t burnt_in[6]; /* of the card; zero where the driver has none */
    unsigned mtu;
};

/* Asks for the carrier by ethtool, for drivers without events and past the kernel's delay of them. Returns 1, 0, or a
 * negative errno. descriptor: any socket. */
int port_carrier(int descriptor, const char *name);

/* Reads all of it again by the name. Returns 0 (also when there is no such interface: index 0) or a negative errno. */
int port_read(int descriptor, const char *name, struct port *out);

/* Gives the port, which must not be in use, the MAC: at once, or else by setting it down for a moment. Returns 0 or a
 * negative errno: the driver refuses. */
int port_take_mac(struct link_socket *links, const struct port *port, const uint8_t mac[6]);

/* Copies what the kernel keeps for each interface and what counts for the traffic (forwarding, reverse path filter, ARP
 * and redirect settings of both families) from one port to the other. What cannot be written is left. root:
 * PROCSYS_ROOT. */
void port_copy_sysctls(const char *root, const char *from, const char *to);

#endif
