/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reader of erd.conf: what it takes is within its bounds. */
#include "erd_config.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

/* Whether a port of that name is in one of the first pairs. */
static bool is_in(const struct erd_config *config, size_t pairs, const char *name)
{
    for (size_t i = 0; i < pairs; i++)
        if (strcmp(config->pairs[i].names[PAIR_PRIMARY], name) == 0 ||
            strcmp(config->pairs[i].names[PAIR_TWIN], name) == 0)
            return true;
    return false;
}

static void use_pair(const struct erd_config *config, size_t index)
{
    const struct erd_pair_config *pair = &config->pairs[index];
    for (unsigned i = 0; i < PAIR_PORTS; i++) {
        require(memchr(pair->names[i], '\0', IF_NAMESIZE) != NULL && pair->names[i][0] != '\0');
        require(strpbrk(pair->names[i], "/: \t") == NULL && !is_in(config, index, pair->names[i]));
    }
    require(strcmp(pair->names[PAIR_PRIMARY], pair->names[PAIR_TWIN]) != 0);
    require(pair->probe_ms == 0 || (pair->probe_ms >= 10 && pair->probe_ms <= 60000));
    require(pair->missed >= 1 && pair->missed <= 100);
    require(pair->target_count <= ERD_TARGETS_MAX);
    for (size_t i = 0; i < pair->target_count; i++)
        require(pair->targets[i].family == AF_INET || pair->targets[i].family == AF_INET6);
    require(pair->failback.wait_ms <= pair->failback.wait_max_ms && pair->failback.wait_max_ms <= 86400000);
    require(pair->announce_count >= 1 && pair->announce_count <= 60);
    require(pair->announce_ms >= 10 && pair->announce_ms <= 10000);
}

static void load(const uint8_t *data, size_t size, char *const ports[PAIR_PORTS])
{
    struct erd_config *config = NULL;
    struct conf_error error = {""};
    int result = erd_config_load_text("fuzz", (const char *)data, size, ports, &config, &error);
    require((result == 0) == (config != NULL) && (result == 0 || error.text[0] != '\0'));
    if (config == NULL)
        return;
    require(config->pair_count >= 1 && config->pair_count <= ERD_PAIRS_MAX);
    require(config->user[0] != '\0' && config->error_log[0] != '\0');
    require(config->poll_ms == 0 || (config->poll_ms >= 10 && config->poll_ms <= 60000));
    for (size_t i = 0; i < config->pair_count; i++)
        use_pair(config, i);
    erd_config_free(config);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char primary[] = "lan0", twin[] = "lan1";
    char *const ports[PAIR_PORTS] = {primary, twin};
    load(data, size, NULL);
    load(data, size, ports);
    return 0;
}
