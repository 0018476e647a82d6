/* SPDX-License-Identifier: GPL-2.0-or-later */
/* erd's answers, and what Pacemaker knows of the nodes' ports, for people. These functions only print. */
#ifndef HAS_PORTS_REPORT_H
#define HAS_PORTS_REPORT_H

#include <jansson.h>
#include <stdio.h>

/* The node attribute that ocf:has:erd keeps: how many ports of a node work, 0 to 2. */
#define PORTS_ATTRIBUTE "has-ports"
#define PORTS_OF_A_PAIR 2

/* Everything about the pairs of this node. */
void ports_report_status(const json_t *answer, FILE *out);

/* One line for each pair, for hasctl status. */
void ports_report_lines(const json_t *answer, FILE *out);

/* The nodes with fewer than PORTS_OF_A_PAIR working ports, in one line, by their names: "m2 (1 port), t3 (no port)".
 * attributes: what attrd_updater prints, a line each, with host="NODE" and value="NUMBER" in it; other lines are passed
 * over. Prints nothing when no line is such. */
void ports_report_degraded(const char *attributes, FILE *out);

#endif
