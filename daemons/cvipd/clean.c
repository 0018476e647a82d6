/* SPDX-License-Identifier: GPL-2.0-or-later */
/* After a daemon that died: it left the addresses and, over them, the engine, which lets nothing in. */
#include "cvipd.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

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
    int rc = engine_clean(config->interface);
    if (rc != 0 && rc != -ENODEV)
        fprintf(stderr, "cvipd: cannot remove the engine from %s: %s\n", config->interface, strerror(-rc));
    if (!config->sync || config->behind != ENGINE_DISPATCHER)
        return rc == -ENODEV ? 0 : rc;
    int sync = sync_clean();
    if (sync != 0)
        fprintf(stderr, "cvipd: cannot end the IPVS sync daemons: %s\n", strerror(-sync));
    return rc != 0 && rc != -ENODEV ? rc : sync;
}
