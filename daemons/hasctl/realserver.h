/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hasctl realserver: the kernel's part of the agent ocf:has:realserver. */
#ifndef HAS_REALSERVER_H
#define HAS_REALSERVER_H

/* argv[0] is "realserver". Returns an OCF code: 0 done or running, 7 not running, 1 error. */
int realserver_main(int argc, char **argv) __attribute__((weak));

#endif
