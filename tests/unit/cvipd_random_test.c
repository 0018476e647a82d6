/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Searches random schedules for one that breaks the rules. SCHEDULES=n in the environment: so many; FIRST=n: from
 * that seed on; SEED=n or an argument: only that one, told step by step. */
#include "cvipd_simulation.h"

#include <stdlib.h>

#define SCHEDULES 2000
#define BAD_MAX 20 /* enough to look at */

static void print_sums(unsigned long count, const struct simulation *sums)
{
    printf("%lu schedules, %llu heartbeats, %llu checks, %llu leases over; two members at a time: %llu apart, %llu "
           "meeting, %llu by false alarm\n",
           count, (unsigned long long)sums->datagrams, (unsigned long long)sums->checks,
           (unsigned long long)sums->lapses, (unsigned long long)sums->overlaps_apart,
           (unsigned long long)sums->overlaps_meeting, (unsigned long long)sums->overlaps_alarm);
}

static bool run_one(uint64_t seed, bool trace, struct simulation *sums)
{
    static struct simulation s;
    bool good = simulation_schedule(seed, trace, &s);
    if (!good)
        printf("SEED=%llu: %s\n", (unsigned long long)seed, s.failure);
    sums->datagrams += s.datagrams;
    sums->checks += s.checks;
    sums->lapses += s.lapses;
    sums->overlaps_apart += s.overlaps_apart;
    sums->overlaps_meeting += s.overlaps_meeting;
    sums->overlaps_alarm += s.overlaps_alarm;
    simulation_end(&s);
    return good;
}

int main(int argc, char **argv)
{
    static struct simulation sums;
    const char *seed = argc > 1 ? argv[1] : getenv("SEED");
    const char *wanted = getenv("SCHEDULES");
    unsigned long count = wanted != NULL ? strtoul(wanted, NULL, 10) : SCHEDULES;
    if (seed != NULL)
        return run_one(strtoull(seed, NULL, 10), true, &sums) ? 0 : 1;
    const char *first = getenv("FIRST");
    unsigned long bad = 0, done = 0, from = first != NULL ? strtoul(first, NULL, 10) : 1;
    for (; done < count && bad < BAD_MAX; done++)
        bad += !run_one(from + done, false, &sums);
    print_sums(done, &sums);
    return bad == 0 ? 0 : 1;
}
