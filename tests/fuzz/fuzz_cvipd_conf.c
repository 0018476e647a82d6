/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reader of cvipd.conf: what it takes is within its bounds. */
#include "cvipd_config.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use(const struct cvipd_config *config)
{
    if (config->address_count == 0 || config->address_count > ENGINE_ADDRESSES_MAX || config->active == 0 ||
        config->interface[0] == '\0' || config->heartbeat_ms < 10 || config->dead < 2 || config->port < 1024 ||
        config->member_count == 0 || config->member_count > WIRE_MEMBERS_MAX || config->self >= config->member_count)
        abort();
    for (size_t i = 0; i < config->member_count; i++) {
        const struct cvipd_member *member = &config->members[i];
        if (member->address_count == 0 || member->address_count > HEARTBEAT_LANS_MAX ||
            cvipd_config_member(config, member->id) != member ||
            cvipd_config_member_named(config, member->name) != member)
            abort();
    }
    if (config->threshold.set && config->threshold.down >= config->threshold.up)
        abort();
    (void)cvipd_config_digest(config);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cvipd_config *config = NULL;
    struct conf_error error = {""};
    int result = cvipd_config_load_text("fuzz", (const char *)data, size, &config, &error);
    if ((result == 0) != (config != NULL) || (result != 0 && error.text[0] == '\0'))
        abort();
    if (config != NULL)
        use(config);
    cvipd_config_free(config);
    return 0;
}
