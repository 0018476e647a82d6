/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Searches random schedules for one that breaks the rules. SCHEDULES=n in the environment: so many; FIRST=n: from
 * that seed on; SEED=n or an argument: only that one, told step by step. */
#include "erd_simulation.h"

#include <stdio.h>
#include <stdlib.h>

#define SCHEDULES 2000
#define BAD_MAX 20 /* enough to look at */

static void add(struct simulation_counts *sums, const struct simulation_counts *counts)
{
    sums->looks += counts->looks;
    sums->rounds += counts->rounds;
    sums->by_link += counts->by_link;
    sums->by_silence += counts->by_silence;
    sums->failbacks += counts->failbacks;
    sums->commands += counts->commands;
    sums->refusals += counts->refusals;
    sums->restarts += counts->restarts;
    sums->no_port += counts->no_port;
    sums->back_offs += counts->back_offs;
}

/* Schedules in which nothing happens would show nothing. */
static bool is_thorough(const struct simulation_counts *sums)
{
    return sums->by_link > 0 && sums->by_silence > 0 && sums->failbacks > 0 && sums->commands > 0 &&
           sums->restarts > 0 && sums->no_port > 0 && sums->back_offs > 0;
}

static bool run_one(uint64_t seed, bool trace, struct simulation_counts *sums)
{
    static struct simulation s, again;
    bool good = simulation_run(&s, seed, trace);
    if (!good)
        printf("SEED=%llu: %s\n", (unsigned long long)seed, s.failure);
    simulation_run(&again, seed, false);
    if (again.digest != s.digest) {
        printf("SEED=%llu: another course the second time\n", (unsigned long long)seed);
        good = false;
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
    printf("%lu schedules, %lu looks, %lu rounds; failovers: %lu by link, %lu by silence; %lu failbacks, %lu waits "
           "doubled; %lu commands, %lu refused; %lu restarts; both ports down: %lu\n",
           done, sums.looks, sums.rounds, sums.by_link, sums.by_silence, sums.failbacks, sums.back_offs, sums.commands,
           sums.refusals, sums.restarts, sums.no_port);
    if (bad == 0 && !is_thorough(&sums)) {
        puts("too few schedules: not everything has happened");
        return 1;
    }
    return bad == 0 ? 0 : 1;
}
