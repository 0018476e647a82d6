/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sysctl.h"

#include "log.h"
#include "procsys.h"

#include <stddef.h>
#include <string.h>

struct setting {
    const char *name;
    const char *value;
    const char *without; /* what happens without it */
};

/* docs/sysctl.md has the measurements behind these. */
static const struct setting settings[] = {
    {"net/ipv4/vs/expire_nodest_conn", "1",
     "clients of a removed server hang instead of being reset or sent to another server"},
    {"net/ipv4/vs/expire_quiescent_template", "1", "clients of a persistent service stay with a drained server"},
    {"net/ipv4/vs/conn_reuse_mode", "2",
     "a client port that is used again stays with its old server whatever the weights say"},
};

static int prepare_one(const char *root, const struct setting *setting)
{
    char before[PROCSYS_VALUE_MAX];
    int result = procsys_read(root, setting->name, before);

    if (result == 0 && strcmp(before, setting->value) == 0) {
        return 0;
    }
    if (result == 0) {
        result = procsys_write(root, setting->name, setting->value);
    }
    if (result != 0) {
        log_warning("cannot set %s/%s to %s: %s; without it %s", root, setting->name, setting->value, strerror(-result),
                    setting->without);
    } else {
        log_notice("set %s/%s to %s (it was %s)", root, setting->name, setting->value, before);
    }
    return result;
}

int sysctl_prepare(const char *root)
{
    int failed = 0;

    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        failed += prepare_one(root, &settings[i]) != 0;
    }
    return failed;
}
