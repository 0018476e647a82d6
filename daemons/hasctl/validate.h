/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What no single line of has.conf can show: whether its parts fit each other. */
#ifndef HAS_VALIDATE_H
#define HAS_VALIDATE_H

#include "model.h"
#include "problems.h"

/* Adds every error and warning that it finds. */
void validate(const struct model *model, struct problems *problems);

#endif
