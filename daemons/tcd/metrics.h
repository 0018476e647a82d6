/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Prometheus text file, for the textfile collector of node_exporter. */
#ifndef TCD_METRICS_H
#define TCD_METRICS_H

struct tcd;

/* Writes the configured file atomically; an error is logged, at most once in a second. */
void metrics_write(struct tcd *tcd);

#endif
