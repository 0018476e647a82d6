/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "nfshad_config.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define PROBE_MIN_MS 10
#define PROBE_MAX_MS 60000
#define ROW_MAX 100
#define COMPARE_MAX_S 3600
#define RETURN_MAX_S 86400

static const struct nfshad_config defaults = {
    .user = HAS_USER,
    .error_log = "syslog",
    .interval_ms = 100,
    .timeout_ms = 500,
    .fall = 2,
    .rise = 3,
    .compare_s = 10,
    .series = true,
};

static int user_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct nfshad_config *config = context;
    if (line->words[1][0] == '\0')
        return conf_fail(error, line, "user needs a name, such as has or root");
    return conf_string(line, 1, config->user, sizeof config->user, error);
}

static int error_log_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct nfshad_config *config = context;
    const char *value = line->words[1];
    if (value[0] != '/' && strcmp(value, "syslog") != 0 && strcmp(value, "stderr") != 0)
        return conf_fail(error, line, "errorlog \"%.64s\" is neither a full path nor \"syslog\" nor \"stderr\"", value);
    return conf_string(line, 1, config->error_log, sizeof config->error_log, error);
}

static int metrics_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct nfshad_config *config = context;
    if (line->words[1][0] != '/')
        return conf_fail(error, line, "metrics \"%.64s\" is not a full path; it must begin with '/'", line->words[1]);
    return conf_string(line, 1, config->metrics, sizeof config->metrics, error);
}

/* An option of the probe line, whichever it is. */
static int probe_option(struct nfshad_config *config, const struct conf_line *line, const char *word,
                        struct conf_error *error)
{
    struct {
        const char *name;
        long min, max;
        uint32_t *out;
    } options[] = {{"timeout", PROBE_MIN_MS, PROBE_MAX_MS, &config->timeout_ms},
                   {"fall", 1, ROW_MAX, &config->fall},
                   {"rise", 1, ROW_MAX, &config->rise}};
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        const char *value;
        long number;
        if (!conf_option(word, options[i].name, &value))
            continue;
        int rc = conf_option_number(line, options[i].name, value, options[i].min, options[i].max, &number, error);
        if (rc == 0)
            *options[i].out = (uint32_t)number;
        return rc;
    }
    return conf_fail(error, line, "probe: \"%.64s\" is not known; it takes timeout=ms, fall=n and rise=n", word);
}

static int probe_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct nfshad_config *config = context;
    long interval;
    int rc = conf_number(line, 1, PROBE_MIN_MS, PROBE_MAX_MS, &interval, error);
    if (rc != 0)
        return rc;
    config->interval_ms = (uint32_t)interval;
    for (int i = 2; i < line->count && rc == 0; i++)
        rc = probe_option(config, line, line->words[i], error);
    return rc;
}

static int compare_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct nfshad_config *config = context;
    long seconds;
    int rc = conf_number(line, 1, 1, COMPARE_MAX_S, &seconds, error);
    if (rc == 0)
        config->compare_s = (uint32_t)seconds;
    return rc;
}

static int return_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct nfshad_config *config = context;
    struct conf_error discarded;
    long seconds = 0;
    if (strcasecmp(line->words[1], "no") != 0 && conf_number(line, 1, 1, RETURN_MAX_S, &seconds, &discarded) != 0)
        return conf_fail(error, line, "return must be 1 to %d seconds, or no, not \"%.64s\"", RETURN_MAX_S,
                         line->words[1]);
    config->return_s = (uint32_t)seconds;
    return 0;
}

static int remount_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    return conf_boolean(line, 1, &((struct nfshad_config *)context)->remount, error);
}

static int series_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    return conf_boolean(line, 1, &((struct nfshad_config *)context)->series, error);
}

static const struct conf_keyword keywords[] = {
    {"user", 1, 1, user_line},       {"errorlog", 1, 1, error_log_line}, {"metrics", 1, 1, metrics_line},
    {"probe", 1, 4, probe_line},     {"compare", 1, 1, compare_line},    {"return", 1, 1, return_line},
    {"remount", 1, 1, remount_line}, {"series", 1, 1, series_line},      {NULL, 0, 0, NULL},
};

static const struct conf_grammar grammar = {.keywords = keywords};

static bool may_be_missing(const char *path)
{
    return strcmp(path, NFSHAD_CONFIG_PATH) == 0 && access(path, F_OK) != 0 && errno == ENOENT;
}

int nfshad_config_load(const char *path, struct nfshad_config *out, struct conf_error *error)
{
    struct nfshad_config config = defaults;
    int rc = may_be_missing(path) ? 0 : conf_read(path, &grammar, &config, error);
    if (rc == 0)
        *out = config;
    return rc;
}

int nfshad_config_load_text(const char *path, const char *text, size_t length, struct nfshad_config *out,
                            struct conf_error *error)
{
    struct nfshad_config config = defaults;
    int rc = conf_read_text(path, text, length, &grammar, &config, error);
    if (rc == 0)
        *out = config;
    return rc;
}
