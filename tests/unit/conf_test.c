/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "conf.h"

#include <errno.h>

/* What the grammar below understood, as text: "[keyword|value|value]". */
struct seen {
    char text[8192];
};

static int note(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct seen *seen = context;
    size_t used = strlen(seen->text);

    (void)error;
    for (int i = 0; i < line->count; i++)
        used +=
            (size_t)snprintf(seen->text + used, sizeof(seen->text) - used, "%c%s", i == 0 ? '[' : '|', line->words[i]);
    snprintf(seen->text + used, sizeof(seen->text) - used, "]");
    return 0;
}

static int note_bare(void *context, const struct conf_line *line, struct conf_error *error)
{
    strcat(((struct seen *)context)->text, "bare");
    return note(context, line, error);
}

static int refuse(void *context, const struct conf_line *line, struct conf_error *error)
{
    (void)context;
    return conf_fail(error, line, "%s is never right", line->words[1]);
}

static int refuse_silently(void *context, const struct conf_line *line, struct conf_error *error)
{
    (void)context;
    (void)line;
    (void)error;
    return -ERANGE;
}

static const struct conf_keyword keywords[] = {
    {"master#", 1, 8, note},  {"port", 1, 1, note},
    {"ErrorLog", 1, 1, note}, {"words", 0, CONF_WORDS_MAX, note},
    {"wrong", 1, 1, refuse},  {"silent", 0, 0, refuse_silently},
    {"pair", 2, 3, note},     {NULL, 0, 0, NULL},
};
static const struct conf_grammar grammar = {keywords, note_bare};
static const struct conf_grammar grammar_without_bare = {keywords, NULL};

static int read_bytes(const void *text, size_t length, struct seen *seen, struct conf_error *error)
{
    /* a copy of exactly this length, so that the sanitizers see a byte read too far */
    char *copy = malloc(length > 0 ? length : 1);
    int result;

    assert_non_null(copy);
    memcpy(copy, text, length);
    seen->text[0] = '\0';
    result = conf_read_text("x.conf", copy, length, &grammar, seen, error);
    free(copy);
    return result;
}

static void expect(const char *text, const char *wanted)
{
    struct seen seen;
    struct conf_error error;

    if (read_bytes(text, strlen(text), &seen, &error) != 0)
        fail_msg("%s", error.text);
    assert_string_equal(seen.text, wanted);
    assert_string_equal(error.text, "");
}

static void expect_error(const char *text, const char *message)
{
    struct seen seen;
    struct conf_error error;

    assert_int_equal(read_bytes(text, strlen(text), &seen, &error), -EINVAL);
    if (strncmp(error.text, message, strlen(message)) != 0)
        fail_msg("\"%s\" instead of \"%s\"", error.text, message);
}

static void lines_become_words(void **state)
{
    (void)state;
    expect("", "");
    expect("\n\n  \t\n# a comment\n   # another\n", "");
    expect("master1 10.1.0.1\nmaster2\t10.1.0.2\t \n", "[master1|10.1.0.1][master2|10.1.0.2]");
    expect("  PORT 5500   # the thesis' range", "[PORT|5500]");
    expect("errorlog /var/log/x#y", "[errorlog|/var/log/x#y]");
    expect("10.1.0.15\nfd00:1::15 name=t5\n", "bare[10.1.0.15]bare[fd00:1::15|name=t5]");
    expect("words \xc3\xa4", "[words|\xc3\xa4]");
}

static void ends_of_lines_may_differ(void **state)
{
    (void)state;
    expect("port 1\r\nport 2\r\n", "[port|1][port|2]");
    expect("port 1\nport 2", "[port|1][port|2]");
    expect("port 1\r\nport 2\r", "[port|1][port|2]");
    expect("\r\n\r\nport 3", "[port|3]");
}

static void quoting_follows_its_rules(void **state)
{
    (void)state;
    expect("words \"a b\" c", "[words|a b|c]");
    expect("words \"\" \"# no comment\" # comment", "[words||# no comment]");
    expect("words \"say \\\"x\\\" \\\\ done\"", "[words|say \"x\" \\ done]");
    expect("words match=\"it works\" next", "[words|match=it works|next]");
    expect("words match=\"^HTTP\\.ok\\d\"", "[words|match=^HTTP\\.ok\\d]");
    expect("words \\plain\\", "[words|\\plain\\]");
    expect("\"port\" 1", "[port|1]");
    expect("words \"a\"\t\"b\"\r\n", "[words|a|b]");
}

static void wrong_quoting_names_its_line(void **state)
{
    (void)state;
    expect_error("\nwords \"open\n", "x.conf:2: the closing quote is missing");
    expect_error("words \"", "x.conf:1: the closing quote is missing");
    expect_error("words \"a\\\"", "x.conf:1: the closing quote is missing");
    expect_error("words \"a\"b", "x.conf:1: a blank is missing behind the closing quote");
    expect_error("words \"\" \"#no comment\"#comment", "x.conf:1: a blank is missing behind the closing quote");
    expect_error("words a\"b\"", "x.conf:1: a quote inside a word");
    expect_error("words x=\"a\"\"b\"", "x.conf:1: a blank is missing behind the closing quote");
}

static void unknown_keywords_are_errors(void **state)
{
    struct seen seen = {""};
    struct conf_error error;

    (void)state;
    expect_error("port 1\nprot 2\n", "x.conf:2: unknown keyword \"prot\"; known are: master# port ErrorLog");
    expect_error("master 10.1.0.1", "x.conf:1: unknown keyword \"master\"");
    expect_error("master1x 10.1.0.1", "x.conf:1: unknown keyword \"master1x\"");
    expect_error("port1 5", "x.conf:1: unknown keyword \"port1\"");
    expect_error("10.1.0.256", "x.conf:1: unknown keyword \"10.1.0.256\"");
    assert_int_equal(conf_read_text("x.conf", "10.1.0.5", 8, &grammar_without_bare, &seen, &error), -EINVAL);
}

static void values_are_counted(void **state)
{
    (void)state;
    expect("words", "[words]");
    expect("pair a b\npair a b c", "[pair|a|b][pair|a|b|c]");
    expect_error("port", "x.conf:1: port needs 1 value, 0 given");
    expect_error("port 1 2", "x.conf:1: port takes 1 value, 2 given");
    expect_error("pair 1", "x.conf:1: pair needs at least 2 values, 1 given");
    expect_error("pair 1 2 3 4", "x.conf:1: pair takes at most 3 values, 4 given");
}

static void too_many_words_are_refused(void **state)
{
    char text[256] = "words";
    struct seen seen;
    struct conf_error error;

    (void)state;
    for (int i = 1; i < CONF_WORDS_MAX; i++)
        strcat(text, " x");
    assert_int_equal(read_bytes(text, strlen(text), &seen, &error), 0);
    strcat(text, " # but a comment may follow");
    assert_int_equal(read_bytes(text, strlen(text), &seen, &error), 0);
    strcpy(strchr(text, '#'), "y");
    expect_error(text, "x.conf:1: more than 32 words on a line");
}

static void long_lines_are_refused(void **state)
{
    char text[5000];
    struct seen seen;
    struct conf_error error;

    (void)state;
    memset(text, 'x', sizeof(text));
    memcpy(text, "words ", 6);
    assert_int_equal(read_bytes(text, 4095, &seen, &error), 0);
    assert_int_equal(strlen(seen.text), 4095 + 2);
    assert_int_equal(read_bytes(text, 4096, &seen, &error), -EINVAL);
    assert_string_equal(error.text, "x.conf:1: the line is longer than 4095 bytes");
    text[4095] = '\n';
    text[2] = '\n';
    assert_int_equal(read_bytes(text, sizeof(text), &seen, &error), -EINVAL);
}

static void bytes_that_no_text_has_are_refused(void **state)
{
    struct seen seen;
    struct conf_error error;

    (void)state;
    assert_int_equal(read_bytes("port 1\nport\0 2\n", 15, &seen, &error), -EINVAL);
    assert_string_equal(error.text, "x.conf:2: a NUL byte; this is no text file");
    assert_int_equal(read_bytes("", 1, &seen, &error), -EINVAL);
    expect_error("port 1\n# \x1b[31m\n", "x.conf:2: a control character (0x1b)");
    expect_error("port\r 1\n", "x.conf:1: a control character (0x0d)");
    expect_error("port 1\x7f", "x.conf:1: a control character (0x7f)");
}

static void refusals_of_apply_are_passed_on(void **state)
{
    (void)state;
    expect_error("wrong way", "x.conf:1: way is never right");
    expect_error("\nsilent", "x.conf:2: \"silent\" is not accepted");
}

static void long_messages_are_cut(void **state)
{
    char text[4000];
    struct seen seen;
    struct conf_error error;

    (void)state;
    memset(text, 'x', sizeof(text));
    memcpy(text, "wrong ", 6);
    assert_int_equal(read_bytes(text, sizeof(text), &seen, &error), -EINVAL);
    assert_int_equal(strlen(error.text), CONF_ERROR_MAX - 1);
}

static struct conf_line line_of(char *const *words, int count)
{
    struct conf_line line = {.path = "x.conf", .number = 3, .count = count};

    memcpy(line.words, words, (size_t)count * sizeof(char *));
    return line;
}

static void numbers_are_whole_and_in_range(void **state)
{
    static char *const words[] = {"port", "5500", "1023", "65536", "5500x", "", "+1", " 7", "99999999999999999999",
                                  "-5",   "1e3",  "0x10"};
    struct conf_line line = line_of(words, 12);
    struct conf_error error = {""};
    long value = 42;

    (void)state;
    assert_int_equal(conf_number(&line, 1, 1024, 65535, &value, &error), 0);
    assert_int_equal(value, 5500);
    for (int i = 2; i < 12; i++) {
        assert_int_equal(conf_number(&line, i, 1024, 65535, &value, &error), -EINVAL);
        assert_int_equal(value, 5500);
    }
    assert_string_equal(error.text, "x.conf:3: port must be a whole number from 1024 to 65535, not \"0x10\"");
    assert_int_equal(conf_number(&line, 12, 1, 2, &value, &error), -EINVAL);
    assert_string_equal(error.text, "x.conf:3: port: value 12 is missing");
    assert_int_equal(conf_number(&line, 9, -10, 0, &value, &error), 0);
    assert_int_equal(value, -5);
    assert_int_equal(conf_option_number(&line, "rise", "3", 1, 10, &value, &error), 0);
    assert_int_equal(value, 3);
    assert_int_equal(conf_option_number(&line, "rise", "0", 1, 10, &value, &error), -EINVAL);
    assert_string_equal(error.text, "x.conf:3: rise must be a whole number from 1 to 10, not \"0\"");
}

static void other_values_are_checked(void **state)
{
    static char *const words[] = {"key", "10.1.0.1", "YES", "off", "maybe", "Pressure", "abc", "dad"};
    static const char *const choices[] = {"rr", "has", "pressure", NULL};
    struct conf_line line = line_of(words, 8);
    struct conf_error error = {""};
    struct addr a = {0};
    bool yes = false;
    int choice = -1;
    char text[4] = "old";

    (void)state;
    assert_int_equal(conf_address(&line, 1, &a, &error), 0);
    assert_int_equal(a.family, AF_INET);
    assert_int_equal(conf_address(&line, 2, &a, &error), -EINVAL);
    assert_string_equal(error.text, "x.conf:3: \"YES\" is not an IPv4 or IPv6 address in numbers");
    assert_int_equal(conf_boolean(&line, 2, &yes, &error), 0);
    assert_true(yes);
    assert_int_equal(conf_boolean(&line, 3, &yes, &error), 0);
    assert_false(yes);
    assert_int_equal(conf_boolean(&line, 4, &yes, &error), -EINVAL);
    assert_string_equal(error.text, "x.conf:3: key must be one of no, yes, off, on, not \"maybe\"");
    assert_int_equal(conf_choice(&line, 5, choices, &choice, &error), 0);
    assert_int_equal(choice, 2);
    assert_int_equal(conf_string(&line, 5, text, sizeof(text), &error), -EINVAL);
    assert_string_equal(text, "old");
    assert_int_equal(conf_string(&line, 6, text, sizeof(text), &error), 0);
    assert_string_equal(text, "abc");
    assert_int_equal(conf_string(&line, 8, text, sizeof(text), &error), -EINVAL);
    assert_int_equal(conf_address(&line, 8, &a, &error), -EINVAL);
    assert_int_equal(conf_choice(&line, 8, choices, &choice, &error), -EINVAL);
}

static void options_are_name_and_value(void **state)
{
    const char *value = NULL;

    (void)state;
    assert_true(conf_option("rise=3", "rise", &value));
    assert_string_equal(value, "3");
    assert_true(conf_option("RISE=", "rise", &value));
    assert_string_equal(value, "");
    assert_false(conf_option("rise", "rise", &value));
    assert_false(conf_option("riser=3", "rise", &value));
    assert_false(conf_option("ris=3", "rise", &value));
}

static void files_are_read(void **state)
{
    const char *path = unit_path(state, "x.conf");
    struct seen seen = {""};
    struct conf_error error;

    unit_put(path, "port 5500\n", 10, 0644);
    assert_int_equal(conf_read(path, &grammar, &seen, &error), 0);
    assert_string_equal(seen.text, "[port|5500]");
    unit_put(path, "\nbad\n", 5, 0644);
    assert_int_equal(conf_read(path, &grammar, &seen, &error), -EINVAL);
    assert_non_null(strstr(error.text, "/x.conf:2: unknown keyword"));
    path = unit_path(state, "none");
    assert_int_equal(conf_read(path, &grammar, &seen, &error), -ENOENT);
    assert_non_null(strstr(error.text, "/none: cannot be read: No such file or directory"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_become_words),
        cmocka_unit_test(ends_of_lines_may_differ),
        cmocka_unit_test(quoting_follows_its_rules),
        cmocka_unit_test(wrong_quoting_names_its_line),
        cmocka_unit_test(unknown_keywords_are_errors),
        cmocka_unit_test(values_are_counted),
        cmocka_unit_test(too_many_words_are_refused),
        cmocka_unit_test(long_lines_are_refused),
        cmocka_unit_test(bytes_that_no_text_has_are_refused),
        cmocka_unit_test(refusals_of_apply_are_passed_on),
        cmocka_unit_test(long_messages_are_cut),
        cmocka_unit_test(numbers_are_whole_and_in_range),
        cmocka_unit_test(other_values_are_checked),
        cmocka_unit_test(options_are_name_and_value),
        cmocka_unit_test_setup_teardown(files_are_read, unit_directory_make, unit_directory_remove),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
