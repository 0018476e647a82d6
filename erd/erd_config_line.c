/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "erd_config_line.h"

#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>

#define MS 1000
#define FAILBACK_MAX_S 86400 /* a day; has.conf has the same bound */

/* What the daemon has once is not a pair's: a line that stands among a pair's is a mistake about that. */
static int daemon_line(const struct erd_config_reader *reader, const struct conf_line *line, struct conf_error *error)
{
    if (reader->current == &reader->general)
        return 0;
    return conf_fail(error, line, "%s is for all pairs: put it before the first pair", line->words[0]);
}

static int user_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct erd_config_reader *reader = context;
    int rc = daemon_line(reader, line, error);
    if (rc != 0)
        return rc;
    if (line->words[1][0] == '\0')
        return conf_fail(error, line, "user needs a name, such as has or root");
    return conf_string(line, 1, reader->config->user, sizeof reader->config->user, error);
}

static int error_log_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct erd_config_reader *reader = context;
    const char *value = line->words[1];
    int rc = daemon_line(reader, line, error);
    if (rc != 0)
        return rc;
    if (value[0] != '/' && strcmp(value, "syslog") != 0 && strcmp(value, "stderr") != 0)
        return conf_fail(error, line, "errorlog \"%.64s\" is neither a full path nor \"syslog\" nor \"stderr\"", value);
    return conf_string(line, 1, reader->config->error_log, sizeof reader->config->error_log, error);
}

static int metrics_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct erd_config_reader *reader = context;
    int rc = daemon_line(reader, line, error);
    if (rc != 0)
        return rc;
    if (line->words[1][0] != '/')
        return conf_fail(error, line, "metrics \"%.64s\" is not a full path; it must begin with '/'", line->words[1]);
    return conf_string(line, 1, reader->config->metrics, sizeof reader->config->metrics, error);
}

/* A time in milliseconds, at least 10, or a word or number for "not at all". */
static int interval(const struct conf_line *line, const char *none, uint32_t *out, struct conf_error *error)
{
    long value;
    struct conf_error discarded;
    if (strcasecmp(line->words[1], none) == 0) {
        *out = 0;
        return 0;
    }
    if (conf_number(line, 1, 10, 60000, &value, &discarded) != 0)
        return conf_fail(error, line, "%s must be 10 to 60000 ms, or %s, not \"%.64s\"", line->words[0], none,
                         line->words[1]);
    *out = (uint32_t)value;
    return 0;
}

static int poll_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct erd_config_reader *reader = context;
    int rc = daemon_line(reader, line, error);
    return rc != 0 ? rc : interval(line, "0", &reader->config->poll_ms, error);
}

/* The value of the line's option, if there is one: its word is the second value. */
static int option(const struct conf_line *line, const char *name, long min, long max, long *out,
                  struct conf_error *error)
{
    const char *value;
    if (line->count < 3)
        return 0;
    if (!conf_option(line->words[2], name, &value))
        return conf_fail(error, line, "%s: \"%.64s\" is not known; it takes %s=%ld, or such", line->words[0],
                         line->words[2], name, *out);
    return conf_option_number(line, name, value, min, max, out, error);
}

static int probe_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct erd_pair_config *pair = ((struct erd_config_reader *)context)->current;
    long missed = pair->missed;
    int rc = interval(line, "off", &pair->probe_ms, error);
    if (rc != 0)
        return rc;
    if (pair->probe_ms == 0 && line->count > 2)
        return conf_fail(error, line, "probe off takes no more values: remove \"%.64s\"", line->words[2]);
    rc = option(line, "missed", 1, 100, &missed, error);
    pair->missed = (uint32_t)missed;
    return rc;
}

/* Why no answer can come from that address; NULL: one can. */
static const char *no_target(const struct addr *address)
{
    bool v4 = address->family == AF_INET;
    uint32_t number = v4 ? ntohl(address->v4.s_addr) : 0;
    if (v4 ? number == INADDR_BROADCAST : false)
        return "the broadcast address";
    if (v4 ? IN_MULTICAST(number) : IN6_IS_ADDR_MULTICAST(&address->v6))
        return "a multicast address";
    if (v4 ? number >> 24 == IN_LOOPBACKNET : IN6_IS_ADDR_LOOPBACK(&address->v6))
        return "this machine's own address";
    if (v4 ? number == INADDR_ANY : IN6_IS_ADDR_UNSPECIFIED(&address->v6))
        return "the unspecified address";
    return NULL;
}

static int target_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct erd_pair_config *pair = ((struct erd_config_reader *)context)->current;
    struct addr address;
    int rc = conf_address(line, 1, &address, error);
    if (rc != 0)
        return rc;
    const char *wrong = no_target(&address);
    if (wrong != NULL)
        return conf_fail(error, line, "target %s is %s: give a host of the LAN that always answers, such as its router",
                         line->words[1], wrong);
    for (size_t i = 0; i < pair->target_count; i++)
        if (addr_equal(&pair->targets[i], &address))
            return conf_fail(error, line, "target %s is there already: remove this line", line->words[1]);
    if (pair->target_count == ERD_TARGETS_MAX)
        return conf_fail(error, line, "more than %d targets%s: remove this line", ERD_TARGETS_MAX,
                         pair->names[0][0] != '\0' ? " with those before the first pair" : "");
    pair->targets[pair->target_count++] = address;
    return 0;
}

static int gateways_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    return conf_boolean(line, 1, &((struct erd_config_reader *)context)->current->gateways, error);
}

static int failback_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct pair_settings *failback = &((struct erd_config_reader *)context)->current->failback;
    struct conf_error discarded;
    long wait;
    failback->failback = strcasecmp(line->words[1], "no") != 0;
    if (!failback->failback && line->count > 2)
        return conf_fail(error, line, "failback no takes no more values: remove \"%.64s\"", line->words[2]);
    if (!failback->failback)
        return 0;
    if (conf_number(line, 1, 0, FAILBACK_MAX_S, &wait, &discarded) != 0)
        return conf_fail(error, line, "failback must be 0 to %d seconds, or no, not \"%.64s\"", FAILBACK_MAX_S,
                         line->words[1]);
    /* Who says nothing of the maximum wants no error about it. */
    long max = failback->wait_max_ms / MS > wait ? (long)(failback->wait_max_ms / MS) : wait;
    int rc = option(line, "max", 0, FAILBACK_MAX_S, &max, error);
    if (rc != 0)
        return rc;
    if (max < wait)
        return conf_fail(error, line, "failback: max=%ld is less than the wait of %ld s: give max=%ld or more", max,
                         wait, wait);
    failback->wait_ms = (uint32_t)wait * MS;
    failback->wait_max_ms = (uint32_t)max * MS;
    return 0;
}

static int announce_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct erd_pair_config *pair = ((struct erd_config_reader *)context)->current;
    long count, interval_ms = pair->announce_ms;
    int rc = conf_number(line, 1, 1, 60, &count, error);
    if (rc == 0)
        rc = option(line, "interval", 10, 10000, &interval_ms, error);
    if (rc != 0)
        return rc;
    pair->announce_count = (uint32_t)count;
    pair->announce_ms = (uint32_t)interval_ms;
    return 0;
}

/* As the kernel judges names (dev_valid_name), and its sysctls (all, default). */
static const char *wrong_name(const char *name)
{
    size_t length = strlen(name);
    if (length == 0)
        return "is empty";
    if (length >= IF_NAMESIZE)
        return "is longer than 15 bytes";
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strcmp(name, "all") == 0 || strcmp(name, "default") == 0)
        return "is a word that no interface may have as its name";
    for (size_t i = 0; i < length; i++)
        if (name[i] == '/' || name[i] == ':' || isspace((unsigned char)name[i]))
            return "has a '/', a ':' or a blank";
    return NULL;
}

static int check_name(const struct erd_config *config, const char *name, const struct conf_line *line,
                      struct conf_error *error)
{
    const char *wrong = wrong_name(name);
    if (wrong != NULL)
        return conf_fail(error, line, "port \"%.64s\" %s: give the name of a network interface, such as eth0", name,
                         wrong);
    for (size_t i = 0; i < config->pair_count; i++)
        for (unsigned port = 0; port < PAIR_PORTS; port++)
            if (strcmp(config->pairs[i].names[port], name) == 0)
                return conf_fail(error, line, "port %s is in the pair %s %s already: a port can be in one pair only",
                                 name, config->pairs[i].names[PAIR_PRIMARY], config->pairs[i].names[PAIR_TWIN]);
    return 0;
}

int erd_config_pair(struct erd_config_reader *reader, const char *primary, const char *twin,
                    const struct conf_line *line, struct conf_error *error)
{
    struct erd_config *config = reader->config;
    int rc = check_name(config, primary, line, error);
    if (rc == 0)
        rc = check_name(config, twin, line, error);
    if (rc != 0)
        return rc;
    if (strcmp(primary, twin) == 0)
        return conf_fail(error, line, "%s cannot be its own twin: give two ports", primary);
    if (config->pair_count == ERD_PAIRS_MAX)
        return conf_fail(error, line, "more than %d pairs: remove this one", ERD_PAIRS_MAX);
    reader->current = &config->pairs[config->pair_count++];
    *reader->current = reader->general;
    memcpy(reader->current->names[PAIR_PRIMARY], primary, strlen(primary) + 1);
    memcpy(reader->current->names[PAIR_TWIN], twin, strlen(twin) + 1);
    return 0;
}

static int pair_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    return erd_config_pair(context, line->words[1], line->words[2], line, error);
}

static const struct conf_keyword keywords[] = {
    {"user", 1, 1, user_line},
    {"errorlog", 1, 1, error_log_line},
    {"metrics", 1, 1, metrics_line},
    {"poll", 1, 1, poll_line},
    {"probe", 1, 2, probe_line},
    {"target", 1, 1, target_line},
    {"gateways", 1, 1, gateways_line},
    {"failback", 1, 2, failback_line},
    {"announce", 1, 2, announce_line},
    {"pair", 2, 2, pair_line},
    {NULL, 0, 0, NULL},
};

const struct conf_grammar erd_config_grammar = {.keywords = keywords};
