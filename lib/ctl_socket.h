/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a service's socket is; only the two ends of the control connection use this. */
#ifndef HAS_CTL_SOCKET_H
#define HAS_CTL_SOCKET_H

#include <sys/un.h>

/* Fills *out with the address of the service: $HAS_RUNDIR/NAME.sock, by default in /run/has; a name with a '/' is
 * the path itself. Returns 0 or -ENAMETOOLONG. */
int ctl_socket_address(const char *name, struct sockaddr_un *out);

#endif
