/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "admission.h"

#include <string.h>

const char *admission_result_name(enum admission_result result)
{
    static const char *const names[ADMISSION_RESULT_COUNT] = {
        [ADMISSION_ACCEPTED] = "accepted",     [ADMISSION_DUPLICATE] = "duplicate",
        [ADMISSION_REPLAYED] = "replayed",     [ADMISSION_STALE_COOKIE] = "stale_cookie",
        [ADMISSION_NOT_LISTED] = "not_listed",
    };
    return names[result];
}

void admission_start(struct admission *admission, uint64_t generation)
{
    memset(admission, 0, sizeof *admission);
    admission->generation = generation;
}

/* Moves the window of copies up to a new sequence number. */
static void advance(struct admission *admission, uint64_t sequence)
{
    uint64_t steps = sequence - admission->sequence;
    if (steps >= ADMISSION_WINDOW)
        memset(admission->copies, 0, sizeof admission->copies);
    else
        for (uint64_t s = admission->sequence + 1; s <= sequence; s++)
            admission->copies[s % ADMISSION_WINDOW] = 0;
    admission->copies[sequence % ADMISSION_WINDOW] = 1;
    admission->sequence = sequence;
}

/* A report of the session that is going on. */
static enum admission_result judge_sequence(struct admission *admission, uint64_t sequence, unsigned copies)
{
    if (sequence > admission->sequence) {
        advance(admission, sequence);
        return ADMISSION_ACCEPTED;
    }
    if (admission->sequence - sequence >= ADMISSION_WINDOW)
        return ADMISSION_REPLAYED;
    uint8_t *count = &admission->copies[sequence % ADMISSION_WINDOW];
    if (*count >= copies)
        return ADMISSION_REPLAYED;
    (*count)++;
    return ADMISSION_DUPLICATE;
}

enum admission_result admission_judge(struct admission *admission, const uint8_t secret[KEY_BYTES],
                                      const struct wire_report *report, unsigned copies,
                                      uint8_t cookie[WIRE_COOKIE_BYTES])
{
    if (admission->session != 0 && report->session == admission->session) {
        memcpy(cookie, admission->cookie, WIRE_COOKIE_BYTES);
        if (!wire_cookie_equal(report->cookie, cookie))
            return ADMISSION_STALE_COOKIE;
        return judge_sequence(admission, report->sequence, copies);
    }
    /* A new session, or an old one again. Only who got today's cookie for this session is alive. */
    wire_cookie(secret, &report->address, report->session, admission->generation, cookie);
    if (!wire_cookie_equal(report->cookie, cookie))
        return ADMISSION_STALE_COOKIE;
    admission->session = report->session;
    admission->generation++;
    admission->sequence = 0;
    memcpy(admission->cookie, cookie, WIRE_COOKIE_BYTES);
    memset(admission->copies, 0, sizeof admission->copies);
    advance(admission, report->sequence);
    return ADMISSION_ACCEPTED;
}
