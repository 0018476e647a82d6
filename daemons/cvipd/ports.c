/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The service port and its twin (erd(8)): the engine stands on both, the addresses are on the active one at least, and
 * whether that one works the cluster is told. */
#include "cvipd.h"

#include "clock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *name_of(const struct cvipd *cvipd, int port)
{
    return port == PORT_PRIMARY ? cvipd->config->interface : cvipd->config->twin;
}

static bool has_twin(const struct cvipd *cvipd)
{
    return cvipd->config->twin[0] != '\0';
}

const char *cvipd_ports_active(const struct cvipd *cvipd)
{
    return name_of(cvipd, cvipd->pair.active);
}

const char *cvipd_ports_text(const struct cvipd_config *config, char text[CVIPD_PORTS_TEXT])
{
    snprintf(text, CVIPD_PORTS_TEXT, "%s%s%s", config->interface, config->twin[0] != '\0' ? "/" : "", config->twin);
    return text;
}

static void tell_missing(const struct cvipd *cvipd, int port)
{
    log_warning("the port %s is not there: nothing takes over when %s fails; it is used as soon as it is there",
                name_of(cvipd, port), name_of(cvipd, 1 - port));
}

int cvipd_ports_open(struct cvipd *cvipd)
{
    struct port_state states[PORT_PAIR_PORTS];
    char text[CVIPD_PORTS_TEXT];
    cvipd_ports_text(cvipd->config, text);
    int rc =
        port_open(cvipd->loop, cvipd->config->interface, cvipd->config->twin, cvipd_ports_changed, cvipd, &cvipd->port);
    if (rc != 0) {
        log_error("cannot watch the service port %s: %s", text, strerror(-rc));
        return rc;
    }
    port_read(cvipd->port, states);
    port_pair_begin(&cvipd->pair, states);
    if (port_pair_index(&cvipd->pair) == 0) {
        log_error("there is no interface %s: correct interface in %s", text, cvipd->config_path);
        return -ENODEV;
    }
    for (int i = 0; has_twin(cvipd) && i < PORT_PAIR_PORTS; i++)
        if (states[i].index == 0)
            tell_missing(cvipd, i);
    if (!cvipd->pair.up)
        log_warning("the service port %s has no carrier", text);
    ownership_port(cvipd->ownership, cvipd->pair.up, clock_boot_us());
    return 0;
}

static void end(struct cvipd *cvipd)
{
    cvipd->failed = true;
    qb_loop_stop(cvipd->loop);
}

/* A single port has lost the engine and its addresses, even if another one of that name is there at once. */
static bool all_gone(const struct cvipd *cvipd, const struct port_pair *before)
{
    unsigned index = port_pair_index(&cvipd->pair);
    return index == 0 || (!has_twin(cvipd) && index != port_pair_index(before));
}

/* Without the engine this machine answers for everybody: then rather without the addresses, and so without us. */
static void check_engine(struct cvipd *cvipd, int port)
{
    const char *interface = name_of(cvipd, port);
    int rc = engine_check(cvipd->engine, port);
    if (rc == ENGINE_MENDED)
        log_error("the engine was removed from %s, and is there again: nobody but cvipd may remove clsact there",
                  interface);
    else if (rc == ENGINE_NEW)
        log_notice("the port %s is there: the engine is attached to it", interface);
    if (rc >= 0 || rc == -ENODEV)
        return;
    log_error("the engine is not on %s and cannot be attached: %s; ending", interface, strerror(-rc));
    end(cvipd);
}

static void check_addresses(struct cvipd *cvipd)
{
    const char *interface = cvipd_ports_active(cvipd);
    uint64_t suppressed;
    int added = addresses_check(cvipd->addresses);
    if (added > 0)
        log_warning("%d cluster addresses were missing on %s and are there again: nobody but cvipd may remove them",
                    added, interface);
    else if (added < 0 && log_allowed(&cvipd->engine_errors, clock_boot_us() / 1000, &suppressed))
        log_error("a cluster address is missing on %s and cannot be added: %s", interface, strerror(-added));
}

static void check_carrier(struct cvipd *cvipd, const struct port_pair *before)
{
    const struct port_pair *pair = &cvipd->pair;
    char text[CVIPD_PORTS_TEXT];
    cvipd_ports_text(cvipd->config, text);
    if (pair->lost_us != 0 && before->lost_us == 0)
        log_info("the active port %s does not work: waiting until its twin is taken into use",
                 cvipd_ports_active(cvipd));
    if (pair->up == before->up)
        return;
    if (pair->up)
        log_notice("the service port %s has its carrier", text);
    else
        log_error("the service port %s has no carrier: look at the cable and the switch", text);
    ownership_port(cvipd->ownership, pair->up, clock_boot_us());
    cvipd_act(cvipd);
}

/* With the members' own MACs the port's is told; that of the other port may be another one. */
static void use_ports(struct cvipd *cvipd, const struct port_pair *before)
{
    const struct port_pair *pair = &cvipd->pair;
    const struct addresses_ports ports = {.active = port_pair_index(pair),
                                          .other = pair->ports[1 - pair->active].index};
    addresses_use(cvipd->addresses, &ports);
    engine_use(cvipd->engine, pair->active);
    if (pair->active == before->active)
        return;
    log_notice("%s is the active port now", cvipd_ports_active(cvipd));
    if (cvipd->config->mac_kind == ENGINE_MAC_OWN)
        cvipd_announce_again(cvipd);
}

static void check_ports(struct cvipd *cvipd, const struct port_pair *before)
{
    for (int i = 0; i < PORT_PAIR_PORTS; i++)
        if (cvipd->pair.ports[i].index != 0)
            check_engine(cvipd, i);
        else if (before->ports[i].index != 0)
            tell_missing(cvipd, i);
}

void cvipd_ports_changed(void *context)
{
    struct cvipd *cvipd = context;
    struct port_state states[PORT_PAIR_PORTS];
    const struct port_pair before = cvipd->pair;
    char text[CVIPD_PORTS_TEXT];
    port_read(cvipd->port, states);
    port_pair_update(&cvipd->pair, states, clock_boot_us());
    if (all_gone(cvipd, &before)) {
        log_error("the service port %s has been removed, and the engine with it; start cvipd again when it is back",
                  cvipd_ports_text(cvipd->config, text));
        end(cvipd);
        return;
    }
    check_ports(cvipd, &before);
    use_ports(cvipd, &before);
    check_carrier(cvipd, &before);
    check_addresses(cvipd);
    cvipd_connections_moved(cvipd);
    uint64_t wait_us = port_pair_wait_us(&cvipd->pair, clock_boot_us());
    if (wait_us != 0)
        wake_in(&cvipd->port_wake, wait_us);
}
