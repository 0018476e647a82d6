/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reader of tcd.conf, and what a good configuration is used for at once: the requests of its checks. */
#include "http_message.h"
#include "tcd_config.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use(const struct tcd_config *config)
{
    char request[HTTP_REQUEST_MAX];
    char reason[64];
    if (config->master_count == 0 || config->updates_ms < 20 || config->updates_ms > 60000 || config->port < 1024)
        abort();
    for (size_t i = 0; i < config->check_count; i++) {
        const struct check_config *check = &config->checks[i];
        if (check->timing.interval_ms < 20 || check->timing.timeout_ms < 10 || check->timing.fall == 0 ||
            check->timing.rise == 0 || check->service >= (int)config->service_count)
            abort();
        size_t length = http_request(check, true, request);
        if (length != strlen(request) || memcmp(request + length - 4, "\r\n\r\n", 4) != 0)
            abort();
        if (!check->has_match) /* any regular expression may be as slow as it likes */
            (void)http_judge(check, request, length, reason, sizeof(reason));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tcd_config *config = NULL;
    struct conf_error error = {""};
    int result = tcd_config_load_text("fuzz", (const char *)data, size, &config, &error);
    if ((result == 0) != (config != NULL) || (result != 0 && error.text[0] == '\0'))
        abort();
    if (config)
        use(config);
    tcd_config_free(config);
    return 0;
}
