/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Prometheus text file (node_exporter's textfile collector reads it), written whole about once a second. */
#include "cvipd.h"

#include "clock.h"
#include "file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void one(FILE *out, const char *name, const char *type, uint64_t value, const char *help)
{
    fprintf(out, "# HELP has_cvipd_%s %s\n# TYPE has_cvipd_%s %s\nhas_cvipd_%s %" PRIu64 "\n", name, help, name, type,
            name, value);
}

static void write_ownership(FILE *out, const struct cvipd *cvipd, uint64_t now_us)
{
    struct ownership_view view;
    ownership_view(cvipd->ownership, now_us, &view);
    one(out, "epoch", "gauge", view.epoch, "The map of buckets in force");
    one(out, "buckets", "gauge", view.owned, "Buckets that are ours by the map");
    one(out, "buckets_silent", "gauge", view.silent, "Our buckets in state SILENT");
    one(out, "buckets_own", "gauge", view.own, "Our buckets in state OWN");
    one(out, "buckets_holding", "gauge", view.holding, "Our buckets that hold connection requests");
    one(out, "quorate", "gauge", view.quorate, "1: with quorum");
    one(out, "ready", "gauge", cvipd->ready, "1: could own buckets");
    one(out, "takeovers_total", "counter", view.takeovers, "Buckets taken over from a lost member");
    one(out, "moves_total", "counter", view.moves, "Planned moves");
    one(out, "false_alarms_total", "counter", view.false_alarms, "Members that counted as dead and were alive");
    one(out, "takeover_silence_milliseconds", "gauge", cvipd->takeover.silent_ms,
        "At the last take-over: from the lost member's last heartbeat to the new states");
    one(out, "reconstruction_milliseconds", "gauge", cvipd->reconstruction.last.took_ms,
        "How long the last reconstruction took");
    one(out, "reconstruction_connections", "gauge", cvipd->reconstruction.last.connections,
        "Connections that the last reconstruction brought");
}

static void write_engine(FILE *out, const struct cvipd *cvipd)
{
    uint64_t counters[ENGINE_COUNT_MAX];
    engine_counters(cvipd->engine, counters);
    one(out, "frames_total", "counter", counters[ENGINE_COUNT_FRAMES], "Client frames seen on the service port");
    one(out, "passed_total", "counter", counters[ENGINE_COUNT_PASSED], "Client frames let in");
    one(out, "foreign_total", "counter", counters[ENGINE_COUNT_FOREIGN], "Client frames left to their owner");
    one(out, "expired_total", "counter", counters[ENGINE_COUNT_EXPIRED], "Client frames dropped: the lease was over");
    one(out, "rst_kept_back_total", "counter", counters[ENGINE_COUNT_RST], "RSTs not sent");
    one(out, "replayed_total", "counter", counters[ENGINE_COUNT_REPLAYED], "Connection requests taken in again");
}

static void write_transport(FILE *out, const struct cvipd *cvipd)
{
    const struct heartbeat_counters *counters = heartbeat_counters(cvipd->heartbeat);
    one(out, "heartbeats_sent_total", "counter", counters->sent, "Heartbeats sent, by all LANs");
    one(out, "heartbeats_received_total", "counter", counters->received, "Heartbeats received, by all LANs");
    fprintf(out, "# HELP has_cvipd_rejected_total Datagrams that were refused, by reason\n"
                 "# TYPE has_cvipd_rejected_total counter\n");
    for (int r = WIRE_OK + 1; r < WIRE_RESULT_COUNT; r++)
        fprintf(out, "has_cvipd_rejected_total{reason=\"%s\"} %" PRIu64 "\n", wire_result_name((enum wire_result)r),
                counters->refused[r]);
}

void cvipd_metrics_write(const struct cvipd *cvipd)
{
    uint64_t now_us = clock_boot_us();
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    if (out == NULL)
        return;
    one(out, "uptime_seconds", "gauge", (now_us - cvipd->started_us) / 1000000, "Since cvipd started");
    write_ownership(out, cvipd, now_us);
    write_engine(out, cvipd);
    write_transport(out, cvipd);
    int rc = fclose(out) == 0 ? file_write(cvipd->config->metrics, text, length, 0644, 0) : 0;
    if (rc != 0)
        log_debug("cannot write %s: %s", cvipd->config->metrics, strerror(-rc));
    free(text);
}
