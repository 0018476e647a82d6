/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemons' answers, for people. These functions only print. */
#ifndef HAS_REPORT_H
#define HAS_REPORT_H

#include <jansson.h>
#include <stdio.h>

void report_tmd_status(const json_t *answer, FILE *out);
void report_tcd_status(const json_t *answer, FILE *out);
void report_nodes(const json_t *answer, FILE *out);
void report_services(const json_t *answer, FILE *out);

/* A span of time in its two largest units: "3 d 4 h", "250 ms". Returns buf. */
const char *report_span(long long ms, char *buf, size_t size);

#endif
