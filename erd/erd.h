/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon's context: pairs of ports, each with its decision (pair.h), its probes (sight.h, probe.h), and the book of
 * what both ports carry (book.h). The files erd*.c are its parts. */
#ifndef ERD_H
#define ERD_H

#include "announce.h"
#include "book.h"
#include "ctl.h"
#include "erd_config.h"
#include "gate.h"
#include "link.h"
#include "log.h"
#include "pair.h"
#include "port.h"
#include "probe.h"
#include "sight.h"
#include "table.h"
#include "wake.h"

#include <qb/qbloop.h>

struct erd;

struct erd_port {
    struct port now;
    bool fresh;           /* there since the last reading of the kernel's table only, or set up since */
    bool made;            /* it appeared while we ran, and is not prepared yet */
    bool changed;         /* the kernel told of a change since the reading of its table began */
    bool disturbed;       /* we removed an address there since that reading */
    unsigned refused_mtu; /* by the driver; 0: none */
    uint64_t lost_ms;     /* when its carrier last went or came back; 0: it never went */
    struct probe *probe;  /* NULL: not open */
    bool told_missing, told_down, told_mac, told_silent;
};

struct erd_pair {
    struct erd *erd;
    const struct erd_pair_config *config;
    struct pair machine;
    struct sight sight;
    struct book book;
    struct erd_port ports[PAIR_PORTS];
    uint8_t mac[6]; /* of both ports */
    bool has_mac;   /* it is known */
    bool own_macs;  /* a driver refused it: each port has its own */
    bool started;   /* the ports were found and prepared */
    bool told_no_port;
    bool told_silent;  /* that no target answers by either port */
    struct wake round; /* probes */
    struct wake due;   /* pair_due */
    struct wake look;  /* reading the kernel's table */
    bool look_is_set;
    uint32_t look_ms;   /* pause before the next reading: grows while each one finds something to mend */
    struct wake repeat; /* announcements */
    struct announce *announce;
    uint32_t announcements; /* still to send */
    struct log_limit errors, send_errors;
};

/* What the kernel's messages were about. */
struct erd_news {
    bool links; /* interfaces: looked at now, traffic may wait for it */
    bool table; /* addresses and routes: looked at soon */
};

struct erd {
    const char *config_path;
    char *const *ports; /* of the command line, or NULL */
    struct erd_config *config;
    qb_loop_t *loop;
    struct link_socket *links;
    struct gate *gate;
    struct table *table;
    int events; /* rtnetlink */
    struct erd_news news;
    int query; /* any socket, for ioctl */
    struct wake poll;
    struct wake metrics;
    struct ctl_server *control;
    uint64_t started_ms;
    size_t pair_count;
    struct erd_pair pairs[ERD_PAIRS_MAX];
};

static inline const char *erd_port_name(const struct erd_pair *pair, unsigned port)
{
    return pair->config->names[port];
}

/* erd.c: opens everything but the control service, finds the pairs as they are and prepares them; takes the
 * configuration. Returns 0 or a negative errno after a message; then erd_close. -EINVAL: the ports cannot be a pair. */
int erd_open(struct erd *erd, const char *config_path, char *const *ports, struct erd_config *config);
int erd_start(struct erd *erd, const char *control);
/* Everything in the kernel stays as it is. */
void erd_close(struct erd *erd);
void erd_reload(struct erd *erd);
/* Takes away what an erd that runs no more left: traffic goes by the primary, the twin is free. Returns 0 or a negative
 * errno after a message. */
int erd_clean(struct erd *erd);

/* erd_events.c: the kernel's word, and the timer that asks for it. */
int erd_events_open(struct erd *erd);
void erd_events_close(struct erd *erd);
void erd_events_note(struct erd *erd); /* takes what the kernel has said, and marks the ports that it is about */
void erd_events_act(struct erd *erd);  /* does what that calls for */

/* erd_begin.c: the pair as it is found, prepared. Returns 0 or a negative errno after a message. */
int erd_ports_start(struct erd_pair *pair);

/* erd_ports.c: how the ports are, and making one like the other. */
void erd_ports_read(struct erd_pair *pair);
void erd_ports_learn_mac(struct erd_pair *pair); /* the pair's, from the port in use */
void erd_ports_gates(struct erd_pair *pair);     /* as they must be, whatever happened to them */
void erd_ports_check(struct erd_pair *pair);     /* reads both, decides, acts */
void erd_ports_decide(struct erd_pair *pair);    /* decides by what was read, acts */
void erd_ports_due(void *context);               /* the timer's */
void erd_ports_links(const struct erd_pair *pair, struct pair_link links[PAIR_PORTS]);
int erd_ports_prepare(struct erd_pair *pair, unsigned which);

/* erd_book.c: the kernel's table and ours. -EAGAIN: a port has changed while the table was read. */
int erd_book_read(struct erd_pair *pair, bool first);
void erd_book_look(void *context); /* reads, and mends what differs */
void erd_book_look_soon(struct erd_pair *pair);
void erd_book_look_after(struct erd_pair *pair); /* a move: its rest is done soon, whatever was mended before */
unsigned erd_book_activate(struct erd_pair *pair);
unsigned erd_book_settle(struct erd_pair *pair);
void erd_book_table_ports(const struct erd_pair *pair, struct table_port ports[PAIR_PORTS]);

/* erd_move.c: the change of ports, and telling the LAN. */
void erd_move(struct erd_pair *pair, enum pair_reason reason);
void erd_move_announce(struct erd_pair *pair);
void erd_move_announce_end(struct erd_pair *pair);
void erd_move_repeat(void *context); /* the timer's */

/* erd_probes.c: rounds of probes. */
void erd_probes_open(struct erd_pair *pair); /* on ports that came, with the MACs that are right now */
void erd_probes_close(struct erd_pair *pair, unsigned which);
void erd_probes_start(struct erd_pair *pair); /* the timer, as configured */
void erd_probes_round(void *context);         /* the timer's */
size_t erd_probes_targets(const struct erd_pair *pair, struct probe_target targets[PROBE_TARGETS_MAX]);

/* erd_control.c, erd_metrics.c */
json_t *erd_control(void *context, const char *command, const json_t *request);
const char *erd_port_state(const struct erd_pair *pair, unsigned which);
unsigned erd_working(const struct erd *erd); /* of the pair that has the fewest */
void erd_metrics_write(const struct erd *erd);

#endif
