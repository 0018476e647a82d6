/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nfshad.h"

#include "clock.h"
#include "reference.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How often the kernel's transports are looked at: others may move them, or new ones may have come. */
#define LOOK_US UINT64_C(2000000)
#define METRICS_US UINT64_C(1000000)

static void look(void *context)
{
    struct nfshad *nfshad = context;
    struct transport_list list;
    if (transport_read(nfshad->transports, &list) != 0)
        return;
    for (size_t i = 0; i < nfshad->group_count; i++) {
        nfshad_act_look(nfshad->groups[i], &list);
        nfshad_act_hold(nfshad->groups[i], &list);
    }
}

static void write_metrics(void *context)
{
    nfshad_metrics_write(context);
}

/* The kernel says that something was mounted or unmounted: proc(5). */
static int32_t on_mountinfo(int32_t fd, int32_t revents, void *context)
{
    (void)fd;
    (void)revents;
    nfshad_groups_read(context);
    return 0;
}

static int open_mountinfo(struct nfshad *nfshad)
{
    nfshad->mountinfo = open(MOUNTINFO_PATH, O_RDONLY | O_CLOEXEC);
    if (nfshad->mountinfo < 0)
        return -errno;
    return qb_loop_poll_add(nfshad->loop, QB_LOOP_MED, nfshad->mountinfo, POLLPRI, nfshad, on_mountinfo);
}

int nfshad_open(struct nfshad *nfshad, const char *config_path, const struct nfshad_config *config)
{
    struct transport_list list;
    *nfshad = (struct nfshad){.config_path = config_path,
                              .config = *config,
                              .transports = TRANSPORT_DIRECTORY,
                              .registry = REGISTRY_DIRECTORY,
                              .exports = REFERENCE_DIRECTORY,
                              .mounts = MOUNTINFO_PATH,
                              .mountinfo = -1,
                              .started_ms = clock_ms()};
    nfshad->look.fd = nfshad->metrics.fd = -1;
    /* Root's: other daemons run as our user, and must not write notes of mounts. Without them only a restart knows
     * less. */
    (void)mkdir("/run/nfs-ha", 0755);
    (void)mkdir(nfshad->exports, 0700);
    nfshad->loop = qb_loop_create();
    if (nfshad->loop == NULL)
        return -ENOMEM;
    if (transport_read(nfshad->transports, &list) == -ENOENT)
        log_warning(
            "%s is not there: load the module sunrpc, or use Linux 5.14 or later; until then nothing can be moved",
            nfshad->transports);
    return 0;
}

int nfshad_start(struct nfshad *nfshad, const char *control)
{
    int rc = worker_open(nfshad->loop, &nfshad->worker);
    nfshad->writers = move_writers_open();
    if (nfshad->writers == NULL)
        rc = -ENOMEM;
    if (rc == 0)
        rc = open_mountinfo(nfshad);
    if (rc == 0)
        rc = wake_open(&nfshad->look, nfshad->loop, QB_LOOP_LOW, look, nfshad);
    if (rc == 0)
        rc = wake_open(&nfshad->metrics, nfshad->loop, QB_LOOP_LOW, write_metrics, nfshad);
    if (rc != 0) {
        log_error("cannot watch the mounts: %s", strerror(-rc));
        return rc;
    }
    rc = ctl_server_open(control, nfshad->loop, nfshad_control, nfshad, &nfshad->control);
    if (rc != 0) {
        log_error("cannot offer the control service %s: %s", control, strerror(-rc));
        return rc;
    }
    nfshad_groups_read(nfshad);
    look(nfshad);
    wake_each(&nfshad->look, LOOK_US);
    if (nfshad->config.metrics[0] != '\0')
        wake_each(&nfshad->metrics, METRICS_US);
    return 0;
}

void nfshad_close(struct nfshad *nfshad)
{
    if (nfshad->control != NULL)
        ctl_server_close(nfshad->control);
    worker_close(nfshad->worker);
    move_writers_close(nfshad->writers);
    if (nfshad->loop != NULL) {
        nfshad_groups_close(nfshad);
        wake_close(&nfshad->look);
        wake_close(&nfshad->metrics);
    }
    if (nfshad->mountinfo >= 0) {
        (void)qb_loop_poll_del(nfshad->loop, nfshad->mountinfo);
        close(nfshad->mountinfo);
    }
    if (nfshad->loop != NULL)
        qb_loop_destroy(nfshad->loop);
}

void nfshad_reload(struct nfshad *nfshad)
{
    struct nfshad_config config;
    struct conf_error error = {""};
    if (nfshad_config_load(nfshad->config_path, &config, &error) != 0) {
        log_error("%s; going on with the settings from before", error.text);
    } else {
        if (config.remount && !nfshad->config.remount)
            log_warning("remount: start nfshad again for that, it has given the right to mount away");
        config.remount = config.remount && nfshad->config.remount;
        nfshad->config = config;
        if (config.metrics[0] != '\0')
            wake_each(&nfshad->metrics, METRICS_US);
        else
            wake_never(&nfshad->metrics);
    }
    nfshad_groups_read(nfshad);
    look(nfshad);
}
