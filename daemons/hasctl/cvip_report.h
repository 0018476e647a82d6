/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cvipd's answers, for people. These functions only print. */
#ifndef HAS_CVIP_REPORT_H
#define HAS_CVIP_REPORT_H

#include <jansson.h>
#include <stdio.h>

void cvip_report_status(const json_t *answer, FILE *out);
/* One line, for hasctl status. */
void cvip_report_line(const json_t *answer, FILE *out);
void cvip_report_redundancy(const json_t *answer, FILE *out);

#endif
