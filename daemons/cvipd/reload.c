/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads configuration and keys again. What the engine, the sockets and the other members have agreed on stays until the
 * next start. */
#include "cvipd.h"

#include "clock.h"

#include <string.h>

static void keep(bool differs, const char *keyword)
{
    if (differs)
        log_warning("%s has changed in the file: start cvipd again to use it", keyword);
}

static bool addresses_differ(const struct cvipd_member *a, const struct cvipd_member *b)
{
    for (size_t i = 0; i < a->address_count && i < b->address_count; i++)
        if (!addr_equal(&a->addresses[i], &b->addresses[i]))
            return true;
    return a->address_count != b->address_count;
}

static bool members_differ(const struct cvipd_config *a, const struct cvipd_config *b)
{
    if (a->member_count != b->member_count || a->self != b->self)
        return true;
    for (size_t i = 0; i < a->member_count; i++) {
        const struct cvipd_member *one = &a->members[i];
        const struct cvipd_member *other = &b->members[i];
        if (one->id != other->id || strcmp(one->name, other->name) != 0 || addresses_differ(one, other))
            return true;
    }
    return false;
}

static void tell_what_stays(const struct cvipd_config *old, const struct cvipd_config *config)
{
    keep(cvipd_config_digest(old) != cvipd_config_digest(config),
         "address, mac, hash, seed, behind, heartbeat or dead (the same on all masters)");
    keep(strcmp(old->interface, config->interface) != 0 || strcmp(old->twin, config->twin) != 0, "interface");
    keep(members_differ(old, config), "member or name");
    keep(old->port != config->port, "port");
    keep(old->rejoin_ms != config->rejoin_ms || old->own_s != config->own_s, "rejoin or own");
    keep(old->corosync != config->corosync, "corosync");
    keep(old->sync != config->sync || strcmp(old->sync_interface, config->sync_interface) != 0 ||
             strcmp(old->sync_twin, config->sync_twin) != 0 || old->sync_id != config->sync_id ||
             old->traffic_port != config->traffic_port,
         "sync or traffic_port");
    keep(strcmp(old->user, config->user) != 0, "user");
    keep(strcmp(old->error_log, config->error_log) != 0, "ErrorLog");
}

static void use_keys(struct cvipd *cvipd, struct keyring *ring)
{
    key_forget(&cvipd->ring);
    cvipd->ring = *ring;
    key_forget(ring);
    heartbeat_set_keys(cvipd->heartbeat, &cvipd->ring);
    if (cvipd->cluster != NULL)
        cluster_set_keys(cvipd->cluster, &cvipd->ring);
}

/* Each member tells the others its own weight. */
static void use_weight(struct cvipd *cvipd, const struct cvipd_config *config)
{
    uint8_t *weight = &cvipd->config->members[cvipd->config->self].weight;
    const struct cvipd_member *now = cvipd_config_member(config, cvipd->config->members[cvipd->config->self].id);
    if (now == NULL || now->weight == *weight)
        return;
    *weight = now->weight;
    ownership_set_weight(cvipd->ownership, now->weight, clock_boot_us());
}

/* More than one active master must wait for the MAC that it needs. */
static void use_mode(struct cvipd *cvipd, const struct cvipd_config *config)
{
    struct cvipd_config *old = cvipd->config;
    if (old->mac_kind == ENGINE_MAC_OWN && (config->active != 1 || config->threshold.set)) {
        log_warning("mode and threshold wait for the new mac: start cvipd again to use them");
        return;
    }
    old->threshold = config->threshold;
    redundancy_init(&cvipd->redundancy, &old->threshold);
    if (config->active == old->active)
        return;
    old->active = config->active;
    ownership_set_active(cvipd->ownership, config->active, clock_boot_us());
}

static void use_config(struct cvipd *cvipd, struct cvipd_config *config)
{
    struct cvipd_config *old = cvipd->config;
    tell_what_stays(old, config);
    memcpy(old->metrics, config->metrics, sizeof old->metrics);
    memcpy(old->manager, config->manager, sizeof old->manager);
    memcpy(old->keys, config->keys, sizeof old->keys);
    cvipd->manager = (struct watch){0};
    use_mode(cvipd, config);
    use_weight(cvipd, config);
    cvipd_config_free(config);
    cvipd_apply_aside(cvipd);
}

void cvipd_reload(struct cvipd *cvipd)
{
    struct cvipd_config *config;
    struct keyring ring;
    struct conf_error error = {""};
    (void)log_reopen();
    int rc = cvipd_config_load(cvipd->config_path, &config, &error);
    if (rc == 0) {
        rc = key_load(config->keys, &ring, &error);
        if (rc != 0)
            cvipd_config_free(config);
    }
    if (rc != 0) {
        log_error("%s", error.text);
        log_error("the new configuration is refused; the old one stays in force");
        return;
    }
    use_keys(cvipd, &ring);
    use_config(cvipd, config);
    log_notice("configuration %s read again", cvipd->config_path);
}
