/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can only be judged when the whole of cvipd.conf is read. */
#include "config.h"

#include "cvipd_config.h"

#include "ownership.h"

#include <string.h>
#include <unistd.h>

/* Without a name we are who the machine says. */
static int find_self(struct cvipd_config *config, const struct conf_line *file, struct conf_error *error)
{
    if (config->name[0] == '\0') {
        if (gethostname(config->name, sizeof config->name - 1) != 0)
            config->name[0] = '\0';
        if (cvipd_config_member_named(config, config->name) == NULL)
            config->name[strcspn(config->name, ".")] = '\0';
    }
    const struct cvipd_member *self = cvipd_config_member_named(config, config->name);
    if (self == NULL)
        return conf_fail(error, file, "there is no member line for this node, \"%s\": add it, or set name",
                         config->name);
    config->self = (size_t)(self - config->members);
    return 0;
}

/* The n-th address of all members is on the n-th LAN. */
static int check_lans(const struct cvipd_config *config, const struct conf_line *file, struct conf_error *error)
{
    const struct cvipd_member *first = &config->members[0];
    for (size_t i = 1; i < config->member_count; i++) {
        const struct cvipd_member *member = &config->members[i];
        if (member->address_count != first->address_count)
            return conf_fail(error, file, "member %s has %zu addresses and member %s has %zu: give one on each LAN",
                             first->name, first->address_count, member->name, member->address_count);
        for (size_t lan = 0; lan < member->address_count; lan++)
            if (member->addresses[lan].family != first->addresses[lan].family)
                return conf_fail(error, file,
                                 "address %zu of members %s and %s is not of one family: the same LAN must stand in "
                                 "the same place on all member lines",
                                 lan + 1, first->name, member->name);
    }
    return 0;
}

static bool is_multicast_or_broadcast(const uint8_t mac[6])
{
    return (mac[0] & 0x01) != 0;
}

static int check_mac(const struct cvipd_config *config, const struct conf_line *file, struct conf_error *error)
{
    static const uint8_t none[6];
    if (config->mac_kind == ENGINE_MAC_OWN) {
        if (config->active != 1 || config->threshold.set)
            return conf_fail(error, file,
                             "with \"mac own\" one master alone can be active: set mode standby, without "
                             "threshold, or a shared MAC");
        return 0;
    }
    if (memcmp(config->shared_mac, none, sizeof none) == 0)
        return conf_fail(error, file, "no mac: give \"mac shared 02:48:41:53:00:64\", or \"mac own\"");
    if (!is_multicast_or_broadcast(config->shared_mac) && (config->shared_mac[0] & 0x02) == 0)
        return conf_fail(error, file,
                         "the shared MAC begins with %02x, so it is some manufacturer's: take one that is locally "
                         "administered, 02:…",
                         config->shared_mac[0]);
    return 0;
}

/* Active masters are fewer than there are, or all: a number that means all hides what happens when one is added. */
static int check_mode(const struct cvipd_config *config, const struct conf_line *file, struct conf_error *error)
{
    if (config->active == 1 || config->active == OWNERSHIP_ALL || config->active < config->member_count)
        return 0;
    return conf_fail(error, file, "mode %d leaves none of %zu members in reserve: say less, or \"mode split\" for all",
                     config->active, config->member_count);
}

bool cvipd_config_syncs_by_service(const struct cvipd_config *config)
{
    return config->sync && (strcmp(config->sync_interface, config->interface) == 0 ||
                            strcmp(config->sync_interface, config->twin) == 0);
}

static bool shares_a_port(const struct cvipd_config *config)
{
    return config->sync_twin[0] != '\0' &&
           (strcmp(config->sync_twin, config->interface) == 0 || strcmp(config->sync_twin, config->twin) == 0);
}

/* A port is in one pair; by whichever port of the service's pair the connections are synchronised, it is that pair. */
static int check_twins(struct cvipd_config *config, const struct conf_line *file, struct conf_error *error)
{
    const char *partner = strcmp(config->sync_interface, config->twin) == 0 ? config->interface : config->twin;
    if (strcmp(config->interface, config->twin) == 0)
        return conf_fail(error, file, "interface %s is its own twin: name the other port", config->twin);
    if (config->sync && strcmp(config->sync_interface, config->sync_twin) == 0)
        return conf_fail(error, file, "sync %s is its own twin: name the other port", config->sync_twin);
    if (!cvipd_config_syncs_by_service(config))
        return !shares_a_port(config)
                   ? 0
                   : conf_fail(error, file, "%s is of the service port's pair and cannot be the twin of sync %s",
                               config->sync_twin, config->sync_interface);
    if (config->sync_twin[0] != '\0' && strcmp(config->sync_twin, partner) != 0)
        return conf_fail(error, file, "sync %s has the twin %s, but its pair is %s and %s: say the same in both lines",
                         config->sync_interface, config->sync_twin, config->interface,
                         config->twin[0] != '\0' ? config->twin : "none");
    memcpy(config->sync_twin, partner, sizeof config->sync_twin);
    return 0;
}

int cvipd_config_check(struct cvipd_config *config, const char *path, struct conf_error *error)
{
    const struct conf_line file = {.path = path};
    if (config->interface[0] == '\0')
        return conf_fail(error, &file, "no interface: name the service port, as \"interface eth0\"");
    if (config->address_count == 0)
        return conf_fail(error, &file, "no address: give at least one cluster virtual IP");
    if (config->member_count == 0)
        return conf_fail(error, &file, "no member: give a line \"member ID NAME ADDRESS…\" for each master node");
    int rc = check_twins(config, &file, error);
    if (rc == 0)
        rc = find_self(config, &file, error);
    if (rc == 0)
        rc = check_lans(config, &file, error);
    if (rc == 0)
        rc = check_mode(config, &file, error);
    return rc == 0 ? check_mac(config, &file, error) : rc;
}
