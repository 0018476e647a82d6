/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether the section "redundancy" fits the masters, the networks and the cluster virtual IPs. */
#ifndef HAS_VALIDATE_REDUNDANCY_H
#define HAS_VALIDATE_REDUNDANCY_H

#include "model.h"
#include "problems.h"

/* Adds what is wrong to problems. */
void validate_redundancy(const struct model *model, struct problems *problems);

#endif
