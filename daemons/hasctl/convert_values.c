/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "convert_values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPECTED_MAX 160

const char *section_label(cfg_t *section, char *buf, size_t size)
{
    const char *title = cfg_title(section);

    if (title)
        snprintf(buf, size, "%s \"%.64s\"", cfg_name(section), title);
    else
        snprintf(buf, size, "%s", cfg_name(section));
    return buf;
}

unsigned option_line(const struct source *source, cfg_t *section, const char *option)
{
    unsigned line = source_line(source, section, option);

    return line ? line : source_section_line(source, section);
}

static bool option_parse(const struct source *source, cfg_t *section, const struct setting_description *description,
                         long *number)
{
    const char *text = source_text(section, description->name);
    char expected[EXPECTED_MAX];
    char label[MODEL_NAME_MAX * 2];

    if (!text)
        return false;
    if (setting_parse(description, text, number, expected, sizeof(expected)))
        return true;
    problem_error(source->problems, option_line(source, section, description->name), "%s: %s = \"%.64s\": %s",
                  section_label(section, label, sizeof(label)), description->name, text, expected);
    return false;
}

long option_number(const struct source *source, cfg_t *section, const char *option, long min, long max, long fallback)
{
    const struct setting_description description = {.name = option, .kind = KIND_NUMBER, .min = min, .max = max};
    long number;

    return option_parse(source, section, &description, &number) ? number : fallback;
}

long option_choice(const struct source *source, cfg_t *section, const char *option, const char *const *choices,
                   long fallback)
{
    const struct setting_description description = {.name = option, .kind = KIND_CHOICE, .choices = choices};
    long number;

    return option_parse(source, section, &description, &number) ? number : fallback;
}

bool option_switch(const struct source *source, cfg_t *section, const char *option, bool fallback)
{
    const struct setting_description description = {.name = option, .kind = KIND_SWITCH};
    long number;

    return option_parse(source, section, &description, &number) ? number == 1 : fallback;
}

void option_name(const struct source *source, cfg_t *section, const char *option, char name[MODEL_NAME_MAX])
{
    const struct setting_description description = {.name = option, .kind = KIND_NAME};
    long number;

    name[0] = '\0';
    if (option_parse(source, section, &description, &number))
        snprintf(name, MODEL_NAME_MAX, "%s", source_text(section, option));
}

static bool prefix_parse(const char *text, sa_family_t family, struct prefix *prefix)
{
    char address[ADDR_TEXT_MAX];
    const char *slash = strchr(text, '/');
    unsigned long length;
    char *end;

    if (!slash || (size_t)(slash - text) >= sizeof(address))
        return false;
    snprintf(address, sizeof(address), "%.*s", (int)(slash - text), text);
    if (addr_parse(address, &prefix->address) != 0 || prefix->address.family != family)
        return false;
    length = strtoul(slash + 1, &end, 10);
    if (slash[1] < '0' || slash[1] > '9' || *end != '\0' || length < 1 || length > (family == AF_INET ? 32 : 128))
        return false;
    prefix->length = (unsigned)length;
    return true;
}

void option_prefix(const struct source *source, cfg_t *section, const char *option, sa_family_t family,
                   struct prefix *prefix)
{
    const char *text = source_text(section, option);
    char label[MODEL_NAME_MAX * 2];

    prefix->address.family = AF_UNSPEC;
    if (!text || prefix_parse(text, family, prefix))
        return;
    prefix->address.family = AF_UNSPEC;
    problem_error(source->problems, option_line(source, section, option),
                  "%s: %s = \"%.64s\": a network such as \"%s\" is wanted",
                  section_label(section, label, sizeof(label)), option, text,
                  family == AF_INET ? "10.1.0.0/24" : "fd00:1::/64");
}

size_t option_prefixes(const struct source *source, cfg_t *section, const char *option, struct prefix *out, size_t max)
{
    unsigned given = cfg_size(section, option);
    char label[MODEL_NAME_MAX * 2];
    size_t count = 0;

    section_label(section, label, sizeof(label));
    for (unsigned i = 0; i < given; i++) {
        const char *text = cfg_getnstr(section, option, i);

        if (count == max) {
            problem_error(source->problems, option_line(source, section, option), "%s: more than %zu %s", label, max,
                          option);
            break;
        }
        if (prefix_parse(text, strchr(text, ':') ? AF_INET6 : AF_INET, &out[count]))
            count++;
        else
            problem_error(source->problems, option_line(source, section, option),
                          "%s: \"%.64s\" is not a network such as 10.1.0.0/24 or fd00:1::/64; for one host write /32 "
                          "or /128",
                          label, text);
    }
    return count;
}

size_t option_addresses(const struct source *source, cfg_t *section, const char *option, struct addr *out, size_t max)
{
    unsigned given = cfg_size(section, option);
    unsigned line = option_line(source, section, option);
    char label[MODEL_NAME_MAX * 2];
    size_t count = 0;

    section_label(section, label, sizeof(label));
    for (unsigned i = 0; i < given; i++) {
        const char *text = cfg_getnstr(section, option, i);

        if (count == max) {
            problem_error(source->problems, line, "%s: more than %zu %s", label, max, option);
            break;
        }
        if (addr_parse(text, &out[count]) == 0)
            count++;
        else
            problem_error(source->problems, line,
                          "%s: \"%.64s\" is not an IPv4 or IPv6 address in numbers, such as 10.1.0.11 or fd00:1::11",
                          label, text);
    }
    return count;
}
