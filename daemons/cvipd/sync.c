/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sync.h"

#include "ipvs_sync.h"
#include "log.h"
#include "procsys.h"
#include "sync_message.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* The sender keeps a message for up to 2 s until it is full: a small one is full with its first connection. */
#define SEND_BYTES 64

/* A connection is sent with its first packet once established, then at most each refresh period; "0 1" without a
 * period would send it with every packet. An unknown segment must not make a new connection: sloppy_tcp off. */
static const struct setting {
    const char *name, *value;
} settings_wanted[] = {
    {"net/ipv4/vs/sync_refresh_period", "10"}, /* s; before the threshold, for the reason above */
    {"net/ipv4/vs/sync_threshold", "0\t1"},
    {"net/ipv4/vs/sync_ports", "1"},           /* the one that inject.c sends to; counts when the first daemon starts */
    {"net/ipv4/vs/sync_sock_size", "4194304"}, /* bytes; the kernel takes up to twice net.core.rmem_max */
    {"net/ipv4/vs/sloppy_tcp", "0"},
    {"net/ipv4/vs/backup_only", "0"},
};
#define SETTINGS (sizeof settings_wanted / sizeof settings_wanted[0])

struct sync {
    struct ipvs *ipvs;
    struct ipvs_sync_daemon ours[2];
    unsigned interface; /* index */
    struct ipvs_sync_daemon before[2];
    size_t before_count;
    char values[SETTINGS][PROCSYS_VALUE_MAX]; /* empty: not changed */
};

static void change_settings(struct sync *sync)
{
    for (size_t i = 0; i < SETTINGS; i++) {
        char value[PROCSYS_VALUE_MAX];
        int rc = procsys_read(PROCSYS_ROOT, settings_wanted[i].name, value);
        if (rc == 0 && strcmp(value, settings_wanted[i].value) != 0) {
            rc = procsys_write(PROCSYS_ROOT, settings_wanted[i].name, settings_wanted[i].value);
            if (rc == 0)
                memcpy(sync->values[i], value, sizeof value);
        }
        if (rc != 0)
            log_warning("cannot set %s to %s: %s", settings_wanted[i].name, settings_wanted[i].value, strerror(-rc));
    }
}

static void restore_settings(const struct sync *sync)
{
    for (size_t i = SETTINGS; i-- > 0;) {
        int rc = sync->values[i][0] != '\0' ? procsys_write(PROCSYS_ROOT, settings_wanted[i].name, sync->values[i]) : 0;
        if (rc != 0)
            log_warning("cannot put %s back to %s: %s", settings_wanted[i].name, sync->values[i], strerror(-rc));
    }
}

/* A backup daemon reads no more than its length of a message: it must take what inject.c sends. */
static bool is_as_wanted(const struct ipvs_sync_daemon *running, const struct ipvs_sync_daemon *wanted)
{
    bool fits =
        wanted->role == IPVS_SYNC_BACKUP ? running->maxlen >= SYNC_MESSAGE_MAX : running->maxlen == wanted->maxlen;
    return fits && running->id == wanted->id && strcmp(running->interface, wanted->interface) == 0;
}

/* A daemon of that role with other settings makes room, and is put back at the end. */
static int start(struct sync *sync, const struct ipvs_sync_daemon *daemon)
{
    struct ipvs_sync_daemon running[2];
    int count = ipvs_sync_read(sync->ipvs, running);
    for (int i = 0; i < count; i++) {
        if (running[i].role != daemon->role)
            continue;
        if (is_as_wanted(&running[i], daemon))
            return 0;
        log_notice("the IPVS sync daemon on %s (id %u) makes room for ours until we end", running[i].interface,
                   running[i].id);
        sync->before[sync->before_count++] = running[i];
        int rc = ipvs_sync_stop(sync->ipvs, &running[i]);
        if (rc != 0)
            return rc;
    }
    return count < 0 ? count : ipvs_sync_start(sync->ipvs, daemon);
}

int sync_open(const struct sync_settings *settings, struct sync **out)
{
    unsigned interface = if_nametoindex(settings->interface);
    if (interface == 0)
        return -ENODEV;
    struct sync *sync = calloc(1, sizeof *sync);
    if (sync == NULL)
        return -ENOMEM;
    sync->interface = interface;
    sync->ours[0] = (struct ipvs_sync_daemon){.role = IPVS_SYNC_BACKUP, .id = settings->id};
    sync->ours[1] = (struct ipvs_sync_daemon){.role = IPVS_SYNC_MASTER, .id = settings->id, .maxlen = SEND_BYTES};
    memcpy(sync->ours[0].interface, settings->interface, IF_NAMESIZE);
    memcpy(sync->ours[1].interface, settings->interface, IF_NAMESIZE);
    int rc = ipvs_open(&sync->ipvs);
    if (rc == 0) {
        change_settings(sync);
        rc = start(sync, &sync->ours[0]);
    }
    if (rc == 0)
        rc = start(sync, &sync->ours[1]);
    if (rc != 0) {
        sync_close(sync);
        return rc;
    }
    *out = sync;
    return 0;
}

int sync_move(struct sync *sync, const char *interface)
{
    unsigned index = if_nametoindex(interface);
    if (index == 0)
        return -ENODEV;
    int rc = 0;
    for (size_t i = 0; i < 2; i++)
        (void)ipvs_sync_stop(sync->ipvs, &sync->ours[i]); /* -ESRCH: somebody stopped it */
    sync->interface = index;
    for (size_t i = 0; rc == 0 && i < 2; i++) {
        memset(sync->ours[i].interface, 0, IF_NAMESIZE);
        strncpy(sync->ours[i].interface, interface, IF_NAMESIZE - 1);
        rc = ipvs_sync_start(sync->ipvs, &sync->ours[i]);
    }
    return rc;
}

bool sync_is_well(const struct sync *sync)
{
    struct ipvs_sync_daemon running[2];
    int well = 0, count = ipvs_sync_read(sync->ipvs, running);
    if (count < 0)
        return true; /* not known */
    for (int i = 0; i < count; i++)
        well += is_as_wanted(&running[i], &sync->ours[running[i].role == IPVS_SYNC_MASTER]);
    return well == 2 && if_nametoindex(sync->ours[0].interface) == sync->interface;
}

void sync_close(struct sync *sync)
{
    if (sync->ipvs != NULL) {
        for (size_t i = 0; i < 2; i++)
            (void)ipvs_sync_stop(sync->ipvs, &sync->ours[i]); /* -ESRCH: somebody stopped it */
        for (size_t i = 0; i < sync->before_count; i++) {
            int rc = ipvs_sync_start(sync->ipvs, &sync->before[i]);
            if (rc != 0)
                log_warning("cannot put the IPVS sync daemon on %s back: %s", sync->before[i].interface, strerror(-rc));
        }
        restore_settings(sync);
        ipvs_close(sync->ipvs);
    }
    free(sync);
}

int sync_clean(const struct sync_settings *settings)
{
    struct ipvs *ipvs;
    struct ipvs_sync_daemon running[2];
    int rc = ipvs_open(&ipvs);
    if (rc != 0)
        return rc == -ENOENT ? 0 : rc;
    int count = ipvs_sync_read(ipvs, running);
    rc = count < 0 ? count : 0;
    for (int i = 0; i < count; i++) {
        bool ours = running[i].id == settings->id && strcmp(running[i].interface, settings->interface) == 0;
        int stopped = ours ? ipvs_sync_stop(ipvs, &running[i]) : 0;
        if (stopped != 0 && stopped != -ESRCH) /* it has ended meanwhile */
            rc = stopped;
    }
    ipvs_close(ipvs);
    return rc;
}
