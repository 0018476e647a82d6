/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The traffic client: everything that one running daemon has. */
#ifndef TCD_H
#define TCD_H

#include "agentcheck.h"
#include "check.h"
#include "connections.h"
#include "ctl.h"
#include "leave.h"
#include "measure.h"
#include "reporter.h"

struct tcd {
    qb_loop_t *loop;
    const char *config_path;
    bool debug;
    struct tcd_config *config;
    struct keyring keys;
    uint64_t started_ms;

    struct measure measure;
    struct check_engine *checks;
    struct connections *connections;
    struct reporter reporter;
    struct agentcheck *agent;
    struct ctl_server *control;

    enum health health;
    bool services_up[WIRE_SERVICES_MAX];
    uint32_t connection_count;
    struct leave leave;
    struct timer sample_timer;
    struct timer leave_timer;
    uint64_t metrics_ms; /* when they are written next */
};

/* Reads the configuration and the keys. Returns 0, or a negative errno with error->text set. */
int tcd_load(struct tcd *tcd, struct conf_error *error);

/* Opens sockets and starts everything on tcd->loop. Returns 0 or a negative errno; the reason is logged. */
int tcd_start(struct tcd *tcd, const char *control_name);

/* Reads the configuration and the keys again; a bad one is refused and the old one stays. */
void tcd_reload(struct tcd *tcd);

/* Begins to leave, or ends at once when it is leaving already; then the loop is stopped. */
void tcd_leave(struct tcd *tcd);

void tcd_stop(struct tcd *tcd);

/* The index to be reported: 0 when the application does not answer. */
uint32_t tcd_index(struct tcd *tcd);

/* Whether reports are sent: the thesis' load_index_report_flag. */
bool tcd_is_reporting(const struct tcd *tcd);

#endif
