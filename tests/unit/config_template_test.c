/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The template language, and what its names stand for in the CIB. */
#include "config_test.h"

#include "render.h"
#include "render_cib.h"
#include "template.h"

#include <errno.h>

static const char *const items[] = {"one", "two words", "it's"};

static long count(void *context, const char *list)
{
    (void)context;
    return strcmp(list, "items") == 0 ? 3 : strcmp(list, "nothing") == 0 ? 0 : -1;
}

static void choose(void *context, const char *list, size_t item)
{
    (void)list;
    *(size_t *)context = item;
}

static int condition(void *context, const char *name)
{
    if (strcmp(name, "first") == 0)
        return *(size_t *)context == 0;
    return strcmp(name, "yes") == 0 ? 1 : -1;
}

static bool value(void *context, const char *name, FILE *out)
{
    if (strcmp(name, "item") != 0)
        return false;
    template_quote(items[*(size_t *)context], out);
    return true;
}

/* Prints the template; the caller frees the text. *result: of template_print. */
static char *printed(const char *template, int *result, struct problems *problems)
{
    size_t current = 0;
    const struct template_data data = {&current, count, choose, condition, value};
    char *text;
    size_t length;
    FILE *out = open_memstream(&text, &length);

    assert_non_null(out);
    problems_init(problems, "template");
    *result = template_print(template, &data, out, problems);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void test_right(void **state)
{
    static const struct {
        const char *template;
        const char *text;
    } cases[] = {
        {"", ""},
        {"a\n\nb", "a\n\nb\n"},
        {"%# gone\nkept\n", "kept\n"},
        {"[@item@]@\n", "[one]@\n"},
        {"a@b @ @B@\n", "a@b @ @B@\n"},
        {"%for items\n<@item@>\n%end\n", "<one>\n<'two words'>\n<'it'\"'\"'s'>\n"},
        {"%for nothing\nx\n%end\ny\n", "y\n"},
        {"%if yes\na\n%else\nb\n%end\n", "a\n"},
        {"%if not yes\na\n%else\nb\n%end\n", "b\n"},
        {"%if not yes\na\n%end\nc\n", "c\n"},
        {"%for items\n%if first\n@item@\n%else\n-\n%end\n%end\n", "one\n-\n-\n"},
        {"  %if yes\n  a\n  %end\n", "  a\n"},
        {"%percent\n", "%percent\n"},
    };
    struct problems *problems = calloc(1, sizeof(*problems));
    int result;

    (void)state;
    assert_non_null(problems);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char *text = printed(cases[i].template, &result, problems);

        assert_int_equal(result, 0);
        assert_string_equal(text, cases[i].text);
        free(text);
    }
    free(problems);
}

static void test_wrong(void **state)
{
    static const struct {
        const char *template;
        const char *says;
    } cases[] = {
        {"a\n@thing@\n", "template:2: template: there is no value \"thing\""},
        {"%for things\n%end\n", "template:1: template: there is no list \"things\""},
        {"%if maybe\n%end\n", "template:1: template: there is no condition \"maybe\""},
        {"%if yes\na\n", "template:1: template: no %end for \"%if yes\""},
        {"a\n%end\n", "template:2: template: nothing is open at \"%end\""},
        {"%else\n", "nothing is open at"},
    };
    struct problems *problems = calloc(1, sizeof(*problems));
    int result;

    (void)state;
    assert_non_null(problems);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char *text = printed(cases[i].template, &result, problems);

        assert_int_equal(result, -EINVAL);
        assert_non_null(strstr(problems->texts[0], cases[i].says));
        free(text);
    }
    free(problems);
}

static char *cib(const char *conf, enum cib_tool tool)
{
    struct config_test *test = config_test_load(conf);
    const char *source = getenv("srcdir");
    char directory[256];
    char *text;
    size_t length;
    FILE *out = open_memstream(&text, &length);

    assert_int_equal(test->result, 0);
    assert_non_null(out);
    snprintf(directory, sizeof(directory), "%s/cib", source ? source : ".");
    if (render_cib(&test->model, tool, directory, out, &test->problems) != 0)
        fail_msg("%s", test->problems.texts[0]);
    assert_int_equal(fclose(out), 0);
    config_test_free(test);
    return text;
}

static void test_cib_templates_are_complete(void **state)
{
    char *crm = cib(SMALL, CIB_CRM);
    char *pcs = cib(SMALL, CIB_PCS);

    (void)state;
    assert_memory_equal(crm, RENDER_NOTICE "\n", strlen(RENDER_NOTICE) + 1);
    assert_memory_equal(pcs, RENDER_NOTICE "\n", strlen(RENDER_NOTICE) + 1);
    assert_non_null(strstr(crm, "stonith-enabled=false"));
    assert_null(strstr(crm, "fence-"));
    assert_non_null(strstr(crm, "\nprimitive cvip ocf:has:cvip \\\n"));
    assert_null(strstr(crm, "IPaddr2"));
    assert_non_null(strstr(crm, "params server=10.1.0.12 reconnect_interval=15s"));
    /* tcd waits 30 s for its connections, so Pacemaker waits longer */
    assert_non_null(strstr(crm, "op stop timeout=60s interval=0s \\\n"));
    free(crm);
    free(pcs);
}

static void test_cib_by_ipaddr2(void **state)
{
    char *crm = cib(SMALL "redundancy { address = ipaddr2 }\n", CIB_CRM);

    (void)state;
    assert_non_null(strstr(crm, "\nprimitive cvip-main-1 ocf:heartbeat:IPaddr2 \\\n"
                                "    params ip=10.1.0.100 cidr_netmask=32 nic=eth0 \\\n"));
    assert_null(strstr(crm, "ocf:has:cvip"));
    assert_null(strstr(crm, "alert"));
    free(crm);
}

static void test_cib_without_templates(void **state)
{
    struct config_test *test = config_test_load(SMALL);

    (void)state;
    assert_int_equal(render_cib(&test->model, CIB_CRM, "/nonexistent", stderr, &test->problems), -ENOENT);
    assert_true(config_test_says(test, "--templates DIR says where the templates are"));
    config_test_free(test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_right),
        cmocka_unit_test(test_wrong),
        cmocka_unit_test(test_cib_templates_are_complete),
        cmocka_unit_test(test_cib_by_ipaddr2),
        cmocka_unit_test(test_cib_without_templates),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
