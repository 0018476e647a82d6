/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The "check" lines of tcd.conf(5). */
#include "tcd_config.h"

#include "health.h"

#include <config.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const kinds[] = {"tcp", "http", "https", "program", NULL};

const char *check_kind_name(enum check_kind kind)
{
    return kinds[kind];
}

enum {
    FOR_TCP = 1 << CHECK_KIND_TCP,
    FOR_HTTP = 1 << CHECK_KIND_HTTP,
    FOR_HTTPS = 1 << CHECK_KIND_HTTPS,
    FOR_PROGRAM = 1 << CHECK_KIND_PROGRAM,
    FOR_WEB = FOR_HTTP | FOR_HTTPS,
    FOR_NETWORK = FOR_TCP | FOR_WEB,
    FOR_ALL = FOR_NETWORK | FOR_PROGRAM,
};

/* One option of a line while it is read. */
struct option {
    struct check_config *check;
    const struct conf_line *line;
    const char *name;
    const char *value;
    struct conf_error *error;
};

static int copy_text(const struct option *option, char *out, size_t size)
{
    if (option->value[0] == '\0')
        return conf_fail(option->error, option->line, "%s= is empty", option->name);
    if (strlen(option->value) >= size)
        return conf_fail(option->error, option->line, "%s= is longer than %zu characters", option->name, size - 1);
    memcpy(out, option->value, strlen(option->value) + 1);
    return 0;
}

static int read_number(const struct option *option, long min, long max, uint32_t *out)
{
    long value;
    int result = conf_option_number(option->line, option->name, option->value, min, max, &value, option->error);
    if (result == 0)
        *out = (uint32_t)value;
    return result;
}

static int read_address(const struct option *option, struct addr *out)
{
    if (addr_parse(option->value, out) == 0)
        return 0;
    return conf_fail(option->error, option->line, "%s=%s is no address: give it in numbers, such as 127.0.0.1 or ::1",
                     option->name, option->value);
}

static int read_yes(const struct option *option, bool *out)
{
    *out = strcmp(option->value, "yes") == 0;
    if (*out || strcmp(option->value, "no") == 0)
        return 0;
    return conf_fail(option->error, option->line, "%s=%s: give yes or no", option->name, option->value);
}

static int option_address(const struct option *option)
{
    return read_address(option, &option->check->address);
}

static int option_source(const struct option *option)
{
    return read_address(option, &option->check->source);
}

static int option_port(const struct option *option)
{
    uint32_t port;
    int result = read_number(option, 1, 65535, &port);
    if (result == 0)
        option->check->port = (uint16_t)port;
    return result;
}

/* Nothing that could end the request line or a header early. */
static int refuse_blanks(const struct option *option, const char *text)
{
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c <= ' ' || *c == 127)
            return conf_fail(option->error, option->line, "%s= holds a blank or a control character", option->name);
    return 0;
}

static int option_path(const struct option *option)
{
    if (option->value[0] != '/')
        return conf_fail(option->error, option->line, "path=%s does not begin with /", option->value);
    int result = copy_text(option, option->check->path, sizeof(option->check->path));
    return result ? result : refuse_blanks(option, option->value);
}

static int option_host(const struct option *option)
{
    int result = copy_text(option, option->check->host, sizeof(option->check->host));
    return result ? result : refuse_blanks(option, option->value);
}

static bool read_status(const char **text, long *out)
{
    char *end;
    if (**text < '1' || **text > '9')
        return false;
    *out = strtol(*text, &end, 10);
    *text = end;
    return *out >= 100 && *out <= 599;
}

/* "200", "200-399", "200,204,301-302" */
static int option_status(const struct option *option)
{
    struct check_config *check = option->check;
    const char *text = option->value;
    check->status_count = 0;
    do {
        struct status_range range;
        if (check->status_count == TCD_STATUS_RANGES_MAX || !read_status(&text, &range.low))
            break;
        range.high = range.low;
        if (*text == '-') {
            text++;
            if (!read_status(&text, &range.high) || range.high < range.low)
                break;
        }
        check->statuses[check->status_count++] = range;
        if (*text == '\0')
            return 0;
    } while (*text++ == ',');
    return conf_fail(option->error, option->line, "status=%s: give statuses from 100 to 599, such as 200-399,401",
                     option->value);
}

static int option_match(const struct option *option)
{
    struct check_config *check = option->check;
    if (check->has_match)
        return conf_fail(option->error, option->line, "match= stands twice");
    int result = copy_text(option, check->match_text, sizeof(check->match_text));
    if (result)
        return result;
    int reason = regcomp(&check->match, option->value, REG_EXTENDED | REG_NOSUB);
    if (reason) {
        char text[128];
        regerror(reason, &check->match, text, sizeof(text));
        return conf_fail(option->error, option->line, "match= is no extended regular expression: %s", text);
    }
    check->has_match = true;
    return 0;
}

/* \r \n \t and \\ stand for the characters that a line cannot hold. */
static int option_send(const struct option *option)
{
    static const char letters[] = "rnt\\";
    static const char characters[] = "\r\n\t\\";
    struct check_config *check = option->check;
    check->send_length = 0;
    for (const char *c = option->value; *c; c++) {
        char byte = *c;
        if (byte == '\\') {
            const char *letter = c[1] ? strchr(letters, c[1]) : NULL;
            if (!letter)
                return conf_fail(option->error, option->line, "send= knows \\r \\n \\t and \\\\ only");
            byte = characters[letter - letters];
            c++;
        }
        if (check->send_length == sizeof(check->send))
            return conf_fail(option->error, option->line, "send= is longer than %zu bytes", sizeof(check->send));
        check->send[check->send_length++] = byte;
    }
    return 0;
}

static int option_command(const struct option *option)
{
    if (option->value[0] != '/')
        return conf_fail(option->error, option->line, "command=%s: give the full path of the program", option->value);
    return copy_text(option, option->check->command, sizeof(option->check->command));
}

static int option_interval(const struct option *option)
{
    return read_number(option, 20, 3600000, &option->check->timing.interval_ms);
}

static int option_timeout(const struct option *option)
{
    return read_number(option, 10, 600000, &option->check->timing.timeout_ms);
}

static int option_rise(const struct option *option)
{
    return read_number(option, 1, 1000, &option->check->timing.rise);
}

static int option_fall(const struct option *option)
{
    return read_number(option, 1, 1000, &option->check->timing.fall);
}

static int option_service(const struct option *option)
{
    return copy_text(option, option->check->service_name, sizeof(option->check->service_name));
}

static int option_verify(const struct option *option)
{
    return read_yes(option, &option->check->verify);
}

static int option_cafile(const struct option *option)
{
    if (option->value[0] != '/')
        return conf_fail(option->error, option->line, "cafile=%s: give the full path of the file", option->value);
    return copy_text(option, option->check->cafile, sizeof(option->check->cafile));
}

static int option_watch(const struct option *option)
{
    return read_yes(option, &option->check->watch);
}

static const struct option_rule {
    const char *name;
    int kinds;
    int (*apply)(const struct option *option);
} rules[] = {
    {"address", FOR_NETWORK, option_address}, {"port", FOR_NETWORK, option_port},
    {"source", FOR_NETWORK, option_source},   {"path", FOR_WEB, option_path},
    {"host", FOR_WEB, option_host},           {"status", FOR_WEB, option_status},
    {"match", FOR_NETWORK, option_match},     {"send", FOR_TCP, option_send},
    {"verify", FOR_HTTPS, option_verify},     {"watch", FOR_NETWORK, option_watch},
    {"command", FOR_PROGRAM, option_command}, {"interval", FOR_ALL, option_interval},
    {"timeout", FOR_ALL, option_timeout},     {"rise", FOR_ALL, option_rise},
    {"fall", FOR_ALL, option_fall},           {"service", FOR_ALL, option_service},
    {"cafile", FOR_HTTPS, option_cafile},
};

static int apply_option(struct check_config *check, const struct conf_line *line, const char *word,
                        struct conf_error *error)
{
    struct option option = {.check = check, .line = line, .error = error};
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        if (!conf_option(word, rules[i].name, &option.value))
            continue;
        if (!(rules[i].kinds & 1 << check->kind))
            return conf_fail(error, line, "%s= has no meaning for a check of kind %s", rules[i].name,
                             check_kind_name(check->kind));
        option.name = rules[i].name;
        return rules[i].apply(&option);
    }
    return conf_fail(error, line, "unknown option \"%s\": see tcd.conf(5) for the options of a check", word);
}

static void set_defaults(struct check_config *check, unsigned line)
{
    check->line = line;
    check->timing = (struct check_timing){.interval_ms = 1000, .rise = 1, .fall = 2};
    check->service = HEALTH_NODE;
    check->verify = true;
    check->watch = true;
    (void)addr_parse("127.0.0.1", &check->address);
    strcpy(check->path, "/");
    check->statuses[0] = (struct status_range){200, 200};
    check->status_count = 1;
    if (check->kind == CHECK_KIND_HTTP)
        check->port = 80;
    if (check->kind == CHECK_KIND_HTTPS)
        check->port = 443;
}

/* What the options of a line must be together. */
static int judge_line(struct check_config *check, const struct conf_line *line, struct conf_error *error)
{
    if (check->timing.timeout_ms == 0)
        check->timing.timeout_ms = check->timing.interval_ms;
    if (check->kind == CHECK_KIND_TCP && check->port == 0)
        return conf_fail(error, line, "check %s needs port=", check->name);
    if (check->kind == CHECK_KIND_PROGRAM && check->command[0] == '\0')
        return conf_fail(error, line, "check %s needs command=", check->name);
    if (check->cafile[0] && !check->verify)
        return conf_fail(error, line, "check %s: cafile= has no effect with verify=no", check->name);
    if (check->source.family != AF_UNSPEC && check->source.family != check->address.family)
        return conf_fail(error, line, "check %s: source= and address= are of different families", check->name);
#ifndef HAVE_CURL
    if (check->kind == CHECK_KIND_HTTPS)
        return conf_fail(error, line, "check %s: this tcd was built without libcurl, so it has no https checks",
                         check->name);
#endif
    return 0;
}

int check_config_apply(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct tcd_config *config = context;
    int kind = 0;
    if (config->check_count == TCD_CHECKS_MAX)
        return conf_fail(error, line, "more than %d checks", TCD_CHECKS_MAX);
    struct check_config *check = &config->checks[config->check_count];
    if (conf_string(line, 1, check->name, sizeof(check->name), error) || conf_choice(line, 2, kinds, &kind, error))
        return -EINVAL;
    for (size_t i = 0; i < config->check_count; i++)
        if (strcmp(config->checks[i].name, check->name) == 0)
            return conf_fail(error, line, "check %s is there already", check->name);
    config->check_count++; /* from here on tcd_config_free() releases what the options hold */
    check->kind = (enum check_kind)kind;
    set_defaults(check, line->number);
    for (int i = 3; i < line->count; i++) {
        int result = apply_option(check, line, line->words[i], error);
        if (result)
            return result;
    }
    return judge_line(check, line, error);
}
