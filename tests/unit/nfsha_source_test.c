/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Servers as they are written. */
#include "unit.h"

#include "source.h"

#include <errno.h>

static void lists_are_parsed(void **state)
{
    struct source source;
    struct conf_error error = {""};
    char text[SOURCE_TEXT_MAX];
    (void)state;

    assert_int_equal(source_parse("master-a,master-b:/mnt/CommonNFS", &source, &error), 0);
    assert_int_equal(source.count, 2);
    assert_string_equal(source.servers[0].name, "master-a");
    assert_string_equal(source.servers[1].name, "master-b");
    assert_string_equal(source.path, "/mnt/CommonNFS");
    assert_string_equal(source_format(&source, text), "master-a,master-b:/mnt/CommonNFS");

    assert_int_equal(source_parse("[fd00::1],10.0.0.2,s_3.example.:/", &source, &error), 0);
    assert_int_equal(source.count, 3);
    assert_string_equal(source.servers[0].name, "fd00::1");
    assert_string_equal(source_format(&source, text), "[fd00::1],10.0.0.2,s_3.example.:/");

    assert_int_equal(source_parse("s1:/a,b c", &source, &error), 0);
    assert_int_equal(source.count, 1);
    assert_string_equal(source.path, "/a,b c");
    assert_int_equal(source_parse("1,2,3,4,5,6,7,8:/x", &source, &error), 0);
    assert_int_equal(source.count, SOURCE_SERVERS_MAX);
}

static void wrong_lists_say_why(void **state)
{
    static const struct {
        const char *text, *why;
    } wrong[] = {
        {"", "\":/path\""},
        {"s1,s2", "\":/path\""},
        {"s1,s2/path", "\":/path\""},
        {"s1,s2:path", "slash"},
        {"s1,s2:", "slash"},
        {":/path", "missing"},
        {"s1,:/path", "missing"},
        {",s1:/path", "missing"},
        {"s1,,s2:/path", "missing"},
        {"master-a, master-b:/path", "space"},
        {"s1 ,s2:/path", "space"},
        {"s1,s2 :/path", "space"},
        {"s1:/path,s2:/path", "written once"},
        {"fd00::1,fd00::2:/path", "brackets"},
        {"[fd00::1:/path", "\":/path\""},
        {"[fd00::1]s:/path", "no name"},
        {"[10.0.0.1]:/path", "IPv6"},
        {"[fe80::1%eth0],s2:/path", "IPv6"},
        {"-s1,s2:/path", "no name"},
        {"s1,s2@x:/path", "no name"},
        {"s1,s2:/pa\nth", "control"},
        {"1,2,3,4,5,6,7,8,9:/x", "more than 8"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct source source;
        struct conf_error error = {""};
        assert_int_equal(source_parse(wrong[i].text, &source, &error), -EINVAL);
        if (strstr(error.text, wrong[i].why) == NULL)
            fail_msg("\"%s\": \"%s\" lacks \"%s\"", wrong[i].text, error.text, wrong[i].why);
    }
}

static void long_parts_are_refused(void **state)
{
    char text[SOURCE_NAME_MAX + SOURCE_PATH_MAX + 8];
    struct source source;
    struct conf_error error;
    (void)state;

    memset(text, 'a', SOURCE_NAME_MAX);
    memcpy(text + SOURCE_NAME_MAX, ":/x", 4);
    assert_int_equal(source_parse(text, &source, &error), -EINVAL);
    assert_int_equal(source_parse(text + 1, &source, &error), 0);
    memset(text, 'a', sizeof(text));
    text[1] = ':';
    text[2] = '/';
    text[2 + SOURCE_PATH_MAX] = '\0';
    assert_int_equal(source_parse(text, &source, &error), -EINVAL);
    text[2 + SOURCE_PATH_MAX - 1] = '\0';
    assert_int_equal(source_parse(text, &source, &error), 0);
}

static void a_list_is_recognised(void **state)
{
    (void)state;
    assert_true(source_is_list("s1,s2:/x"));
    assert_true(source_is_list("master-a, master-b:/x"));
    assert_true(source_is_list("[fd00::1],[fd00::2]:/x"));
    assert_true(source_is_list("s1,s2"));
    assert_false(source_is_list("s1:/x"));
    assert_false(source_is_list("s1:/x,y"));
    assert_false(source_is_list("[fd00::1]:/x,y"));
    assert_false(source_is_list(""));
}

static void addresses_are_found(void **state)
{
    struct source source;
    struct conf_error error = {""};
    struct addr address;
    (void)state;

    assert_int_equal(source_parse("127.0.0.1,[fd00::1]:/x", &source, &error), 0);
    assert_int_equal(source_resolve(&source, &error), 0);
    assert_int_equal(addr_parse("127.0.0.1", &address), 0);
    assert_true(addr_equal(&source.servers[0].address, &address));
    assert_int_equal(addr_parse("fd00::1", &address), 0);
    assert_true(addr_equal(&source.servers[1].address, &address));
    assert_int_equal(source_parse("127.0.0.1,127.0.0.2,127.0.0.1:/x", &source, &error), 0);
    assert_int_equal(source_resolve(&source, &error), -EINVAL);
    assert_non_null(strstr(error.text, "are one server"));
    assert_int_equal(source_parse("127.0.0.1,no-such-host.invalid:/x", &source, &error), 0);
    assert_true(source_resolve(&source, &error) < 0);
    assert_non_null(strstr(error.text, "no-such-host.invalid"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_is_recognised), cmocka_unit_test(addresses_are_found),
        cmocka_unit_test(lists_are_parsed),     cmocka_unit_test(long_parts_are_refused),
        cmocka_unit_test(wrong_lists_say_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
