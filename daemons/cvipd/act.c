/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Carries out what the ownership protocol orders. The order matters: what we no longer own is closed before the others
 * hear that it is released, and what is new is open before a held SYN is taken in again. */
#include "cvipd.h"

#include "clock.h"

#include <errno.h>
#include <string.h>

#define MS UINT64_C(1000) /* in us */

static uint64_t heartbeat_us(const struct cvipd *cvipd)
{
    return cvipd->config->heartbeat_ms * MS;
}

static void send_heartbeat(struct cvipd *cvipd, uint64_t now_us)
{
    struct wire_heartbeat heartbeat;
    ownership_make_heartbeat(cvipd->ownership, now_us, &heartbeat);
    heartbeat_send(cvipd->heartbeat, &heartbeat);
    cvipd->sent_us = now_us;
}

static void set_announces(struct cvipd *cvipd, bool announces)
{
    bool begins = announces && !cvipd->announces;
    engine_announce(cvipd->engine, announces);
    cvipd->announces = announces;
    if (begins) {
        cvipd->announce_round = 0;
        wake_in(&cvipd->announce_wake, 0);
    }
}

void cvipd_reconstruct(struct cvipd *cvipd, uint64_t epoch)
{
    if (cvipd->reconstruct == NULL) {
        const struct reconstruct_result nothing = {.epoch = epoch};
        cvipd_reconstructed(cvipd, &nothing); /* there is no way to fill the table: it is as full as it gets */
        return;
    }
    cvipd->reconstruction.running = true;
    cvipd->reconstruction.epoch = epoch;
    int rc = reconstruct_start(cvipd->reconstruct, epoch);
    if (rc == 0)
        return;
    log_warning("cannot ask the traffic nodes for their connections: %s", strerror(-rc));
    const struct reconstruct_result nothing = {.epoch = epoch};
    cvipd_reconstructed(cvipd, &nothing);
}

void cvipd_reconstructed(void *context, const struct reconstruct_result *result)
{
    struct cvipd *cvipd = context;
    struct cvipd_reconstruction *state = &cvipd->reconstruction;
    state->running = false;
    state->first_done = true;
    state->last = *result;
    state->when = time(NULL);
    if (result->nodes_asked > 0 && result->nodes_complete == result->nodes_asked)
        ownership_filled(cvipd->ownership, result->epoch, clock_boot_us());
    else
        ownership_filled_partly(cvipd->ownership, result->epoch, clock_boot_us());
    cvipd_act(cvipd);
}

static void carry_out(struct cvipd *cvipd, uint64_t now_us)
{
    struct ownership_orders orders;
    ownership_take_orders(cvipd->ownership, now_us, &orders);
    if (orders.states_changed)
        engine_set(cvipd->engine, orders.states);
    engine_lease(cvipd->engine, orders.lease_until_us * 1000);
    set_announces(cvipd, orders.announces);
    if (orders.send || now_us - cvipd->sent_us >= heartbeat_us(cvipd)) {
        send_heartbeat(cvipd, now_us);
        cvipd->act_again = true; /* the lease counts from this one */
    }
    if (orders.publish && cvipd->cluster != NULL)
        (void)cluster_publish(cvipd->cluster, &orders.publish_map); /* without Corosync it goes by heartbeat */
    if (orders.replay_any)
        cvipd_replay(cvipd, orders.replay, orders.replay_since_us);
    if (orders.reconstruct)
        cvipd_reconstruct(cvipd, orders.reconstruct_epoch);
}

/* The next time when the protocol wants to be called, or a heartbeat is due. */
static void plan(struct cvipd *cvipd)
{
    uint64_t now_us = clock_boot_us();
    uint64_t next_us = ownership_next_us(cvipd->ownership, now_us);
    uint64_t beat_us = cvipd->sent_us + heartbeat_us(cvipd);
    if (beat_us < next_us)
        next_us = beat_us;
    wake_in(&cvipd->tick_wake, next_us > now_us ? next_us - now_us : 0);
}

static void end_when_gone(struct cvipd *cvipd)
{
    uint64_t now_us = clock_boot_us();
    bool late = now_us >= cvipd->leave_until_us;
    if (!cvipd->leaving || (!late && !ownership_is_gone(cvipd->ownership, now_us)))
        return;
    if (late && !ownership_is_gone(cvipd->ownership, now_us))
        log_warning("nobody has taken everything over in time; ending all the same");
    else
        log_notice("everything is handed over; ending");
    qb_loop_stop(cvipd->loop);
}

/* An order may bring the next event at once; it waits for its turn. */
void cvipd_act(struct cvipd *cvipd)
{
    cvipd->act_again = true;
    if (cvipd->acting)
        return;
    cvipd->acting = true;
    while (cvipd->act_again) {
        cvipd->act_again = false;
        carry_out(cvipd, clock_boot_us());
    }
    cvipd->acting = false;
    cvipd_tell(cvipd);
    plan(cvipd);
    end_when_gone(cvipd);
}
