/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is wrong with the networks' ports and the section "ports". */
#ifndef HAS_VALIDATE_PORTS_H
#define HAS_VALIDATE_PORTS_H

#include "model.h"
#include "problems.h"

void validate_ports(const struct model *model, struct problems *problems);

#endif
