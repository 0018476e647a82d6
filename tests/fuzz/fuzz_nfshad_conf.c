/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reader of nfshad.conf: what it takes is within its bounds. */
#include "nfshad_config.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void use(const struct nfshad_config *config)
{
    require(config->user[0] != '\0' && memchr(config->user, '\0', sizeof config->user) != NULL);
    require(config->error_log[0] != '\0' && memchr(config->error_log, '\0', sizeof config->error_log) != NULL);
    require(config->metrics[0] == '\0' || config->metrics[0] == '/');
    require(config->interval_ms >= 10 && config->interval_ms <= 60000);
    require(config->timeout_ms >= 10 && config->timeout_ms <= 60000);
    require(config->fall >= 1 && config->fall <= 100 && config->rise >= 1 && config->rise <= 100);
    require(config->compare_s >= 1 && config->compare_s <= 3600 && config->return_s <= 86400);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct nfshad_config config;
    struct conf_error error = {""};
    if (nfshad_config_load_text("fuzz", (const char *)data, size, &config, &error) == 0)
        use(&config);
    else
        require(error.text[0] != '\0');
    return 0;
}
