/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines of cvipd.conf that have several values. */
#include "cvipd_config.h"

#include "ownership.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static int add_address(struct cvipd_member *member, const struct conf_line *line, int index, struct conf_error *error)
{
    if (member->address_count == HEARTBEAT_LANS_MAX)
        return conf_fail(error, line, "member %s has more than %d addresses", member->name, HEARTBEAT_LANS_MAX);
    int rc = conf_address(line, index, &member->addresses[member->address_count], error);
    if (rc == 0)
        member->address_count++;
    return rc;
}

int cvipd_config_member_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct cvipd_config *config = context;
    struct cvipd_member member = {.weight = 1};
    const char *value;
    long id;
    long weight;
    struct conf_error ignored;
    if (conf_number(line, 1, 1, WIRE_MEMBERS_MAX, &id, &ignored) != 0)
        return conf_fail(error, line, "member %s: the member's id must be 1 to %d", line->words[1], WIRE_MEMBERS_MAX);
    int rc = conf_string(line, 2, member.name, sizeof member.name, error);
    for (int i = 3; rc == 0 && i < line->count; i++) {
        if (conf_option(line->words[i], "weight", &value)) {
            rc = conf_option_number(line, "weight", value, 0, 100, &weight, error);
            member.weight = rc == 0 ? (uint8_t)weight : 0;
        } else {
            rc = add_address(&member, line, i, error);
        }
    }
    if (rc != 0)
        return rc;
    member.id = (uint8_t)id;
    if (member.address_count == 0)
        return conf_fail(error, line, "member %s has no address: give its address on each LAN", member.name);
    if (cvipd_config_member(config, member.id) != NULL)
        return conf_fail(error, line, "member %d is there already: each member has an id of its own", member.id);
    if (cvipd_config_member_named(config, member.name) != NULL)
        return conf_fail(error, line, "member %s is there already: put all its addresses on one line", member.name);
    config->members[config->member_count++] = member; /* ids differ, so there is room */
    return 0;
}

static bool read_mac(const char *text, uint8_t mac[6])
{
    static const uint8_t nothing[6];
    int end = 0;
    if (strlen(text) != 17 || sscanf(text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx%n", &mac[0], &mac[1], &mac[2], &mac[3],
                                     &mac[4], &mac[5], &end) != 6)
        return false;
    return end == 17 && memcmp(mac, nothing, sizeof nothing) != 0;
}

int cvipd_config_mac_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct cvipd_config *config = context;
    memset(config->shared_mac, 0, sizeof config->shared_mac);
    if (strcasecmp(line->words[1], "own") == 0 && line->count == 2) {
        config->mac_kind = ENGINE_MAC_OWN;
        return 0;
    }
    if (strcasecmp(line->words[1], "shared") != 0 || line->count != 3)
        return conf_fail(error, line, "mac is neither \"own\" nor \"shared\" with a MAC: shared 02:48:41:53:00:64");
    if (!read_mac(line->words[2], config->shared_mac))
        return conf_fail(error, line, "\"%s\" is no MAC: six hexadecimal numbers with colons, as 02:48:41:53:00:64",
                         line->words[2]);
    config->mac_kind = ENGINE_MAC_SHARED;
    return 0;
}

static int twin_option(const struct conf_line *line, const char *value, char twin[IF_NAMESIZE],
                       struct conf_error *error)
{
    if (value[0] == '\0' || strlen(value) >= IF_NAMESIZE)
        return conf_fail(error, line, "\"%.64s\" is no name of an interface: 1 to %d characters", value,
                         IF_NAMESIZE - 1);
    memcpy(twin, value, strlen(value) + 1);
    return 0;
}

int cvipd_config_interface_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct cvipd_config *config = context;
    const char *value;
    config->twin[0] = '\0';
    int rc = conf_string(line, 1, config->interface, sizeof config->interface, error);
    if (rc != 0 || line->count == 2)
        return rc;
    if (!conf_option(line->words[2], "twin", &value))
        return conf_fail(error, line, "\"%.64s\": after the interface only twin=INTERFACE may follow", line->words[2]);
    return twin_option(line, value, config->twin, error);
}

int cvipd_config_sync_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct cvipd_config *config = context;
    const char *value;
    long id = 1;
    config->sync = false;
    config->sync_twin[0] = '\0';
    if (strcasecmp(line->words[1], "off") == 0 && line->count == 2)
        return 0;
    int rc = conf_string(line, 1, config->sync_interface, sizeof config->sync_interface, error);
    for (int i = 2; rc == 0 && i < line->count; i++) {
        if (conf_option(line->words[i], "id", &value))
            rc = conf_option_number(line, "id", value, 1, 255, &id, error);
        else if (conf_option(line->words[i], "twin", &value))
            rc = twin_option(line, value, config->sync_twin, error);
        else
            return conf_fail(error, line, "\"%s\": after the interface only id=NUMBER and twin=INTERFACE may follow",
                             line->words[i]);
    }
    if (rc != 0)
        return rc;
    config->sync = true;
    config->sync_id = (uint8_t)id;
    return 0;
}

int cvipd_config_mode_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct cvipd_config *config = context;
    struct conf_error ignored;
    long active;
    if (strcasecmp(line->words[1], "standby") == 0)
        config->active = 1;
    else if (strcasecmp(line->words[1], "split") == 0)
        config->active = OWNERSHIP_ALL;
    else if (conf_number(line, 1, 1, WIRE_MEMBERS_MAX, &active, &ignored) == 0)
        config->active = (uint8_t)active;
    else
        return conf_fail(error, line, "mode is standby, split, or how many masters are active at a time: 1 to %d",
                         WIRE_MEMBERS_MAX);
    return 0;
}

int cvipd_config_threshold_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct cvipd_config *config = context;
    long up = -1;
    long down = -1;
    long seconds = 10;
    int rc = 0;
    for (int i = 1; rc == 0 && i < line->count; i++) {
        const char *value;
        if (conf_option(line->words[i], "up", &value))
            rc = conf_option_number(line, "up", value, 1, 100, &up, error);
        else if (conf_option(line->words[i], "down", &value))
            rc = conf_option_number(line, "down", value, 0, 99, &down, error);
        else if (conf_option(line->words[i], "seconds", &value))
            rc = conf_option_number(line, "seconds", value, 1, 3600, &seconds, error);
        else
            return conf_fail(error, line, "\"%s\" is none of up=, down=, seconds=", line->words[i]);
    }
    if (rc != 0)
        return rc;
    if (up < 0 || down < 0 || down >= up)
        return conf_fail(error, line, "give up=PERCENT and a smaller down=PERCENT");
    config->threshold = (struct redundancy_threshold){
        .set = true, .up = (uint8_t)up, .down = (uint8_t)down, .seconds = (uint32_t)seconds};
    return 0;
}
