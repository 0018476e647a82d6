/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The TCP checksum of a packet that was copied before its checksum was complete. */
#ifndef CVIPD_CHECKSUM_H
#define CVIPD_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/* A packet that has crossed no wire, as from a virtual machine on the same host, has only the sum of the pseudo-header
 * in its checksum: the port that sends it on would complete it. A copy that is taken in again has lost the mark that
 * says so, and the server would drop it. Completes the checksum of such a packet, an IP packet of length bytes without
 * IPv6 extension headers; leaves every other packet as it is. */
void checksum_complete(uint8_t *packet, size_t length);

#endif
