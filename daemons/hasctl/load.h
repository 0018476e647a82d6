/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads has.conf into the model. */
#ifndef HAS_LOAD_H
#define HAS_LOAD_H

#include "model.h"
#include "problems.h"

/* Reads, converts and validates the file. Returns 0, or -EINVAL with problems->errors above 0, or another negative
 * errno when the file cannot be read (a problem says so, too). On success model_free frees the model; on failure
 * it is empty. Warnings may be there in any case. */
int load_file(const char *path, struct model *model, struct problems *problems);

/* The same from memory, for tests and the fuzzer. problems was prepared by problems_init. */
int load_text(const char *text, struct model *model, struct problems *problems);

#endif
