/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "validate_redundancy.h"

#include "redundancy_settings.h"

#include <string.h>

static const struct value *setting(const struct model *model, enum setting which)
{
    return &model->settings[which];
}

/* With IPaddr2 nobody reads the rest: who wrote it believes in something that does not happen. */
static void check_unread(const struct model *model, struct problems *problems)
{
    for (size_t i = 0; i < SETTING_COUNT; i++)
        if (strcmp(settings[i].section, "redundancy") == 0 && i != SETTING_REDUNDANCY_ADDRESS &&
            model->settings[i].line != 0)
            problem_warning(problems, model->settings[i].line,
                            "redundancy: %s is of use with address = cvipd only; take it out", settings[i].name);
}

static void check_model(const struct model *model, struct problems *problems)
{
    const struct value *active = setting(model, SETTING_REDUNDANCY_ACTIVE);
    const struct value *kind = setting(model, SETTING_REDUNDANCY_MODEL);
    size_t masters = model_count_role(model, ROLE_MASTER);

    if (kind->number != MODEL_N_PLUS_M) {
        if (active->text)
            problem_error(problems, active->line,
                          "redundancy: active = %ld is for model = \"n+m\"; say so, or take active out",
                          active->number);
        return;
    }
    if (!active->text)
        problem_error(problems, kind->line, "redundancy: model = \"n+m\" needs active = N: so many masters work");
    else if (masters == 1)
        problem_error(problems, kind->line,
                      "redundancy: model = \"n+m\" needs two masters at least: say model = \"active/standby\"");
    else if (masters > 0 && (size_t)active->number >= masters)
        problem_error(problems, active->line,
                      "redundancy: active = %ld leaves none of %zu masters in reserve: "
                      "say less, or model = \"n-way\"",
                      active->number, masters);
}

static void check_mac(const struct model *model, struct problems *problems)
{
    const struct value *given = setting(model, SETTING_REDUNDANCY_MAC);
    uint8_t mac[REDUNDANCY_MAC_BYTES] = {0};

    switch (redundancy_mac(model, mac)) {
    case MAC_WRONG:
        problem_error(problems, given->line,
                      "redundancy: mac = \"%.64s\": shared, own or an address such as \"02:48:41:53:00:64\" is wanted",
                      given->text);
        break;
    case MAC_OWN:
        if (setting(model, SETTING_REDUNDANCY_MODEL)->number != MODEL_ACTIVE_STANDBY)
            problem_error(problems, given->line,
                          "redundancy: with mac = own one master gets all frames: "
                          "say model = \"active/standby\", or mac = shared");
        if (setting(model, SETTING_REDUNDANCY_THRESHOLD_UP)->text)
            problem_error(problems, setting(model, SETTING_REDUNDANCY_THRESHOLD_UP)->line,
                          "redundancy: threshold_up makes all masters work, which mac = own does not allow: "
                          "take it out, or say mac = shared");
        break;
    case MAC_SHARED:
        if ((mac[0] & 3) == 0)
            problem_error(problems, given->line,
                          "redundancy: mac = \"%s\" is some manufacturer's: take one that is locally administered, "
                          "02:…, or say mac = shared",
                          given->text);
        break;
    }
}

/* Connections of one client then go to several masters, each of which would keep it with a server of its own choice. */
static void check_hash(const struct model *model, struct problems *problems)
{
    const struct value *hash = setting(model, SETTING_REDUNDANCY_HASH);

    for (size_t i = 0; i < model->service_count && hash->number != 0; i++)
        if (model->services[i].persistence > 0)
            problem_error(problems, hash->line,
                          "redundancy: hash = \"%s\": service \"%s\" is persistent, "
                          "so all connections of a client must go to one master: say hash = \"address\"",
                          hash->text, model->services[i].name);
}

static void check_threshold(const struct model *model, struct problems *problems)
{
    const struct value *up = setting(model, SETTING_REDUNDANCY_THRESHOLD_UP);
    const struct value *down = setting(model, SETTING_REDUNDANCY_THRESHOLD_DOWN);
    const struct value *seconds = setting(model, SETTING_REDUNDANCY_THRESHOLD_SECONDS);

    if (!up->text) {
        if (down->line || seconds->line)
            problem_error(problems, down->line ? down->line : seconds->line,
                          "redundancy: threshold_up is missing: at which load more masters begin to work");
        return;
    }
    if (setting(model, SETTING_REDUNDANCY_MODEL)->number != MODEL_ACTIVE_STANDBY)
        problem_error(problems, up->line,
                      "redundancy: threshold_up is for model = \"active/standby\", which it leaves while load is high");
    if (down->number >= up->number)
        problem_error(problems, down->line ? down->line : up->line,
                      "redundancy: threshold_down (%ld) must be below threshold_up (%ld)", down->number, up->number);
}

static void check_masters_in(const struct model *model, const struct network *network, struct problems *problems)
{
    for (size_t i = 0; i < model->node_count; i++)
        if (model->nodes[i].role == ROLE_MASTER && !node_address_in(&model->nodes[i], network, AF_INET))
            problem_error(problems, model->nodes[i].line,
                          "master \"%s\": it has no IPv4 address in network \"%s\", "
                          "over which the masters synchronise connections; give it one, or name another network by "
                          "redundancy { sync = … }, or say sync = off there, or address = ipaddr2",
                          model->nodes[i].name, network->name);
}

static void check_sync(const struct model *model, struct problems *problems)
{
    const struct value *given = setting(model, SETTING_REDUNDANCY_SYNC);
    const struct network *network = redundancy_sync(model);

    if (redundancy_sync_is_off(model) || model->network_count == 0)
        return;
    if (!network && given->text)
        problem_error(problems, given->line,
                      "redundancy: sync = \"%s\": there is no network of this name; name one, or say sync = off",
                      given->text);
    else if (!network)
        problem_warning(problems, 0,
                        "no network has IPv4, which the kernel's synchronisation of connections needs: "
                        "connections are lost with the master that forwards them");
    else if (network->ipv4.address.family != AF_INET)
        problem_error(problems, given->line,
                      "redundancy: sync = \"%s\": the kernel synchronises connections by IPv4; "
                      "give the network ipv4 = …, name another one, or say sync = off",
                      network->name);
    else if (!network->interface[0] && network != &model->networks[0]) /* check_service_port speaks of that */
        problem_error(problems, network->line,
                      "network \"%s\": say interface = \"…\": the masters synchronise connections over it; "
                      "or name another network by redundancy { sync = … }, or say sync = off there, "
                      "or address = ipaddr2",
                      network->name);
    else
        check_masters_in(model, network, problems);
}

static void check_service_port(const struct model *model, struct problems *problems)
{
    size_t addresses = 0;

    if (model->network_count > 0 && !model->networks[0].interface[0])
        problem_error(problems, model->networks[0].line,
                      "network \"%s\": say interface = \"…\": cvipd works at this port of the masters; "
                      "or say redundancy { address = ipaddr2 }",
                      model->networks[0].name);
    for (size_t i = 0; i < model->cvip_count; i++) {
        const struct cvip *cvip = &model->cvips[i];

        if (addresses <= REDUNDANCY_ADDRESSES_MAX && addresses + cvip->address_count > REDUNDANCY_ADDRESSES_MAX)
            problem_error(problems, cvip->line,
                          "cvip \"%s\": all cluster virtual IPs together may have %d addresses; take some out, "
                          "or say redundancy { address = ipaddr2 }",
                          cvip->name, REDUNDANCY_ADDRESSES_MAX);
        addresses += cvip->address_count;
    }
}

static void check_ports(const struct model *model, struct problems *problems)
{
    const struct value *port = setting(model, SETTING_REDUNDANCY_PORT);

    if (port->number == setting(model, SETTING_PORT)->number)
        problem_error(problems, port->line ? port->line : setting(model, SETTING_PORT)->line,
                      "redundancy: port = %ld is the port of the reports, too; give heartbeats another one",
                      port->number);
}

void validate_redundancy(const struct model *model, struct problems *problems)
{
    if (!redundancy_by_cvipd(model)) {
        check_unread(model, problems);
        return;
    }
    if (!model->has_redundancy) /* once it was Pacemaker that moved the address */
        problem_warning(
            problems, 0,
            "no section redundancy: cvipd moves the address (docs/cvip.md says what it asks of the switch); "
            "redundancy { address = ipaddr2 } keeps Pacemaker's IPaddr2");
    check_model(model, problems);
    check_mac(model, problems);
    check_hash(model, problems);
    check_threshold(model, problems);
    check_sync(model, problems);
    check_service_port(model, problems);
    check_ports(model, problems);
}
