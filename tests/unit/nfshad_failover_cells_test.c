/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What comes of each combination: how the other server looked while the server in use worked, how both look then, and
 * what they are to each other. */
#include "nfshad_failover_test.h"

enum look { DOWN, UNREADABLE, SAME, DIFFERENT, NOT_SERVING, LOOKS };

struct cell {
    struct failover_settings settings;
    enum look before; /* the other server, while the one in use worked */
    enum look current, other;
};

struct outcome {
    const char *done;
    enum failover_state state;
};

static void set_look(struct world *w, size_t server, enum look look)
{
    static const enum failover_identity identities[] = {FAILOVER_IDENTITY_UNKNOWN, FAILOVER_IDENTITY_UNKNOWN,
                                                        FAILOVER_SAME, FAILOVER_DIFFERENT, FAILOVER_NOT_SERVING};
    w->up[server] = look != DOWN;
    w->serves[server] = identities[look];
}

/* The server in use is lost. known: what the other one serves, as far as that counts. */
static struct outcome expected_loss(const struct cell *cell, enum look known, bool one_at_a_time)
{
    bool remount = cell->settings.mismatch == MISMATCH_REMOUNT;
    if (cell->other == DOWN)
        return (struct outcome){"", FAILOVER_WAITING};
    if (one_at_a_time && cell->before == SAME)
        return (struct outcome){"", FAILOVER_REFUSED};
    if (known == SAME)
        return (struct outcome){"move 1", FAILOVER_STEADY};
    if (known == DIFFERENT && remount && !(one_at_a_time && cell->before == DIFFERENT))
        return (struct outcome){"remount 1", FAILOVER_STEADY};
    bool told = cell->other == UNREADABLE && cell->before == DIFFERENT && cell->current != DIFFERENT;
    bool different = cell->other == DIFFERENT || told;
    if (different && (!remount || (one_at_a_time && cell->before == DIFFERENT)))
        return (struct outcome){"", FAILOVER_REFUSED};
    return (struct outcome){"", FAILOVER_WAITING};
}

static struct outcome expected(const struct cell *cell)
{
    const struct failover_settings *settings = &cell->settings;
    bool standby = settings->replication == REPLICATION_STANDBY;
    bool one_at_a_time = standby && settings->writable;
    bool lost = cell->current != SAME && cell->current != UNREADABLE;
    /* Where the server in use serves something else, the others may, too: they are asked again. */
    bool anew = standby || cell->current == DIFFERENT;
    enum look known = cell->other == UNREADABLE && !anew ? cell->before : cell->other;
    if (!settings->compare && cell->current == DOWN && cell->other != DOWN)
        return (struct outcome){"move 1", FAILOVER_STEADY};
    if (!settings->compare)
        return (struct outcome){"", cell->current == DOWN ? FAILOVER_WAITING : FAILOVER_STEADY};
    return lost ? expected_loss(cell, known, one_at_a_time) : (struct outcome){"", FAILOVER_STEADY};
}

static void try_cell(const struct cell *cell)
{
    struct world w = world_of(&cell->settings, 2, 0);
    struct outcome outcome = expected(cell);
    set_look(&w, 1, cell->before);
    pass(&w, 1000);
    assert_string_equal(w.done, "");
    set_look(&w, 1, cell->other);
    /* What all serve is known before; what was found in the first second still counts. */
    if (cell->settings.replication != REPLICATION_STANDBY)
        pass(&w, 15000);
    set_look(&w, 0, cell->current);
    pass(&w, 15000); /* the server in use is asked each 10 s */
    if (strcmp(w.done, outcome.done) != 0 || w.failover.state != outcome.state)
        fail_msg("%d%s%s%s: looked %d, then the server in use %d, the other %d: \"%s\", %s: %s; not \"%s\", %s",
                 (int)cell->settings.replication, cell->settings.writable ? " writable" : "",
                 cell->settings.mismatch == MISMATCH_REMOUNT ? " remount" : "",
                 cell->settings.compare ? "" : " no compare", (int)cell->before, (int)cell->current, (int)cell->other,
                 w.done, failover_state_name(w.failover.state), w.failover.reason, outcome.done,
                 failover_state_name(outcome.state));
}

static void try_looks(struct cell *cell)
{
    for (cell->before = 0; cell->before < LOOKS; cell->before++)
        for (cell->current = 0; cell->current < LOOKS; cell->current++)
            for (cell->other = 0; cell->other < LOOKS; cell->other++)
                try_cell(cell);
}

static void every_cell(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 24; i++) {
        struct cell cell = {.settings = usual};
        cell.settings.replication = (enum replication)(i % 3);
        cell.settings.writable = i / 3 % 2 == 0;
        cell.settings.mismatch = i / 6 % 2 == 0 ? MISMATCH_REFUSE : MISMATCH_REMOUNT;
        cell.settings.compare = i / 12 == 0;
        try_looks(&cell);
    }
}

/* Whatever is known, the state has a name, and trouble has a reason. */
static void every_state_is_told(void **state)
{
    (void)state;
    for (enum look current = 0; current < LOOKS; current++)
        for (enum look other = 0; other < LOOKS; other++) {
            struct world w = world_of(&usual, 2, 0);
            failover_name(&w.failover, 0, "alpha");
            failover_name(&w.failover, 1, "beta");
            pass(&w, 1000);
            set_look(&w, 0, current);
            set_look(&w, 1, other);
            w.slow = true;
            pass(&w, 15000);
            if (w.failover.state == FAILOVER_STEADY)
                continue;
            assert_says(w.failover.reason, "alpha");
            if (w.failover.state != FAILOVER_MOVING)
                assert_says(w.failover.reason, "beta");
        }
}

static void names(void **state)
{
    (void)state;
    assert_string_equal(failover_state_name(FAILOVER_STEADY), "steady");
    assert_string_equal(failover_state_name(FAILOVER_WAITING), "waiting");
    assert_string_equal(failover_state_name(FAILOVER_REFUSED), "refused");
    assert_string_equal(failover_state_name(FAILOVER_MOVING), "moving");
    assert_string_equal(failover_health_name(FAILOVER_HEALTH_UNKNOWN), "unknown");
    assert_string_equal(failover_health_name(FAILOVER_UP), "up");
    assert_string_equal(failover_health_name(FAILOVER_DOWN), "down");
    assert_string_equal(failover_identity_name(FAILOVER_IDENTITY_UNKNOWN), "unknown");
    assert_string_equal(failover_identity_name(FAILOVER_SAME), "same");
    assert_string_equal(failover_identity_name(FAILOVER_DIFFERENT), "different");
    assert_string_equal(failover_identity_name(FAILOVER_NOT_SERVING), "not serving");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell),
        cmocka_unit_test(every_state_is_told),
        cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
