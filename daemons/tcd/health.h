/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the checks together say about the node: the thesis' load_index_report_flag (3.24.11). Pure. */
#ifndef TCD_HEALTH_H
#define TCD_HEALTH_H

#include "check_state.h"

#include <stddef.h>

#define HEALTH_NODE (-1) /* a check that speaks for the whole node */

struct health_check {
    enum check_status status;
    int service; /* index of the virtual service, or HEALTH_NODE */
};

enum health {
    HEALTH_UNKNOWN, /* a check has not spoken yet: nothing is reported */
    HEALTH_GOOD,    /* the load index is reported */
    HEALTH_BAD,     /* index 0 is reported, then nothing until this changes */
};

/* Bad: a check of the whole node is down, or every virtual service is down. A service is up when all its checks are
 * up; one without checks is up. services_up gets service_count flags. */
enum health health_of(const struct health_check *checks, size_t check_count, bool *services_up, size_t service_count);

#endif
