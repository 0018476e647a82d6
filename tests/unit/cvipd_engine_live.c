/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine in a real kernel. Needs root, for a network namespace and BPF; else it is skipped (77). ipvs_live.sh runs
 * it in a UML kernel. */
#include "cvipd_engine_live.h"

#define SKIPPED 77

/* Figures, no assertion: what a frame costs in the kernel this runs in (UML: by the interpreter). */
static void tell_costs(struct world *world)
{
    static const struct frame_want syn = {.family = AF_INET, .flags = TCP_SYN, .client_port = 1024};
    static const struct frame_want ack = {.family = AF_INET, .flags = TCP_ACK, .client_port = 1024};
    static const struct frame_want ack6 = {.family = AF_INET6, .flags = TCP_ACK, .client_port = 1024};
    static const struct frame_want out = {.family = AF_INET, .flags = TCP_ACK, .client_port = 1024, .outgoing = true};
    struct frame frame;

    world_start(world, BUCKET_SILENT);
    frame_make(&frame, &ack);
    printf("# ns a frame: segment passed %u", world_cost(world, &frame, false));
    frame_make(&frame, &ack6);
    printf(", IPv6 %u", world_cost(world, &frame, false));
    frame_make(&frame, &out);
    printf(", going out %u", world_cost(world, &frame, true));
    world_set(world, BUCKET_FOREIGN);
    frame_make(&frame, &ack);
    printf(", dropped %u", world_cost(world, &frame, false));
    frame_make(&frame, &syn);
    printf(", SYN kept %u\n", world_cost(world, &frame, false));
    world_stop(world);
}

int main(void)
{
    struct world world;
    int failed;

    if (world_make(&world) != 0) {
        fprintf(stderr, "skipped: needs root for a network namespace, and a kernel with BPF\n");
        return SKIPPED;
    }
    failed = live_table(&world) + live_out(&world) + live_wire(&world) + live_replays(&world) + live_twin(&world);
    tell_costs(&world);
    return failed;
}
