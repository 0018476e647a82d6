/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "remount.h"

#include <errno.h>
#include <linux/mount.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const char *value_of(const struct remount_options *options, const char *key)
{
    for (size_t i = 0; i < options->count; i++)
        if (strcmp(options->options[i].key, key) == 0)
            return options->options[i].value;
    return NULL;
}

static void the_kernel_gets_its_own_options(void **state)
{
    (void)state;
    struct remount_options options;
    assert_int_equal(remount_options("ro,hard,timeo=50,_netdev,x-systemd.automount,nosuid,vers=4.2,bg,retry=3,relatime,"
                                     "remount,replicas=10.1.0.1+10.1.0.2",
                                     &options),
                     0);
    assert_int_equal(options.count, 3);
    assert_string_equal(value_of(&options, "ro"), "");
    assert_string_equal(value_of(&options, "hard"), "");
    assert_string_equal(value_of(&options, "timeo"), "50");
    assert_int_equal(options.attributes, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID);
}

static void no_options_are_none(void **state)
{
    (void)state;
    struct remount_options options;
    assert_int_equal(remount_options("", &options), 0);
    assert_int_equal(options.count, 0);
    assert_int_equal(remount_options(",,rw,", &options), 0);
    assert_int_equal(options.count, 0);
    assert_int_equal(options.attributes, 0);
}

static void too_much_is_refused(void **state)
{
    (void)state;
    struct remount_options options;
    char text[1024];
    memset(text, 'a', sizeof text);
    text[300] = '\0';
    assert_int_equal(remount_options(text, &options), -E2BIG);
    for (size_t i = 0; i < 200; i += 2)
        memcpy(&text[i], "b,", 2);
    text[200] = '\0';
    assert_int_equal(remount_options(text, &options), -E2BIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_kernel_gets_its_own_options),
                                       cmocka_unit_test(no_options_are_none), cmocka_unit_test(too_much_is_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
