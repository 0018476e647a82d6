/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The groups of tests of cvipd_engine_live. */
#ifndef CVIPD_ENGINE_LIVE_H
#define CVIPD_ENGINE_LIVE_H

#include "cvipd_engine_world.h"

int live_table(struct world *world);   /* the decision table, run by run */
int live_out(struct world *world);     /* what goes out: RSTs, ARP, ND, marked frames */
int live_wire(struct world *world);    /* frames that really arrive and leave */
int live_replays(struct world *world); /* unanswered SYNs */
int live_twin(struct world *world);    /* two ports, one of which is shut */

#endif
