/* SPDX-License-Identifier: GPL-2.0-or-later */
/* After a daemon that died: it left the addresses and, over them, the engine, which lets nothing in. */
#include "cvipd.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Without its addresses the engine has nothing to let in or not, so what is left of it does no harm. */
static void clean_engine(const struct cvipd_config *config)
{
    int rc = engine_clean(config->interface);
    if (rc != 0 && rc != -ENODEV)
        fprintf(stderr, "cvipd: warning: cannot remove the engine from %s: %s\n", config->interface, strerror(-rc));
}

static void clean_sync(const struct cvipd_config *config)
{
    struct sync_settings settings = {.id = config->sync_id};
    if (!config->sync || config->behind != ENGINE_DISPATCHER)
        return;
    memcpy(settings.interface, config->sync_interface, sizeof settings.interface);
    int rc = sync_clean(&settings);
    if (rc != 0)
        fprintf(stderr, "cvipd: warning: cannot end the IPVS sync daemons: %s\n", strerror(-rc));
}

int cvipd_clean(const struct cvipd_config *config)
{
    int removed = addresses_clean(config->interface, config->addresses, config->address_count);
    if (removed < 0) {
        fprintf(stderr, "cvipd: cannot remove the cluster addresses from %s: %s; the engine stays\n", config->interface,
                strerror(-removed));
        return removed; /* without the engine they would answer */
    }
    if (removed > 0)
        printf("cvipd: %d cluster addresses removed from %s\n", removed, config->interface);
    clean_engine(config);
    clean_sync(config);
    return 0;
}
