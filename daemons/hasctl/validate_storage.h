/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Judges the section "storage" of has.conf. */
#ifndef HAS_VALIDATE_STORAGE_H
#define HAS_VALIDATE_STORAGE_H

#include "model.h"
#include "problems.h"

void validate_storage(const struct model *model, struct problems *problems);

#endif
