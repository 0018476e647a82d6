/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "metrics.h"

#include "clock.h"
#include "file.h"
#include "tcd.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void head(FILE *out, const char *name, const char *type, const char *help)
{
    fprintf(out, "# HELP has_tcd_%s %s\n# TYPE has_tcd_%s %s\n", name, help, name, type);
}

static void number(FILE *out, const char *name, const char *type, const char *help, uint64_t value)
{
    head(out, name, type, help);
    fprintf(out, "has_tcd_%s %" PRIu64 "\n", name, value);
}

/* A label's value: backslash, quote and line end are escaped. */
static void label(FILE *out, const char *name, const char *value)
{
    fprintf(out, "%s=\"", name);
    for (; *value; value++) {
        if (*value == '\n')
            fputs("\\n", out);
        else if (*value == '"' || *value == '\\')
            fprintf(out, "\\%c", *value);
        else
            fputc(*value, out);
    }
    fputc('"', out);
}

static void write_node(FILE *out, struct tcd *tcd)
{
    const struct pressure_shares *shares = &tcd->measure.shares;
    number(out, "index", "gauge", "Load index; 0: the application does not answer.", tcd_index(tcd));
    number(out, "reporting", "gauge", "Whether the load index is reported.", tcd_is_reporting(tcd));
    number(out, "draining", "gauge", "Whether the node is leaving.", tcd->leave.active);
    number(out, "connections", "gauge", "Open TCP connections to the virtual services.", tcd->connection_count);
    head(out, "free_permille", "gauge", "Free share of a resource, 0 to 1000; all: the scarcest.");
    fprintf(out, "has_tcd_free_permille{resource=\"cpu\"} %u\n", shares->cpu);
    fprintf(out, "has_tcd_free_permille{resource=\"memory\"} %u\n", shares->memory);
    fprintf(out, "has_tcd_free_permille{resource=\"network\"} %u\n", shares->network);
    fprintf(out, "has_tcd_free_permille{resource=\"all\"} %u\n", shares->free);
}

static void write_checks(FILE *out, const struct tcd *tcd)
{
    if (tcd->checks->count == 0)
        return;
    head(out, "check_up", "gauge", "Whether a check counts as up.");
    for (size_t i = 0; i < tcd->checks->count; i++) {
        fputs("has_tcd_check_up{", out);
        label(out, "check", tcd->checks->checks[i].config->name);
        fprintf(out, "} %d\n", tcd->checks->checks[i].state.status == CHECK_UP);
    }
    head(out, "check_tries_total", "counter", "Tries of a check.");
    for (size_t i = 0; i < tcd->checks->count; i++) {
        fputs("has_tcd_check_tries_total{", out);
        label(out, "check", tcd->checks->checks[i].config->name);
        fprintf(out, "} %" PRIu64 "\n", tcd->checks->checks[i].tries);
    }
    head(out, "check_failures_total", "counter", "Tries of a check that failed.");
    for (size_t i = 0; i < tcd->checks->count; i++) {
        fputs("has_tcd_check_failures_total{", out);
        label(out, "check", tcd->checks->checks[i].config->name);
        fprintf(out, "} %" PRIu64 "\n", tcd->checks->checks[i].failures);
    }
    head(out, "check_latency_seconds", "gauge", "Duration of the last try of a check.");
    for (size_t i = 0; i < tcd->checks->count; i++) {
        fputs("has_tcd_check_latency_seconds{", out);
        label(out, "check", tcd->checks->checks[i].config->name);
        fprintf(out, "} %.6f\n", (double)tcd->checks->checks[i].latency_us / 1e6);
    }
}

static void write_masters(FILE *out, const struct tcd *tcd)
{
    const struct reporter *reporter = &tcd->reporter;
    head(out, "master_acknowledged", "gauge", "Whether a master answers on an address.");
    for (size_t i = 0; i < reporter->state.count; i++) {
        const struct report_master *master = &reporter->state.masters[i];
        for (size_t j = 0; j < master->count; j++) {
            char text[ADDR_TEXT_MAX];
            fprintf(out, "has_tcd_master_acknowledged{master=\"%s\",address=\"%s\"} %d\n", master->name,
                    addr_format(&master->addresses[j].address, text), master->addresses[j].acknowledged);
        }
    }
}

static void write_counters(FILE *out, const struct reporter *reporter)
{
    number(out, "reports_sent_total", "counter", "Datagrams sent.", reporter->sent);
    number(out, "send_errors_total", "counter", "Datagrams that could not be sent.", reporter->send_errors);
    number(out, "acknowledgements_total", "counter", "Acknowledgements taken.", reporter->answers);
    number(out, "hellos_total", "counter", "Managers that said they had started.", reporter->hellos);
    head(out, "rejected_total", "counter", "Datagrams rejected.");
    for (int i = WIRE_OK + 1; i < WIRE_RESULT_COUNT; i++)
        fprintf(out, "has_tcd_rejected_total{reason=\"%s\"} %" PRIu64 "\n", wire_result_name((enum wire_result)i),
                reporter->rejected[i]);
    fprintf(out, "has_tcd_rejected_total{reason=\"not_for_us\"} %" PRIu64 "\n", reporter->not_for_us);
}

void metrics_write(struct tcd *tcd)
{
    static struct log_limit limit;
    char *text = NULL;
    size_t length = 0;
    uint64_t suppressed;
    FILE *out = open_memstream(&text, &length);
    if (!out)
        return;
    write_node(out, tcd);
    write_checks(out, tcd);
    write_masters(out, tcd);
    write_counters(out, &tcd->reporter);
    int result = fclose(out) == 0 ? file_write(tcd->config->metrics, text, length, 0644, 0) : -1;
    free(text);
    if (result && log_allowed(&limit, clock_ms(), &suppressed))
        log_warning("cannot write %s: %s", tcd->config->metrics, strerror(-result));
}
