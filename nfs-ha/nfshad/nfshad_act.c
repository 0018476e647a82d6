/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Carries out what failover.c decides, and tells the log. */
#include "nfshad.h"

#include "clock.h"

#include <string.h>

/* So many messages that say the same in other words are told at once. */
#define AGAIN_MAX 5

/* Is it the same as before in other words, or a move that is tried again? An outage may last for hours. */
static bool is_noise(struct nfshad_group *group, uint64_t now)
{
    const struct failover *failover = &group->failover;
    bool again = failover->state == group->told ||
                 (failover->failed_ms != 0 && failover->state != FAILOVER_STEADY && group->told != FAILOVER_STEADY);
    group->told_again = again ? group->told_again : 0;
    if (again && group->told_again >= AGAIN_MAX && now - group->told_ms < NFSHAD_AGAIN_MS)
        return true;
    group->told_again += again && group->told_again < AGAIN_MAX;
    return false;
}

/* Probes and the kernel's events come in bursts; one message for a state is enough. */
static void tell(struct nfshad_group *group)
{
    const struct failover *failover = &group->failover;
    const char *server = group->source.servers[failover->current].name;
    uint64_t now = clock_ms();
    if ((failover->state == group->told && strcmp(failover->reason, group->told_reason) == 0) || is_noise(group, now))
        return;
    group->told = failover->state;
    group->told_ms = now;
    memcpy(group->told_reason, failover->reason, sizeof group->told_reason);
    switch (failover->state) {
    case FAILOVER_STEADY:
        log_notice("%s works%s%s", server, failover->reason[0] != '\0' ? ": " : "", failover->reason);
        break;
    case FAILOVER_WAITING:
        log_warning("%s does not answer, and no other server can take over: %s", server, failover->reason);
        break;
    case FAILOVER_REFUSED:
        log_error("%s does not answer, and a move would not be safe: %s", server, failover->reason);
        break;
    case FAILOVER_MOVING:
        log_notice("moving from %s to %s%s%s", server, group->source.servers[failover->target].name,
                   failover->reason[0] != '\0' ? ": " : "", failover->reason);
        break;
    }
}

static void carry_out(struct nfshad_group *group, const struct failover_action *action)
{
    struct failover *failover = &group->failover;
    int rc = 0;
    switch (action->what) {
    case FAILOVER_COMPARE:
        rc = nfshad_compare(group, action->server);
        if (rc != 0)
            failover_compared(failover, action->server, FAILOVER_IDENTITY_UNKNOWN, strerror(-rc), clock_ms());
        return;
    case FAILOVER_MOVE:
        rc = nfshad_move(group, action->server, failover->servers[failover->current].health == FAILOVER_UP);
        break;
    case FAILOVER_REMOUNT:
        rc = nfshad_remount(group, action->server);
        break;
    }
    if (rc != 0) {
        log_error("cannot begin the move to %s: %s", group->source.servers[action->server].name, strerror(-rc));
        failover_moved(failover, rc, clock_ms());
    }
}

void nfshad_act(struct nfshad_group *group)
{
    struct failover_action action;
    uint64_t now = clock_ms();
    while (failover_next(&group->failover, now, &action)) {
        tell(group);
        carry_out(group, &action);
    }
    tell(group);
    uint64_t due = failover_due(&group->failover);
    now = clock_ms();
    if (due == UINT64_MAX)
        wake_never(&group->due);
    else
        wake_in(&group->due, due > now ? (due - now) * 1000 : 1);
}

/* All transports at one other server: they were moved by the kernel series or by hand, or nfshad has just started. Some
 * of them: a mount that came later, or a move that did not end; they come along. */
void nfshad_act_look(struct nfshad_group *group, const struct transport_list *list)
{
    struct failover *failover = &group->failover;
    size_t at[SOURCE_SERVERS_MAX] = {0};
    size_t all = 0;
    if (failover->state == FAILOVER_MOVING || group->bringing)
        return;
    for (size_t i = 0; i < list->count; i++) {
        size_t place = nfshad_mounts_place(group, &list->transports[i].server);
        if (place == group->source.count)
            continue;
        at[place]++;
        all += !group->left[place];
    }
    for (size_t i = 0; i < group->source.count; i++)
        group->left[i] &= at[i] > 0; /* else its files have been closed */
    if (all == at[failover->current])
        return;
    for (size_t place = 0; place < group->source.count; place++) {
        if (group->left[place] || at[place] != all)
            continue;
        log_notice("the kernel uses %s", group->source.servers[place].name);
        failover_found(failover, place, clock_ms());
        nfshad_act(group);
        return;
    }
    bool same = !failover->settings.compare || failover->servers[failover->current].identity == FAILOVER_SAME;
    if (failover->state == FAILOVER_STEADY && same)
        (void)nfshad_move(group, failover->current, true); /* tried again at the next look */
}

static bool may_move_by_itself(const struct nfshad_group *group)
{
    const struct failover *failover = &group->failover;
    for (size_t i = 0; i < failover->count; i++)
        if (failover->servers[i].identity == FAILOVER_DIFFERENT || group->left[i])
            return false;
    return !failover->own_copies || !failover->settings.writable;
}

/* What is not known may turn out to be different. */
static bool is_known(const struct failover *failover)
{
    for (size_t i = 0; i < failover->count; i++)
        if (i != failover->current && failover->servers[i].identity == FAILOVER_IDENTITY_UNKNOWN)
            return false;
    return true;
}

/* Transports that come later are looked at, too: each has its own list. Returns how many were changed. */
static size_t set_lists(const struct nfshad_group *group, const struct transport_list *list, bool hold, bool *failed)
{
    struct addr servers[SOURCE_SERVERS_MAX];
    size_t changed = 0;
    *failed = false;
    for (size_t i = 0; i < group->source.count; i++)
        servers[i] = group->source.servers[i].address;
    for (size_t i = 0; i < list->count; i++) {
        const struct transport *transport = &list->transports[i];
        if (!transport->series || nfshad_mounts_place(group, &transport->server) == group->source.count ||
            transport_has_replicas(transport) != hold)
            continue;
        if (!hold && transport->port != TRANSPORT_NFS_PORT)
            continue; /* lockd's: it never had one */
        if (transport_set_replicas(transport, servers, hold ? 0 : group->source.count) == 0)
            changed++;
        else
            *failed = true;
    }
    return changed;
}

void nfshad_act_hold(struct nfshad_group *group, const struct transport_list *list)
{
    bool hold = !may_move_by_itself(group);
    bool failed;
    if (!hold && (!group->held || !is_known(&group->failover)))
        return;
    size_t changed = set_lists(group, list, hold, &failed);
    if (changed > 0)
        log_notice(hold ? "the kernel may not move this mount by itself: a move would not be safe"
                        : "the kernel may move this mount by itself again");
    group->held = hold ? group->held || changed > 0 : failed;
}
