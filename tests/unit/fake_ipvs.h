/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel's IPVS table in memory behind the functions of lib/ipvs.h, for tests: linked in their place. */
#ifndef TEST_FAKE_IPVS_H
#define TEST_FAKE_IPVS_H

#include "ipvs.h"

struct fake_ipvs {
    struct ipvs_table table; /* tests change it to play "somebody else" */
    unsigned reads;
    unsigned writes;
    int open_error;
    int read_error;
    int write_error;    /* every write fails with this */
    char journal[4096]; /* the writes since the last fake_ipvs_clear, "+svc ~10.0.0.1=5 -10.0.0.2 " */
};

extern struct fake_ipvs fake_ipvs;

void fake_ipvs_reset(void); /* empty table, no errors, no counts */
void fake_ipvs_clear(void); /* forgets the journal */

#endif
