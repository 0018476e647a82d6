/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of has.conf share: a small right configuration, changed in one place. */
#ifndef HAS_CONFIG_TEST_H
#define HAS_CONFIG_TEST_H

#include "unit.h"

#include "load.h"

#define SMALL_NETWORKS                                                                                                 \
    "cluster { name = \"web\" fencing = off }\n"                                                                       \
    "network \"lan1\" { ipv4 = \"10.1.0.0/24\" ipv6 = \"fd00:1::/64\" interface = \"eth0\" }\n"                        \
    "network \"lan2\" { ipv4 = \"10.2.0.0/24\" interface = \"eth1\" }\n"
#define SMALL_MASTERS                                                                                                  \
    "master \"m1\" { addresses = { \"10.1.0.1\", \"10.2.0.1\" } }\n"                                                   \
    "master \"m2\" { addresses = { \"10.1.0.2\", \"10.2.0.2\" } }\n"
#define SMALL_TRAFFIC                                                                                                  \
    "traffic \"t1\" { addresses = { \"10.1.0.11\", \"fd00:1::11\" } }\n"                                               \
    "traffic \"t2\" { addresses = { \"10.2.0.12\", \"10.1.0.12\" } role = standby }\n"
#define SMALL_CVIP "cvip \"main\" { addresses = { \"10.1.0.100\" } }\n"
#define SMALL_SERVICE                                                                                                  \
    "service \"web\" {\n"                                                                                              \
    "    cvip = \"main\"\n"                                                                                            \
    "    port = 80\n"                                                                                                  \
    "    check { kind = http path = \"/\" }\n"                                                                         \
    "}\n"
#define SMALL SMALL_NETWORKS SMALL_MASTERS SMALL_TRAFFIC SMALL_CVIP SMALL_SERVICE

/* A configuration that is read anew for a test; large, so not on the stack. */
struct config_test {
    struct model model;
    struct problems problems;
    int result;
};

static inline struct config_test *config_test_load(const char *text)
{
    struct config_test *test = calloc(1, sizeof(*test));

    assert_non_null(test);
    problems_init(&test->problems, "has.conf");
    test->result = load_text(text, &test->model, &test->problems);
    return test;
}

static inline void config_test_free(struct config_test *test)
{
    model_free(&test->model);
    free(test);
}

/* Whether one of the problems has that text in it. */
static inline int config_test_says(const struct config_test *test, const char *text)
{
    for (size_t i = 0; i < test->problems.kept; i++)
        if (strstr(test->problems.texts[i], text))
            return 1;
    if (test->problems.kept > 0)
        print_message("said instead: %s\n", test->problems.texts[0]);
    return 0;
}

#endif
