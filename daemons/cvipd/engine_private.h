/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine's parts among themselves, and for its tests. */
#ifndef CVIPD_ENGINE_PRIVATE_H
#define CVIPD_ENGINE_PRIVATE_H

#include "engine.h"

#include <stddef.h>
#include <stdint.h>

struct engine {
    struct bpf_object *object;
    int program_in, program_out; /* descriptors; they belong to object, as do those of the maps */
    uint32_t program_out_id;
    int counts_map, syns_map;
    struct engine_table *table; /* mapped: the program reads it while we write */
    size_t table_bytes;
    struct engine_counts *counts; /* room for one of each processor */
    size_t processors;
    int interface;    /* index */
    uint8_t mac[6];   /* the port's own */
    int socket;       /* packets: sends replays, joins the shared MAC */
    bool attached[2]; /* ingress, egress */
};

/* The object file that the build has made of engine.bpf.c. */
extern const unsigned char engine_object[];
extern const size_t engine_object_size;

/* What libbpf has to say goes into our log. */
void engine_take_messages(void);

/* Loads the programs and maps, and maps the table. What was opened when it fails is closed by engine_unload. Returns 0
 * or a negative errno, with *what set. */
int engine_load(struct engine *engine, const char **what);
void engine_unload(struct engine *engine);

/* Puts the programs on ingress and egress, in the place of an earlier daemon's. Returns 0 or a negative errno, with
 * *what set. */
int engine_attach(struct engine *engine, const char **what);
void engine_detach(struct engine *engine);
/* Whether our program is still there to take the replayed SYNs in. */
bool engine_is_attached(const struct engine *engine);

/* Opens the packet socket, with the mark of replays, and joins the shared MAC. Returns 0 or a negative errno, with
 * *what set. */
int engine_socket_open(struct engine *engine, const char *interface, const char **what);

#endif
