/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hasctl realserver start|stop|monitor: the kernel work of the agent ocf:has:realserver. A traffic node that is served
 * by direct routing has the CVIP as an address of its own, on an interface that is on no LAN, and must not answer ARP
 * requests for it: these are for the master node. */
#ifndef HASCTL_REALSERVER_H
#define HASCTL_REALSERVER_H

/* argv[0] is "realserver", argv[1] the action. Returns the exit status, which is OCF's: 0 done or running, 1 error,
 * 2 usage, 4 not root, 5 this kernel lacks something, 6 wrong configuration, 7 not running. The reason is on stderr. */
int realserver_main(int argc, char **argv);

#endif
