/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What hasctl(8) may ask: ping and status (lib/ctl.h). */
#ifndef TCD_CONTROL_H
#define TCD_CONTROL_H

struct tcd;

/* Offers the control socket of that name. Returns 0 or a negative errno. */
int control_open(struct tcd *tcd, const char *name);
void control_close(struct tcd *tcd);

#endif
