/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines of tmd.conf that describe virtual services and their sorry servers. */
#include "configuration.h"

#include <ctype.h>
#include <netinet/in.h>
#include <string.h>

static const char *const protocols[] = {"tcp", "udp", "fwmark", NULL};
static const char *const families[] = {"ipv4", "ipv6", NULL};
/* In the order of enum ipvs_forward. */
static const char *const forwards[] = {"direct", "nat", "tunnel", "local", NULL};

static int find_choice(const char *value, const char *const *choices)
{
    for (int i = 0; choices[i] != NULL; i++)
        if (strcmp(choices[i], value) == 0)
            return i;
    return -1;
}

static int set_forward(const struct conf_line *line, const char *value, bool local_allowed, enum ipvs_forward *out,
                       struct conf_error *error)
{
    int choice = find_choice(value, forwards);
    if (choice < 0 || (choice == IPVS_LOCAL && !local_allowed))
        return conf_fail(error, line, "forward=%s is not one of direct, nat, tunnel%s", value,
                         local_allowed ? ", local" : "");
    *out = (enum ipvs_forward)choice;
    return 0;
}

/* A scheduler is the name of a kernel module without "ip_vs_". */
static int set_scheduler(struct config_service *service, const struct conf_line *line, const char *value,
                         struct conf_error *error)
{
    size_t length = strlen(value);
    for (size_t i = 0; i < length; i++)
        if (!islower((unsigned char)value[i]))
            length = 0;
    if (length == 0 || length >= sizeof service->service.scheduler)
        return conf_fail(error, line, "scheduler=%s is no IPVS scheduler; wrr and wlc follow weights", value);
    memcpy(service->service.scheduler, value, length + 1);
    return 0;
}

static int service_option(struct config_service *service, const struct conf_line *line, const char *word,
                          struct conf_error *error)
{
    const char *value;
    long n;
    int rc;
    if (conf_option(word, "scheduler", &value))
        return set_scheduler(service, line, value, error);
    if (conf_option(word, "forward", &value))
        return set_forward(line, value, false, &service->forward, error);
    if (conf_option(word, "persistence", &value)) {
        rc = conf_option_number(line, "persistence", value, 0, 86400, &n, error);
        if (rc == 0)
            service->service.persistence = (uint32_t)n;
        return rc;
    }
    if (conf_option(word, "netmask", &value)) {
        rc = conf_option_number(line, "netmask", value, 1, service->service.family == AF_INET6 ? 128 : 32, &n, error);
        if (rc == 0)
            service->service.netmask = (uint32_t)n;
        return rc;
    }
    if (conf_option(word, "server_port", &value)) {
        rc = conf_option_number(line, "server_port", value, 1, 65535, &n, error);
        if (rc == 0)
            service->server_port = (uint16_t)n;
        return rc;
    }
    return conf_fail(
        error, line,
        "unknown option \"%s\"; a service has scheduler=, persistence=, netmask=, forward=, server_port=", word);
}

/* "tcp|udp ADDRESS PORT" or "fwmark MARK ipv4|ipv6" */
static int service_identity(struct config_service *service, const struct conf_line *line, struct conf_error *error)
{
    struct ipvs_service *ipvs = &service->service;
    int protocol;
    long number;
    int rc = conf_choice(line, 2, protocols, &protocol, error);
    if (rc != 0)
        return rc;
    if (protocol == 2) {
        int family;
        rc = conf_number(line, 3, 1, UINT32_MAX, &number, error);
        if (rc == 0)
            rc = conf_choice(line, 4, families, &family, error);
        if (rc != 0)
            return rc;
        ipvs->fwmark = (uint32_t)number;
        ipvs->family = family == 1 ? AF_INET6 : AF_INET;
        return 0;
    }
    rc = conf_address(line, 3, &ipvs->address, error);
    if (rc == 0)
        rc = conf_number(line, 4, 1, 65535, &number, error);
    if (rc != 0)
        return rc;
    ipvs->family = ipvs->address.family;
    ipvs->protocol = protocol == 1 ? IPPROTO_UDP : IPPROTO_TCP;
    ipvs->port = service->server_port = (uint16_t)number;
    return 0;
}

static bool same_service(const struct ipvs_service *a, const struct ipvs_service *b)
{
    if (a->family != b->family || a->fwmark != b->fwmark)
        return false;
    return a->fwmark != 0 || (a->protocol == b->protocol && a->port == b->port && addr_equal(&a->address, &b->address));
}

static int check_service(const struct config *config, const struct config_service *service,
                         const struct conf_line *line, struct conf_error *error)
{
    if (service->forward != IPVS_NAT && service->server_port != service->service.port)
        return conf_fail(error, line, "server_port= changes the port, which only forward=nat can do");
    if (service->service.netmask != 0 && service->service.persistence == 0)
        return conf_fail(error, line, "netmask= groups persistent clients; it needs persistence=");
    for (size_t i = 0; i < config->service_count; i++)
        if (same_service(&config->services[i].service, &service->service))
            return conf_fail(error, line, "this virtual service is there already, named \"%s\"",
                             config->services[i].name);
    return 0;
}

int config_service_line(struct config *config, const struct conf_line *line, struct conf_error *error)
{
    if (config->service_count == CONFIG_SERVICES_MAX)
        return conf_fail(error, line, "more than %d virtual services", CONFIG_SERVICES_MAX);
    struct config_service service = {.service.scheduler = "wrr", .forward = IPVS_DIRECT};
    int rc = conf_string(line, 1, service.name, sizeof service.name, error);
    if (rc == 0)
        rc = service_identity(&service, line, error);
    for (int i = 5; i < line->count && rc == 0; i++)
        rc = service_option(&service, line, line->words[i], error);
    if (rc == 0)
        rc = check_service(config, &service, line, error);
    if (rc == 0)
        config->services[config->service_count++] = service;
    return rc;
}

/* ADDRESS [PORT] [forward=…] */
static int read_sorry(struct config_sorry *sorry, const struct conf_line *line, struct conf_error *error)
{
    int rc = conf_address(line, 2, &sorry->address, error);
    for (int i = 3; i < line->count && rc == 0; i++) {
        const char *value;
        long port;
        if (conf_option(line->words[i], "forward", &value)) {
            rc = set_forward(line, value, true, &sorry->forward, error);
        } else {
            rc = conf_number(line, i, 1, 65535, &port, error);
            if (rc == 0)
                sorry->port = (uint16_t)port;
        }
    }
    sorry->set = true;
    return rc;
}

/* A sorry server serves every service of that name and of its own family. */
int config_sorry_line(struct config *config, const struct conf_line *line, struct conf_error *error)
{
    struct config_sorry sorry = {.forward = IPVS_DIRECT};
    int rc = read_sorry(&sorry, line, error);
    if (rc != 0)
        return rc;
    bool found = false;
    for (size_t i = 0; i < config->service_count; i++) {
        struct config_service *service = &config->services[i];
        if (strcmp(service->name, line->words[1]) != 0 || service->service.family != sorry.address.family)
            continue;
        if (service->sorry.set)
            return conf_fail(error, line, "service \"%s\" has a sorry server already", service->name);
        if (sorry.port != 0 && sorry.port != service->service.port && sorry.forward != IPVS_NAT)
            return conf_fail(error, line, "the sorry server's port differs, which only forward=nat can do");
        service->sorry = sorry;
        if (sorry.port == 0)
            service->sorry.port = service->service.port;
        found = true;
    }
    if (!found)
        return conf_fail(error, line, "there is no service \"%s\" of this address family above this line",
                         line->words[1]);
    return 0;
}
