/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A client on the LAN that opens TCP connections to our address frame by frame, and the socket that listens there. */
#ifndef CVIPD_ENGINE_CLIENT_H
#define CVIPD_ENGINE_CLIENT_H

#include "cvipd_engine_world.h"

uint16_t client_port_next(void);
void client_send(struct world *world, const struct frame_want *want);

/* The next frame is the answer to the SYN with sequence number 1000; returns its own number. */
uint32_t client_expect_answer(struct world *world);

int client_listener(sa_family_t family);
/* Whether a connection waits for the listener; it is hung up. */
bool client_is_accepted(int listener);
void client_hang_up(int fd);

#endif
