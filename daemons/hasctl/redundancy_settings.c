/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "redundancy_settings.h"

#include <stdio.h>
#include <string.h>

static const struct value *setting(const struct model *model, enum setting which)
{
    return &model->settings[which];
}

bool redundancy_by_cvipd(const struct model *model)
{
    return setting(model, SETTING_REDUNDANCY_ADDRESS)->number == 0;
}

/* FNV-1a: small, well spread, and the same on every machine. */
static uint32_t hash_name(const struct model *model)
{
    const char *name = setting(model, SETTING_CLUSTER_NAME)->text;
    uint32_t hash = 2166136261;

    for (const char *c = name ? name : ""; *c; c++)
        hash = (hash ^ (uint8_t)*c) * 16777619;
    return hash;
}

/* Locally administered (02), then "HA", then what tells this cluster from others on the same LAN. */
static void derive_mac(const struct model *model, uint8_t mac[REDUNDANCY_MAC_BYTES])
{
    uint32_t hash = hash_name(model);

    mac[0] = 0x02;
    mac[1] = 'H';
    mac[2] = 'A';
    for (size_t i = 0; i < 3; i++)
        mac[3 + i] = (uint8_t)(hash >> (8 * i));
}

static bool parse_mac(const char *text, uint8_t mac[REDUNDANCY_MAC_BYTES])
{
    static const uint8_t zero[REDUNDANCY_MAC_BYTES];
    unsigned bytes[REDUNDANCY_MAC_BYTES];
    int end = 0;

    if (strlen(text) != strlen("00:00:00:00:00:00") || strspn(text, "0123456789abcdefABCDEF:") != strlen(text) ||
        sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%n", &bytes[0], &bytes[1], &bytes[2], &bytes[3], &bytes[4], &bytes[5],
               &end) != REDUNDANCY_MAC_BYTES ||
        text[end] != '\0')
        return false;
    for (size_t i = 0; i < REDUNDANCY_MAC_BYTES; i++)
        mac[i] = (uint8_t)bytes[i];
    return memcmp(mac, zero, sizeof(zero)) != 0;
}

enum redundancy_mac redundancy_mac(const struct model *model, uint8_t mac[REDUNDANCY_MAC_BYTES])
{
    const char *text = setting(model, SETTING_REDUNDANCY_MAC)->text;

    if (strcmp(text, "own") == 0)
        return MAC_OWN;
    if (strcmp(text, "shared") != 0)
        return parse_mac(text, mac) ? MAC_SHARED : MAC_WRONG;
    derive_mac(model, mac);
    return MAC_SHARED;
}

uint32_t redundancy_seed(const struct model *model)
{
    const struct value *given = setting(model, SETTING_REDUNDANCY_SEED);

    return given->text ? (uint32_t)given->number : hash_name(model);
}

size_t redundancy_lans(const struct model *model, const struct network *lans[REDUNDANCY_LANS_MAX])
{
    size_t count = 0;

    for (size_t i = 0; i < model->network_count && count < REDUNDANCY_LANS_MAX; i++)
        if (model->networks[i].link)
            lans[count++] = &model->networks[i];
    return count;
}

bool redundancy_sync_is_off(const struct model *model)
{
    const char *text = setting(model, SETTING_REDUNDANCY_SYNC)->text;

    return text && strcmp(text, "off") == 0;
}

const struct network *redundancy_sync(const struct model *model)
{
    const char *wanted = setting(model, SETTING_REDUNDANCY_SYNC)->text;

    if (redundancy_sync_is_off(model))
        return NULL;
    for (size_t i = 0; wanted && i < model->network_count; i++)
        if (strcmp(model->networks[i].name, wanted) == 0)
            return &model->networks[i];
    for (size_t i = model->network_count < 2 ? model->network_count : 2; !wanted && i > 0; i--)
        if (model->networks[i - 1].ipv4.address.family == AF_INET)
            return &model->networks[i - 1];
    return NULL;
}
