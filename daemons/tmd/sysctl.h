/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Settings of the kernel that a master node needs, docs/sysctl.md. */
#ifndef TMD_SYSCTL_H
#define TMD_SYSCTL_H

/* Sets what is not set yet below root (PROCSYS_ROOT; tests use another) and logs each change with the value before.
 * A setting that cannot be written is logged with what it costs; tmd works without. To be called as root, after
 * executor_open (which loads ip_vs). Nothing is set back at the end: IPVS goes on working without tmd.
 * Returns how many settings could not be written. */
int sysctl_prepare(const char *root);

#endif
