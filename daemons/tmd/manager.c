/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "manager.h"

#include "clock.h"
#include "priv.h"
#include "sysctl.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* One line for each change of a node's state, and none for a report. */
static void log_node(void *context, const struct pool_node *node, enum node_condition from)
{
    (void)context;
    char address[ADDR_TEXT_MAX];
    log_notice("node %s (%s): %s -> %s: %s", node->name, addr_format(&node->address, address),
               node_state_name(node_state(from)), node_state_name(node_state(node->condition)),
               node_reason(node->condition));
}

/* A report comes to every address of a master. */
static unsigned copies_of_a_report(const struct config *config)
{
    unsigned most = 1;
    for (size_t i = 0; i < config->master_count; i++)
        if (config->masters[i].address_count > most)
            most = (unsigned)config->masters[i].address_count;
    return config->master_count > 0 ? most : CONFIG_ADDRESSES_MAX;
}

/* So long after it fell silent a node's servers are deleted, with its connections. Longer than Pacemaker needs to find
 * a traffic client that died and to start it again: its node serves all the time. */
#define SILENT_TIMEOUT_MS 60000

static struct executor_settings executor_settings_of(const struct config *config)
{
    return (struct executor_settings){.drain_timeout_ms = config->drain_timeout_ms,
                                      .silent_timeout_ms = SILENT_TIMEOUT_MS};
}

/* Servers that the kernel has keep their weights until their nodes have reported, or were silent for the timeout:
 * starting the manager takes no node out. */
static void adopt(struct manager *manager)
{
    const struct ipvs_table *table = executor_table(manager->executor);
    for (size_t s = 0; s < manager->config->service_count; s++) {
        for (size_t i = 0; i < pool_count(manager->pool); i++) {
            const struct ipvs_server *server;
            struct pool_node *node = pool_at(manager->pool, i);
            if (placement_find(table, &manager->config->services[s], node, &server))
                pool_adopt(manager->pool, node, s, server->weight);
        }
    }
}

/* Nodes that joined before this start are known from nowhere else. Later, what others put there is no node's. */
static void adopt_strangers(struct manager *manager)
{
    const struct config *config = manager->config;
    for (size_t s = 0; config->join_any && s < config->service_count; s++)
        placement_adopt_strangers(executor_table(manager->executor), &config->services[s], manager->pool, clock_ms());
}

/* Our own directory belongs to the unprivileged user, who replaces the file. Others are the administrator's. */
static void own_state_directory(const struct config *config)
{
    if (strncmp(config->state, HAS_STATEDIR "/", sizeof HAS_STATEDIR) != 0)
        return;
    int rc = priv_directory(HAS_STATEDIR, config->user);
    if (rc != 0)
        log_warning("cannot prepare %s for user %s: %s", HAS_STATEDIR, config->user, strerror(-rc));
}

static int open_kernel(struct manager *manager)
{
    struct executor_settings settings = executor_settings_of(manager->config);
    int rc = executor_open(&manager->executor, &settings);
    if (rc == -ENOENT)
        log_error("this kernel has no IPVS; load the module ip_vs");
    else if (rc == -EPERM)
        log_error("no right to change IPVS; start tmd as root");
    else if (rc != 0)
        log_error("cannot open IPVS: %s", strerror(-rc));
    if (rc == 0 && manager->config->set_sysctls)
        sysctl_prepare("/proc/sys");
    /* An empty wish reads the table and changes nothing, as no service is ours yet. */
    const struct executor_wanted nothing = {0};
    return rc == 0 ? executor_apply(manager->executor, &nothing, true, clock_ms()) : rc;
}

static int open_socket(struct manager *manager)
{
    int rc = receiver_open(&manager->receiver, manager->config->port);
    if (rc != 0)
        log_error("cannot receive on UDP port %u: %s", manager->config->port, strerror(-rc));
    return rc;
}

static int open_keys(struct manager *manager)
{
    struct conf_error error = {""};
    int rc = key_load(manager->config->keys, &manager->ring, &error);
    if (rc != 0)
        log_error("%s", error.text);
    return rc;
}

int manager_open(struct manager *manager, const char *config_path, struct config *config)
{
    *manager = (struct manager){.config_path = config_path, .config = config};
    manager->started_ms = clock_ms();
    manager->copies = copies_of_a_report(config);
    randombytes_buf(manager->secret, sizeof manager->secret);
    randombytes_buf(&manager->instance, sizeof manager->instance);
    manager->loop = qb_loop_create();
    manager->placement = placement_new();
    manager->pool = pool_new(log_node, manager);
    if (manager->loop == NULL || manager->placement == NULL || manager->pool == NULL)
        return -ENOMEM;
    int rc = open_keys(manager);
    if (rc == 0)
        rc = open_kernel(manager);
    if (rc == 0)
        rc = open_socket(manager);
    if (rc == 0)
        rc = pool_configure(manager->pool, config, clock_ms());
    if (rc != 0)
        return rc;
    manager->joins = pool_generation(manager->pool);
    own_state_directory(config);
    orders_load(manager);
    adopt_strangers(manager);
    adopt(manager);
    return 0;
}

int manager_start(struct manager *manager, const char *control)
{
    int rc = ctl_server_open(control, manager->loop, command_handle, manager, &manager->control);
    if (rc != 0) {
        log_error("cannot offer the control service %s: %s", control, strerror(-rc));
        return rc;
    }
    orders_apply(manager);
    rc = timers_start(manager);
    if (rc != 0)
        return rc;
    manager_apply(manager, true);
    share_hello(manager, SHARE_TO_ALL);
    share_overrides(manager);
    return 0;
}

void manager_close(struct manager *manager)
{
    if (manager->overrides_unsaved)
        orders_save(manager);
    timers_stop(manager);
    if (manager->control != NULL)
        ctl_server_close(manager->control);
    receiver_close(manager->receiver);
    if (manager->executor != NULL)
        executor_close(manager->executor);
    pool_free(manager->pool);
    placement_free(manager->placement);
    override_free(&manager->overrides);
    key_forget(&manager->ring);
    sodium_memzero(manager->secret, sizeof manager->secret);
    if (manager->loop != NULL)
        qb_loop_destroy(manager->loop);
    config_free(manager->config);
}

/* The executor deletes a drained server when its connections have ended or its time is over; then the node is idle. */
static void find_idle(struct manager *manager)
{
    const struct ipvs_table *table = executor_table(manager->executor);
    for (size_t i = 0; i < pool_count(manager->pool); i++) {
        struct pool_node *node = pool_at(manager->pool, i);
        if (node->condition != NODE_DRAINING && node->condition != NODE_RELEASED)
            continue;
        bool found = false;
        const struct ipvs_server *server;
        for (size_t s = 0; s < manager->config->service_count && !found; s++)
            found = placement_find(table, &manager->config->services[s], node, &server);
        if (!found)
            pool_idle(manager->pool, node, clock_ms());
    }
}

void manager_apply(struct manager *manager, bool reread)
{
    if (!pool_take_changes(manager->pool) && !reread)
        return;
    const struct executor_wanted *wanted = placement_build(manager->placement, manager->config, manager->pool);
    if (wanted == NULL) {
        log_error("out of memory; the weights are not written");
        return;
    }
    executor_apply(manager->executor, wanted, reread, clock_ms()); /* logs; the next comparison tries again */
    if (reread)
        find_idle(manager);
}

static void keep_text(const char *keyword, const char *old, char *now, size_t size)
{
    if (strcmp(old, now) == 0)
        return;
    log_warning("%s is %s until tmd is started again; the file says %s", keyword, old, now);
    memcpy(now, old, size); /* both arrays have that size */
}

/* What is settled at the start stays. */
static void keep_settled(const struct config *old, struct config *config)
{
    if (config->port != old->port)
        log_warning("the port is %u until tmd is started again; the file says %u", old->port, config->port);
    config->port = old->port;
    keep_text("ErrorLog", old->error_log, config->error_log, sizeof config->error_log);
    keep_text("user", old->user, config->user, sizeof config->user);
    keep_text("state", old->state, config->state, sizeof config->state);
}

/* What the other parts must know of a new configuration. */
static void use_config(struct manager *manager, struct config *config)
{
    struct config *old = manager->config;
    keep_settled(old, config);
    if (pool_configure(manager->pool, config, clock_ms()) != 0) {
        log_error("out of memory; the old configuration stays");
        config_free(config);
        return;
    }
    manager->config = config;
    config_free(old);
    manager->copies = copies_of_a_report(config);
    manager->joins = pool_generation(manager->pool);
    struct executor_settings settings = executor_settings_of(config);
    executor_configure(manager->executor, &settings);
    adopt(manager);
    orders_apply(manager);
    manager_apply(manager, true);
    timers_expect(manager, clock_ms());
    share_hello(manager, SHARE_TO_UNHEARD);
    log_notice("configuration %s read again: %zu traffic nodes, %zu virtual services", manager->config_path,
               config->node_count, config->service_count);
}

void manager_reload(struct manager *manager)
{
    struct config *config;
    struct keyring ring;
    struct conf_error error = {""};
    (void)log_reopen();
    int rc = config_read(manager->config_path, &config, &error);
    if (rc == 0) {
        rc = key_load(config->keys, &ring, &error);
        if (rc != 0)
            config_free(config);
    }
    if (rc != 0) {
        log_error("%s", error.text);
        log_error("the new configuration is refused; the old one stays in force");
        return;
    }
    key_forget(&manager->ring);
    manager->ring = ring;
    key_forget(&ring);
    use_config(manager, config);
}
