/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A port that is shut: it keeps its carrier, but no frame of this machine's protocols leaves it or comes in. A filter
 * of traffic control (clsact, cls_bpf with two instructions) at the first place of both directions drops everything, so
 * one message opens or shuts it. Packet sockets still hear the port, and send when they pass by the queueing
 * disciplines (PACKET_QDISC_BYPASS): probes go through. The filter lives in the kernel: a gate stays as it is when the
 * program that made it ends, and tells the next one which port was not in use. Changes need CAP_NET_ADMIN. */
#ifndef HAS_GATE_H
#define HAS_GATE_H

#include <stdbool.h>

struct gate;

/* A connection to rtnetlink. Returns 0 or a negative errno. */
int gate_connect(struct gate **out);
void gate_disconnect(struct gate *gate);

/* Shuts the port with that index: what goes out first, then what comes in. Nothing to do when it is shut already.
 * Returns 0 or a negative errno: -ENODEV no such interface, -EPERM, -EOPNOTSUPP the kernel lacks CONFIG_NET_SCH_INGRESS
 * or CONFIG_NET_CLS_BPF. */
int gate_shut(struct gate *gate, int interface);

/* Opens it: what comes in first. Nothing to do when it is open. Returns 0 or a negative errno. */
int gate_open(struct gate *gate, int interface);

/* 1: shut in both directions; 0: not; a negative errno. Needs no rights. */
int gate_is_shut(struct gate *gate, int interface);

#endif
