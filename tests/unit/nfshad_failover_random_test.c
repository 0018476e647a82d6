/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Searches random schedules for one that breaks the rules. SCHEDULES=n in the environment: so many; FIRST=n: from
 * that seed on; SEED=n or an argument: only that one, told step by step. */
#include "nfshad_simulation.h"

#include <stdio.h>
#include <stdlib.h>

#define SCHEDULES 3000
#define TWICE 10   /* one of so many is run a second time */
#define BAD_MAX 20 /* enough to look at */
#define ENOUGH 500 /* so many schedules show everything; under valgrind there are fewer */

static void add(struct simulation_counts *sums, const struct simulation_counts *counts)
{
    sums->events += counts->events;
    sums->moves += counts->moves;
    sums->remounts += counts->remounts;
    sums->failed += counts->failed;
    sums->writes += counts->writes;
    sums->refused += counts->refused;
    sums->waits += counts->waits;
    sums->own_copies += counts->own_copies;
    sums->commands += counts->commands;
    sums->found += counts->found;
    sums->restarts += counts->restarts;
    sums->comparisons += counts->comparisons;
}

/* Schedules in which nothing happens would show nothing. */
static bool is_thorough(const struct simulation_counts *sums)
{
    return sums->moves > 0 && sums->remounts > 0 && sums->failed > 0 && sums->refused > 0 && sums->waits > 0 &&
           sums->own_copies > 0 && sums->commands > 0 && sums->found > 0 && sums->restarts > 0;
}

static bool run_one(uint64_t seed, bool trace, struct simulation_counts *sums)
{
    static struct simulation s, again;
    bool good = simulation_run(&s, seed, trace);
    if (!good)
        printf("SEED=%llu: %s\n", (unsigned long long)seed, s.failure);
    if (seed % TWICE == 0) {
        simulation_run(&again, seed, false);
        if (again.digest != s.digest) {
            printf("SEED=%llu: another course the second time\n", (unsigned long long)seed);
            good = false;
        }
    }
    add(sums, &s.counts);
    return good;
}

int main(int argc, char **argv)
{
    static struct simulation_counts sums;
    const char *seed = argc > 1 ? argv[1] : getenv("SEED");
    const char *wanted = getenv("SCHEDULES");
    const char *first = getenv("FIRST");
    unsigned long count = wanted != NULL ? strtoul(wanted, NULL, 10) : SCHEDULES;
    unsigned long bad = 0, done = 0, from = first != NULL ? strtoul(first, NULL, 10) : 1;
    if (seed != NULL)
        return run_one(strtoull(seed, NULL, 10), true, &sums) ? 0 : 1;
    for (; done < count && bad < BAD_MAX; done++)
        bad += !run_one(from + done, false, &sums);
    printf("%lu schedules, %lu events, %lu comparisons; %lu moves, %lu of them remounts, %lu failed; %lu writes; %lu "
           "commands, %lu times found elsewhere, %lu restarts; events while waiting %lu, refused %lu, own copies %lu\n",
           done, sums.events, sums.comparisons, sums.moves, sums.remounts, sums.failed, sums.writes, sums.commands,
           sums.found, sums.restarts, sums.waits, sums.refused, sums.own_copies);
    if (bad == 0 && done >= ENOUGH && !is_thorough(&sums)) {
        puts("too few schedules: not everything has happened");
        return 1;
    }
    return bad == 0 ? 0 : 1;
}
