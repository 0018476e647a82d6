/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine's parts among themselves, and for its tests. */
#ifndef CVIPD_ENGINE_PRIVATE_H
#define CVIPD_ENGINE_PRIVATE_H

#include "engine.h"

#include <stddef.h>
#include <stdint.h>

struct engine_port {
    const char *name; /* "": none */
    int interface;    /* index; 0: not there, or nothing of ours on it yet */
    uint8_t mac[6];   /* its own */
    bool attached[2]; /* ingress, egress */
};

struct engine {
    struct bpf_object *object;
    int program_in, program_out; /* descriptors; they belong to object, as do those of the maps */
    uint32_t program_out_id;
    int counts_map, syns_map;
    struct engine_table *table; /* mapped: the program reads it while we write */
    size_t table_bytes;
    struct engine_counts *counts; /* room for one of each processor */
    size_t processors;
    struct engine_settings settings;
    struct engine_port ports[ENGINE_PORTS];
    int active; /* by which replays come in */
    int socket; /* packets: sends replays, joins the shared MAC */
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

/* Takes a port into use: reads its MAC, joins the shared one, and puts the programs on ingress and egress, in the place
 * of an earlier daemon's. Returns 0 or a negative errno, with *what set; -ENODEV there is no interface of that name. */
int engine_attach(struct engine *engine, struct engine_port *port, const char **what);
void engine_detach(struct engine *engine);
/* Whether our program is still there to take the replayed SYNs in. */
bool engine_is_attached(const struct engine *engine, const struct engine_port *port);

/* Opens the packet socket, with the mark of replays. Returns 0 or a negative errno, with *what set. */
int engine_socket_open(struct engine *engine, const char **what);

#endif
