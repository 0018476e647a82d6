/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pair.h"

#include <errno.h>
#include <string.h>

#define NEVER UINT64_MAX
#define BACK_OFF_MIN_MS 1000 /* what a wait of nothing doubles to */

static uint64_t elapsed(uint64_t now, uint64_t then)
{
    return now > then ? now - then : 0;
}

static uint32_t wait_limit(const struct pair_settings *settings)
{
    return settings->wait_max_ms > settings->wait_ms ? settings->wait_max_ms : settings->wait_ms;
}

bool pair_linked(const struct pair_link *link)
{
    return link->present && link->up && link->carrier;
}

static bool is_linked(const struct pair *pair, unsigned port)
{
    return pair_linked(&pair->links[port]);
}

static bool is_silent(const struct pair *pair, unsigned port)
{
    return is_linked(pair, port) && pair->links[port].sight == PAIR_SIGHT_SILENT;
}

static unsigned other_of(unsigned port)
{
    return port == PAIR_PRIMARY ? PAIR_TWIN : PAIR_PRIMARY;
}

void pair_init(struct pair *pair, const struct pair_settings *settings, unsigned active, uint64_t now)
{
    *pair = (struct pair){.settings = *settings,
                          .active = active == PAIR_TWIN ? PAIR_TWIN : PAIR_PRIMARY,
                          .works_since = NEVER,
                          .wait_ms = settings->wait_ms,
                          .failback_at = NEVER,
                          .since = now,
                          .reason = PAIR_REASON_NONE};
}

void pair_settings(struct pair *pair, const struct pair_settings *settings)
{
    bool backs_off = pair->wait_ms != pair->settings.wait_ms;
    pair->settings = *settings;
    if (!backs_off || pair->wait_ms < settings->wait_ms)
        pair->wait_ms = settings->wait_ms;
    if (pair->wait_ms > wait_limit(settings))
        pair->wait_ms = wait_limit(settings);
}

/* The primary has been in use, and well, for so long that it is trusted as at first. What happens at this moment is not
 * counted: nothing was wrong until now. */
static void trust_again(struct pair *pair, uint64_t now)
{
    if (pair->active != PAIR_PRIMARY)
        return;
    uint64_t from = pair->works_since > pair->since ? pair->works_since : pair->since;
    if (elapsed(now, from) >= wait_limit(&pair->settings))
        pair->wait_ms = pair->settings.wait_ms;
}

/* Since when the primary works. A late answer is no reason to start anew, and none to start. */
static void watch_primary(struct pair *pair, uint64_t now)
{
    const struct pair_link *link = &pair->links[PAIR_PRIMARY];
    if (!pair_linked(link) || link->sight == PAIR_SIGHT_SILENT)
        pair->works_since = NEVER;
    else if (pair->works_since == NEVER && link->sight != PAIR_SIGHT_LATE)
        pair->works_since = now;
}

static enum pair_reason link_reason(const struct pair_link *link)
{
    if (!link->present)
        return PAIR_REASON_GONE;
    return link->up ? PAIR_REASON_CARRIER : PAIR_REASON_DOWN;
}

/* Why the active port must be left now, whatever the wait. */
static enum pair_reason forced_reason(const struct pair *pair)
{
    unsigned other = other_of(pair->active);
    if (!is_linked(pair, other))
        return PAIR_REASON_NONE;
    if (!is_linked(pair, pair->active))
        return link_reason(&pair->links[pair->active]);
    bool answers = pair->links[other].sight == PAIR_SIGHT_ANSWERS;
    return is_silent(pair, pair->active) && answers ? PAIR_REASON_SILENT : PAIR_REASON_NONE;
}

/* When the primary may be used again, if it goes on as it does. */
static uint64_t failback_due(const struct pair *pair)
{
    bool wanted = pair->active == PAIR_TWIN && pair->settings.failback && !pair->held;
    if (!wanted || pair->works_since == NEVER || pair->links[PAIR_PRIMARY].sight == PAIR_SIGHT_LATE)
        return NEVER;
    return pair->works_since < NEVER - pair->wait_ms ? pair->works_since + pair->wait_ms : NEVER;
}

/* The primary has failed: if it did soon after a failback, the next one waits longer. */
static void back_off(struct pair *pair, uint64_t now)
{
    uint32_t limit = wait_limit(&pair->settings);
    if (pair->failback_at == NEVER || elapsed(now, pair->failback_at) >= limit)
        return;
    uint64_t wait = 2 * (uint64_t)pair->wait_ms;
    if (wait < BACK_OFF_MIN_MS)
        wait = BACK_OFF_MIN_MS;
    pair->wait_ms = wait < limit ? (uint32_t)wait : limit;
}

static enum pair_reason change(struct pair *pair, enum pair_reason reason, uint64_t now)
{
    pair->active = other_of(pair->active);
    pair->held = false;
    pair->since = now;
    pair->changes++;
    pair->reason = reason;
    return reason;
}

enum pair_reason pair_update(struct pair *pair, const struct pair_link links[PAIR_PORTS], uint64_t now)
{
    trust_again(pair, now);
    memcpy(pair->links, links, sizeof pair->links);
    pair->no_port = !is_linked(pair, PAIR_PRIMARY) && !is_linked(pair, PAIR_TWIN);
    watch_primary(pair, now);
    enum pair_reason forced = forced_reason(pair);
    if (forced != PAIR_REASON_NONE) {
        if (pair->active == PAIR_PRIMARY)
            back_off(pair, now);
        pair->failovers++;
        return change(pair, forced, now);
    }
    if (now < failback_due(pair))
        return PAIR_REASON_NONE;
    pair->failback_at = now;
    return change(pair, PAIR_REASON_FAILBACK, now);
}

int pair_command(struct pair *pair, unsigned port, uint64_t now)
{
    if (port >= PAIR_PORTS)
        return -EINVAL;
    if (!is_linked(pair, port))
        return -ENETDOWN;
    if (is_silent(pair, port) && pair->links[other_of(port)].sight == PAIR_SIGHT_ANSWERS &&
        is_linked(pair, other_of(port)))
        return -EHOSTUNREACH;
    if (port != pair->active)
        change(pair, PAIR_REASON_COMMAND, now);
    pair->held = port == PAIR_TWIN;
    return 0;
}

uint64_t pair_due(const struct pair *pair)
{
    return failback_due(pair);
}

bool pair_works(const struct pair *pair, unsigned port)
{
    return port < PAIR_PORTS && is_linked(pair, port) && (!is_silent(pair, port) || is_silent(pair, other_of(port)));
}

unsigned pair_working(const struct pair *pair)
{
    return (pair_works(pair, PAIR_PRIMARY) ? 1u : 0u) + (pair_works(pair, PAIR_TWIN) ? 1u : 0u);
}

const char *pair_reason_name(enum pair_reason reason)
{
    switch (reason) {
    case PAIR_REASON_GONE:
        return "interface gone";
    case PAIR_REASON_DOWN:
        return "set down";
    case PAIR_REASON_CARRIER:
        return "carrier lost";
    case PAIR_REASON_SILENT:
        return "silent";
    case PAIR_REASON_FAILBACK:
        return "failback";
    case PAIR_REASON_COMMAND:
        return "command";
    case PAIR_REASON_NONE:
        break;
    }
    return "none";
}
