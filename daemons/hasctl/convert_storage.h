/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The section "storage" of has.conf, converted and complained about; see convert.h. */
#ifndef HAS_CONVERT_STORAGE_H
#define HAS_CONVERT_STORAGE_H

#include "model.h"
#include "source.h"

void convert_storage(const struct source *source, cfg_t *section, struct storage *storage);

#endif
