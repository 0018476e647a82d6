/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Services, their checks and sorry servers against the rest of the model. */
#ifndef HAS_VALIDATE_SERVICES_H
#define HAS_VALIDATE_SERVICES_H

#include "model.h"
#include "problems.h"

void validate_services(const struct model *model, struct problems *problems);

#endif
