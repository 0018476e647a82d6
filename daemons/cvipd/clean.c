/* SPDX-License-Identifier: GPL-2.0-or-later */
/* After a daemon that died: it left the addresses and, over them, the engine, which lets nothing in. */
#include "cvipd.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Without its addresses the engine has nothing to let in or not, so what is left of it does no harm. */
static void clean_engine(const char *interface)
{
    int rc = engine_clean(interface);
    if (rc != 0 && rc != -ENODEV)
        fprintf(stderr, "cvipd: warning: cannot remove the engine from %s: %s\n", interface, strerror(-rc));
}

static void clean_sync(const struct cvipd_config *config, const char interface[IF_NAMESIZE])
{
    struct sync_settings settings = {.id = config->sync_id};
    if (!config->sync || config->behind != ENGINE_DISPATCHER || interface[0] == '\0')
        return;
    memcpy(settings.interface, interface, sizeof settings.interface);
    int rc = sync_clean(&settings);
    if (rc != 0)
        fprintf(stderr, "cvipd: warning: cannot end the IPVS sync daemons: %s\n", strerror(-rc));
}

static int clean_addresses(const struct cvipd_config *config, const char *interface)
{
    int removed = addresses_clean(interface, config->addresses, config->address_count);
    if (removed < 0)
        fprintf(stderr, "cvipd: cannot remove the cluster addresses from %s: %s; the engine stays\n", interface,
                strerror(-removed));
    else if (removed > 0)
        printf("cvipd: %d cluster addresses removed from %s\n", removed, interface);
    return removed < 0 ? removed : 0;
}

int cvipd_clean(const struct cvipd_config *config)
{
    int rc = clean_addresses(config, config->interface);
    int twin_rc = config->twin[0] == '\0' ? 0 : clean_addresses(config, config->twin);
    if (rc != 0 || twin_rc != 0)
        return rc != 0 ? rc : twin_rc; /* without the engine they would answer */
    clean_engine(config->interface);
    if (config->twin[0] != '\0')
        clean_engine(config->twin);
    clean_sync(config, config->sync_interface);
    clean_sync(config, config->sync_twin);
    return 0;
}
