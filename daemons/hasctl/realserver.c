/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "realserver.h"

#include "link.h"
#include "procsys.h"
#include "realserver_arp.h"
#include "realserver_state.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Not in HAS_RUNDIR: that belongs to the user of the daemons, and root must not follow what lies there. */
#define STATE_DIRECTORY HAS_RUNDIR "-realserver"
#define STATE_PATH STATE_DIRECTORY "/realserver.state"
#define PLACES_MAX 16 /* interfaces that may have one address */
#define REASON_MAX 256

/* Exit statuses, as OCF names them. */
enum { SUCCESS = 0, GENERIC = 1, ARGUMENTS = 2, PERMISSION = 4, INSTALLED = 5, CONFIGURED = 6, NOT_RUNNING = 7 };

struct realserver {
    const char *interface_name;
    size_t count;
    struct addr addresses[REALSERVER_ADDRESSES_MAX];
    struct link_socket *links;
    struct link_interface interface;
    struct realserver_state state;
};

/* Says why, and returns the status. */
__attribute__((format(printf, 2, 3))) static int fail(int status, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    return status;
}

static int status_of(int error)
{
    if (error == -EPERM || error == -EACCES) {
        return PERMISSION;
    }
    return error == -EOPNOTSUPP ? INSTALLED : GENERIC;
}

static unsigned full_length(const struct addr *address)
{
    return address->family == AF_INET ? 32 : 128;
}

static bool has_ipv4(const struct realserver *r)
{
    bool found = false;

    for (size_t i = 0; i < r->count; i++) {
        found = found || r->addresses[i].family == AF_INET;
    }
    return found;
}

/* 1 if our interface has the address as it must be, 0 if not, and a negative errno. */
static int is_there(const struct realserver *r, const struct addr *address)
{
    struct link_address places[PLACES_MAX];
    int count = link_address_find(r->links, address, places, PLACES_MAX);

    for (int i = 0; i < count && i < PLACES_MAX; i++) {
        if (places[i].interface == r->interface.index && places[i].prefix_length == full_length(address)) {
            return 1;
        }
    }
    return count < 0 ? count : 0;
}

/* Refuses an address that would make the node answer for it on a LAN, or take a whole network for its own. */
static int check_place(const struct realserver *r, const struct addr *address)
{
    struct link_address places[PLACES_MAX];
    int count = link_address_find(r->links, address, places, PLACES_MAX);
    char text[ADDR_TEXT_MAX];

    addr_format(address, text);
    for (int i = 0; i < count && i < PLACES_MAX; i++) {
        struct link_interface interface;

        if (link_by_index(r->links, places[i].interface, &interface) != 0) {
            continue; /* gone meanwhile */
        }
        if (!interface.loopback && !interface.dummy) {
            return fail(GENERIC,
                        "%s is an address of %s, which is on a LAN: this node would answer for the master; "
                        "remove it there",
                        text, interface.name);
        }
        if (places[i].prefix_length != full_length(address)) {
            return fail(GENERIC, "%s is on %s with prefix length %u, must be %u: remove it there", text, interface.name,
                        places[i].prefix_length, full_length(address));
        }
    }
    return count < 0 ? fail(status_of(count), "cannot read the addresses: %s", strerror(-count)) : SUCCESS;
}

/* Finds the interface, or makes a dummy device of that name. */
static int prepare_interface(struct realserver *r)
{
    int result = link_by_name(r->links, r->interface_name, &r->interface);

    if (result == -ENODEV) {
        result = link_dummy_create(r->links, r->interface_name);
        if (result != 0) {
            return fail(status_of(result), "there is no interface %s and no dummy device can be made: %s",
                        r->interface_name, strerror(-result));
        }
        snprintf(r->state.device, sizeof(r->state.device), "%s", r->interface_name);
        result = link_by_name(r->links, r->interface_name, &r->interface);
    }
    if (result != 0) {
        return fail(status_of(result), "interface %s: %s", r->interface_name, strerror(-result));
    }
    if (!r->interface.loopback && !r->interface.dummy) {
        return fail(CONFIGURED, "%s is neither loopback nor a dummy device: the node would answer for the master",
                    r->interface_name);
    }
    return SUCCESS;
}

/* Remembers first and changes then, so that a crash in between can be undone. */
static int set_up(struct realserver *r)
{
    int result = 0;

    if (has_ipv4(r) && r->state.arp_before.ignore < 0) {
        result = realserver_arp_remember(PROCSYS_ROOT, &r->state.arp_before);
    }
    for (size_t i = 0; result == 0 && i < r->count; i++) {
        result = realserver_state_add(&r->state, &r->addresses[i]);
    }
    if (result == 0) {
        result = realserver_state_save(STATE_PATH, &r->state);
    }
    if (result != 0) {
        return fail(status_of(result), "cannot write %s: %s", STATE_PATH, strerror(-result));
    }
    if (has_ipv4(r)) {
        result = realserver_arp_set(PROCSYS_ROOT);
    }
    if (result != 0) {
        return fail(status_of(result), "cannot set net.ipv4.conf.all.arp_ignore and arp_announce: %s",
                    strerror(-result));
    }
    if (!r->interface.up) {
        result = link_set_up(r->links, r->interface.index);
    }
    return result == 0 ? SUCCESS
                       : fail(status_of(result), "cannot set %s up: %s", r->interface_name, strerror(-result));
}

static int start(struct realserver *r)
{
    int status = SUCCESS;

    for (size_t i = 0; status == SUCCESS && i < r->count; i++) {
        status = check_place(r, &r->addresses[i]);
    }
    if (status == SUCCESS) {
        status = prepare_interface(r);
    }
    /* The ARP settings stand before the first address, so that no request for it is ever answered. */
    if (status == SUCCESS) {
        status = set_up(r);
    }
    for (size_t i = 0; status == SUCCESS && i < r->count; i++) {
        int result = link_address_add(r->links, r->interface.index, &r->addresses[i]);
        char text[ADDR_TEXT_MAX];

        if (result != 0 && result != -EEXIST) {
            status = fail(status_of(result), "cannot add %s to %s: %s", addr_format(&r->addresses[i], text),
                          r->interface_name, strerror(-result));
        }
    }
    return status;
}

/* After the last address: everything as it was before the first. */
static int restore(struct realserver *r)
{
    struct link_interface device;
    int result = 0;

    if (r->state.arp_before.ignore >= 0) {
        result = realserver_arp_restore(PROCSYS_ROOT, &r->state.arp_before);
    }
    if (result != 0) {
        return fail(status_of(result), "cannot set back the ARP settings: %s", strerror(-result));
    }
    if (r->state.device[0] != '\0' && link_by_name(r->links, r->state.device, &device) == 0 && device.dummy) {
        result = link_delete(r->links, device.index);
    }
    return result == 0 ? SUCCESS : fail(status_of(result), "cannot delete %s: %s", r->state.device, strerror(-result));
}

static int remove_address(struct realserver *r, const struct addr *address)
{
    int result = is_there(r, address);
    char text[ADDR_TEXT_MAX];

    if (result == 1) {
        result = link_address_remove(r->links, r->interface.index, address, full_length(address));
    }
    if (result != 0 && result != -EADDRNOTAVAIL) {
        return fail(status_of(result), "cannot remove %s from %s: %s", addr_format(address, text), r->interface_name,
                    strerror(-result));
    }
    realserver_state_remove(&r->state, address);
    return SUCCESS;
}

static int stop(struct realserver *r)
{
    bool ours = r->state.address_count > 0;
    int status = SUCCESS;
    int result = link_by_name(r->links, r->interface_name, &r->interface);

    if (result != 0 && result != -ENODEV) {
        return fail(status_of(result), "interface %s: %s", r->interface_name, strerror(-result));
    }
    for (size_t i = 0; i < r->count; i++) {
        int one = remove_address(r, &r->addresses[i]);

        status = status == SUCCESS ? one : status;
    }
    if (status == SUCCESS && ours && r->state.address_count == 0) {
        status = restore(r);
    }
    result = realserver_state_save(STATE_PATH, &r->state);
    return result == 0 ? status : fail(status_of(result), "cannot write %s: %s", STATE_PATH, strerror(-result));
}

static int monitor(struct realserver *r)
{
    char reason[REASON_MAX];
    char text[ADDR_TEXT_MAX] = "";
    size_t there = 0;

    if (link_by_name(r->links, r->interface_name, &r->interface) != 0) {
        return fail(NOT_RUNNING, "there is no interface %s", r->interface_name);
    }
    for (size_t i = 0; i < r->count; i++) {
        int result = is_there(r, &r->addresses[i]);

        if (result < 0) {
            return fail(status_of(result), "cannot read the addresses: %s", strerror(-result));
        }
        there += result == 1;
        if (result == 0) {
            addr_format(&r->addresses[i], text);
        }
    }
    if (there == 0) {
        return fail(NOT_RUNNING, "no address is on %s", r->interface_name);
    }
    if (there < r->count) {
        return fail(GENERIC, "%s is missing on %s: somebody removed it", text, r->interface_name);
    }
    if (!r->interface.up) {
        return fail(GENERIC, "%s is down", r->interface_name);
    }
    if (has_ipv4(r) && !realserver_arp_is_set(PROCSYS_ROOT, reason, sizeof(reason))) {
        return fail(GENERIC, "%s", reason);
    }
    return SUCCESS;
}

static int read_options(struct realserver *r, int argc, char **argv)
{
    static const struct option options[] = {
        {"address", required_argument, NULL, 'a'}, {"interface", required_argument, NULL, 'i'}, {NULL, 0, NULL, 0}};
    int option;

    optind = 0; /* hasctl has read its own options before */
    while ((option = getopt_long(argc, argv, "a:i:", options, NULL)) != -1) {
        if (option == 'i' && strlen(optarg) < IF_NAMESIZE && *optarg != '\0') {
            r->interface_name = optarg;
        } else if (option == 'a' && r->count < REALSERVER_ADDRESSES_MAX) {
            if (addr_parse(optarg, &r->addresses[r->count++]) != 0) {
                return fail(CONFIGURED, "%s is no IPv4 or IPv6 address", optarg);
            }
        } else {
            return option == '?' ? ARGUMENTS : fail(CONFIGURED, "%s cannot be used", optarg);
        }
    }
    if (optind < argc || r->count == 0) {
        return fail(ARGUMENTS, "usage: hasctl realserver start|stop|monitor --address ADDRESS [--address ADDRESS...] "
                               "[--interface lo]");
    }
    return SUCCESS;
}

static int change(struct realserver *r, int (*action)(struct realserver *))
{
    int lock = realserver_state_lock(STATE_DIRECTORY);
    int status;

    if (lock < 0) {
        return fail(status_of(lock), "cannot lock %s/realserver.lock: %s", STATE_DIRECTORY, strerror(-lock));
    }
    /* A damaged file must not keep the addresses from being added and removed. */
    if (realserver_state_load(STATE_PATH, &r->state) != 0) {
        fprintf(stderr, "%s is ignored: the ARP settings will not be set back\n", STATE_PATH);
    }
    status = action(r);
    close(lock);
    return status;
}

int realserver_main(int argc, char **argv)
{
    struct realserver r = {.interface_name = "lo"};
    const char *action = argc > 1 ? argv[1] : "";
    int status = argc > 1 ? read_options(&r, argc - 1, argv + 1) : ARGUMENTS;
    int result;

    if (status != SUCCESS) {
        return status;
    }
    result = link_open(&r.links);
    if (result != 0) {
        return fail(status_of(result), "cannot open rtnetlink: %s", strerror(-result));
    }
    if (strcmp(action, "start") == 0) {
        status = change(&r, start);
    } else if (strcmp(action, "stop") == 0) {
        status = change(&r, stop);
    } else if (strcmp(action, "monitor") == 0) {
        status = monitor(&r);
    } else {
        status = fail(ARGUMENTS, "unknown action \"%s\": start, stop or monitor", action);
    }
    link_close(r.links);
    return status;
}
