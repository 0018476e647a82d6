/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "health.h"

static enum check_status worse(enum check_status a, enum check_status b)
{
    if (a == CHECK_DOWN || b == CHECK_DOWN)
        return CHECK_DOWN;
    return a == CHECK_UNKNOWN || b == CHECK_UNKNOWN ? CHECK_UNKNOWN : CHECK_UP;
}

static enum check_status status_of(const struct health_check *checks, size_t count, int service)
{
    enum check_status status = CHECK_UP;
    for (size_t i = 0; i < count; i++)
        if (checks[i].service == service)
            status = worse(status, checks[i].status);
    return status;
}

enum health health_of(const struct health_check *checks, size_t check_count, bool *services_up, size_t service_count)
{
    size_t up = 0;
    size_t unknown = 0;
    for (size_t i = 0; i < service_count; i++) {
        enum check_status status = status_of(checks, check_count, (int)i);
        services_up[i] = status == CHECK_UP;
        up += status == CHECK_UP;
        unknown += status == CHECK_UNKNOWN;
    }
    enum check_status node = status_of(checks, check_count, HEALTH_NODE);
    if (node == CHECK_DOWN)
        return HEALTH_BAD;
    if (node == CHECK_UNKNOWN)
        return HEALTH_UNKNOWN;
    if (service_count == 0 || up > 0)
        return HEALTH_GOOD;
    return unknown > 0 ? HEALTH_UNKNOWN : HEALTH_BAD;
}
