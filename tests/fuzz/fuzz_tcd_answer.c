/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a web server may answer to a check, and the texts of /proc. */
#include "http_message.h"
#include "pressure.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge_answer(const char *data, size_t size)
{
    struct check_config check = {.status_count = 1, .statuses = {{200, 399}}};
    struct http_answer answer;
    char reason[64];
    (void)http_judge(&check, data, size, reason, sizeof(reason));
    if (http_read_head(data, size, &answer) != 0)
        return;
    if (answer.body_offset > size || answer.status < 100 || answer.status > 999)
        abort();
    (void)http_is_complete(&answer, data, size);
    char *body = http_body(&answer, data, size);
    if (body && strlen(body) > size)
        abort();
    free(body);
}

static void read_proc(const char *text)
{
    struct loadindex_memory memory;
    struct pressure_sample sample = {0};
    struct pressure_shares shares;
    uint64_t total;
    uint64_t cpu = loadindex_cpu(text, 4);
    loadindex_memory(text, &memory);
    pressure_read_stat(text, &sample);
    (void)pressure_read_stall(text, &total);
    pressure_compute(&(struct pressure_sample){.has_cpu = true}, &sample, &memory, &shares);
    if (cpu < 1 || memory.available_kb > memory.total_kb || shares.free > PRESSURE_FREE ||
        loadindex_compute(cpu, memory.available_kb, 256) < 1)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    judge_answer(text, size);
    read_proc(text);
    free(text);
    return 0;
}
