/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A port and what is at the other end of its cable: a veth pair over two network namespaces of the test's own. It needs
 * user namespaces (or root), and iproute2's ip. */
#ifndef HAS_TEST_VETH_H
#define HAS_TEST_VETH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VETH_SKIPPED 77   /* a program's status for make check */
#define VETH_PORT "port0" /* ours */
#define VETH_FAR "far0"   /* the other end */
#define VETH_FRAME_MAX 2048
#define VETH_WAIT_MS 5000 /* for what comes at once: a test that waits that long has failed */

struct veth {
    int namespaces[2]; /* near, far */
    int port;          /* the index */
    int far;           /* a packet socket at the other end: hears what comes, and sends */
    uint8_t mac[6];    /* of the port */
    uint8_t far_mac[6];
};

/* Goes into a namespace of its own. Call it once, before there are threads. Returns false where that is not possible:
 * end with VETH_SKIPPED. */
bool veth_begin(struct veth *veth);

/* Makes the pair anew, both ends up, without addresses and without IPv6's own (no frame comes by itself). */
void veth_make(struct veth *veth);
void veth_remove(struct veth *veth);

/* Runs a shell command on our side and on the other one; it must succeed. */
void veth_near_run(const struct veth *veth, const char *command);
void veth_far_run(const struct veth *veth, const char *command);

/* Whether it succeeds on the other side. */
bool veth_far_can(const struct veth *veth, const char *command);

/* The next frame that came to the other end; its length, or 0: none is there after timeout_ms. */
size_t veth_hear(const struct veth *veth, uint8_t frame[VETH_FRAME_MAX], int timeout_ms);

/* Sends a frame from the other end. */
void veth_say(const struct veth *veth, const void *frame, size_t length);

#endif
