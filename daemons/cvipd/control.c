/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The control service "has-cvipd": what hasctl shows and orders. docs/control.md describes the objects. */
#include "config.h"

#include "cvipd.h"

#include "clock.h"

#include <errno.h>
#include <string.h>

static json_t *done(void)
{
    return json_pack("{s:b}", "ok", 1);
}

static json_t *ping(struct cvipd *cvipd, const json_t *request)
{
    (void)request;
    return json_pack("{s:b, s:s, s:s, s:I}", "ok", 1, "daemon", "cvipd", "version", PACKAGE_VERSION, "uptime_ms",
                     (json_int_t)((clock_boot_us() - cvipd->started_us) / 1000));
}

static json_t *status(struct cvipd *cvipd, const json_t *request)
{
    (void)request;
    return cvipd_view_status(cvipd);
}

static json_t *owners(struct cvipd *cvipd, const json_t *request)
{
    (void)request;
    return cvipd_view_owners(cvipd);
}

/* Whether anybody else could take what we have. */
static bool others_are_ready(const struct cvipd *cvipd)
{
    struct ownership_member_view members[WIRE_MEMBERS_MAX];
    size_t count = ownership_members(cvipd->ownership, clock_boot_us(), members, WIRE_MEMBERS_MAX);
    for (size_t i = 0; i < count; i++) {
        const struct ownership_member_view *member = &members[i];
        if (member->id != cvipd->config->members[cvipd->config->self].id && member->linked && member->ready &&
            member->port_up && !member->aside)
            return true;
    }
    return false;
}

static json_t *switchover(struct cvipd *cvipd, const json_t *request)
{
    bool end = json_is_true(json_object_get(request, "end"));
    if (!end && !others_are_ready(cvipd))
        return ctl_error("no other master is ready to take over; see: hasctl cvip");
    if (end && !cvipd->aside)
        return ctl_error("no switchover is in force on this master");
    cvipd->aside = !end;
    log_notice("switchover: %s", end ? "ended by the administrator; we take our share again"
                                     : "ordered by the administrator; the others take what is ours");
    cvipd_apply_aside(cvipd);
    return done();
}

static json_t *redundancy(struct cvipd *cvipd, const json_t *request)
{
    const json_t *value = json_object_get(request, "active");
    json_int_t active = json_integer_value(value);
    if (value == NULL) {
        struct ownership_view view;
        ownership_view(cvipd->ownership, clock_boot_us(), &view);
        return json_pack("{s:b, s:i, s:s, s:i, s:i}", "ok", 1, "active", (int)view.active, "mode",
                         cvipd_mode_name(view.active), "configured", (int)cvipd->config->active, "members",
                         (int)cvipd->config->member_count);
    }
    if (!json_is_integer(value) || active < 1 || (active > WIRE_MEMBERS_MAX && active != OWNERSHIP_ALL))
        return ctl_error("active is a number of masters from 1 to %d, or %d for all", WIRE_MEMBERS_MAX, OWNERSHIP_ALL);
    if (active != 1 && active != OWNERSHIP_ALL && (size_t)active >= cvipd->config->member_count)
        return ctl_error("n+m %d leaves none of %zu masters in reserve: say less, or n-way for all", (int)active,
                         cvipd->config->member_count);
    if (active != 1 && cvipd->config->mac_kind == ENGINE_MAC_OWN)
        return ctl_error("with \"mac own\" one master alone can be active; a shared MAC is needed for more");
    log_notice("redundancy: %s, by the administrator", cvipd_mode_name((uint8_t)active));
    ownership_set_active(cvipd->ownership, (uint8_t)active, clock_boot_us());
    cvipd_act(cvipd);
    return done();
}

static json_t *fenced(struct cvipd *cvipd, const json_t *request)
{
    const char *name = json_string_value(json_object_get(request, "node"));
    if (name == NULL)
        return ctl_error("which node? Give its name");
    switch (cvipd_fenced(cvipd, name)) {
    case 0:
        return done();
    case -EBUSY:
        return ctl_error("%s is still heard: not taken as off", name);
    default:
        return ctl_error("no other master \"%s\"; see: hasctl cvip", name);
    }
}

json_t *cvipd_control(void *context, const char *command, const json_t *request)
{
    static const struct {
        const char *name;
        json_t *(*answer)(struct cvipd *cvipd, const json_t *request);
    } commands[] = {
        {"ping", ping},
        {"status", status},
        {"owners", owners},
        {"switchover", switchover},
        {"redundancy", redundancy},
        {"fenced", fenced},
    };
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (strcmp(command, commands[i].name) == 0)
            return commands[i].answer(context, request);
    return ctl_error("unknown command \"%s\"", command);
}
