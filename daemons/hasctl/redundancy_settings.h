/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What has.conf's section "redundancy" comes to: what follows from the cluster's name and networks when it is not
 * set there. */
#ifndef HAS_REDUNDANCY_SETTINGS_H
#define HAS_REDUNDANCY_SETTINGS_H

#include "model.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REDUNDANCY_LANS_MAX 4      /* over which the masters hear each other */
#define REDUNDANCY_ADDRESSES_MAX 8 /* of all CVIPs together */
#define REDUNDANCY_MAC_BYTES 6

/* Whether cvipd moves the CVIPs, not Pacemaker by IPaddr2. */
bool redundancy_by_cvipd(const struct model *model);

enum redundancy_mac { MAC_SHARED, MAC_OWN, MAC_WRONG };

/* Which MAC the CVIPs have. *mac is set with MAC_SHARED: the one given, or one that follows from the cluster's name,
 * unicast and locally administered. */
enum redundancy_mac redundancy_mac(const struct model *model, uint8_t mac[REDUNDANCY_MAC_BYTES]);

/* The hash's seed: the one given, or one that follows from the cluster's name, so that it is equal everywhere. */
uint32_t redundancy_seed(const struct model *model);

/* The networks over which masters hear each other, in their order: Corosync's, at most REDUNDANCY_LANS_MAX. Returns how
 * many. */
size_t redundancy_lans(const struct model *model, const struct network *lans[REDUNDANCY_LANS_MAX]);

/* Where the masters synchronise their connections: the network given; else the second one, else the first one, where
 * these have IPv4. NULL: nowhere, as has.conf says so or there is none. */
const struct network *redundancy_sync(const struct model *model);

/* Whether has.conf says sync = off. */
bool redundancy_sync_is_off(const struct model *model);

#endif
