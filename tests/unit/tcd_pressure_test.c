/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "pressure.h"

static const struct loadindex_memory half_free = {.total_kb = 1000, .free_kb = 100, .available_kb = 500};
static const struct loadindex_memory all_free = {.total_kb = 1000, .free_kb = 1000, .available_kb = 1000};

static void stat_is_read(void **state)
{
    struct pressure_sample sample = {0};
    (void)state;
    pressure_read_stat("cpu  10 20 30 400 5 6 7 8 9 10\ncpu0 1 2 3 4\n", &sample);
    assert_true(sample.has_cpu);
    assert_int_equal(sample.idle, 405);
    assert_int_equal(sample.busy, 10 + 20 + 30 + 6 + 7 + 8); /* guest time is in user time already */
    pressure_read_stat("cpu  1 2 3 4\n", &sample);           /* as kernels before 2.6 had it */
    assert_true(sample.has_cpu);
    assert_int_equal(sample.idle, 4);
    pressure_read_stat("cpu  1 2\n", &sample);
    assert_false(sample.has_cpu);
    pressure_read_stat("nonsense", &sample);
    assert_false(sample.has_cpu);
}

static void stall_is_read(void **state)
{
    uint64_t total;
    (void)state;
    assert_true(pressure_read_stall("some avg10=0.00 avg60=0.03 avg300=5.03 total=154117944\n"
                                    "full avg10=0.00 avg60=0.00 avg300=0.00 total=7\n",
                                    &total));
    assert_int_equal(total, 154117944);
    assert_false(pressure_read_stall("some avg10=0.00\nfull total=7\n", &total));
    assert_int_equal(total, 0);
    assert_false(pressure_read_stall("", &total));
    assert_false(pressure_read_stall("some total=x\n", &total));
}

static void idle_node_is_free(void **state)
{
    struct pressure_sample a = {.time_us = 0, .has_cpu = true, .busy = 100, .idle = 100};
    struct pressure_sample b = {.time_us = 500000, .has_cpu = true, .busy = 100, .idle = 200};
    struct pressure_shares shares;
    (void)state;
    pressure_compute(&a, &b, &all_free, &shares);
    assert_int_equal(shares.free, 1000);
}

static void busy_cpu_takes_its_share(void **state)
{
    struct pressure_sample a = {.time_us = 0, .has_cpu = true, .has_cpu_stall = true};
    struct pressure_sample b = {.time_us = 1000000, .has_cpu = true, .busy = 60, .idle = 40, .has_cpu_stall = true};
    struct pressure_shares shares;
    (void)state;
    pressure_compute(&a, &b, &all_free, &shares);
    assert_int_equal(shares.cpu, 400);
    b.cpu_stall_us = 500000; /* half of the time somebody waited for a CPU */
    pressure_compute(&a, &b, &all_free, &shares);
    assert_int_equal(shares.cpu, 200);
    assert_int_equal(shares.free, 200);
}

static void memory_and_its_stalls(void **state)
{
    struct pressure_sample a = {.time_us = 0, .has_memory_stall = true};
    struct pressure_sample b = {.time_us = 1000000, .has_memory_stall = true, .memory_stall_us = 100000};
    struct pressure_shares shares;
    (void)state;
    pressure_compute(&a, &b, &half_free, &shares);
    assert_int_equal(shares.memory, 450);
    assert_int_equal(shares.cpu, 1000);
    assert_int_equal(shares.free, 450);
}

static void busier_direction_of_the_network_counts(void **state)
{
    struct pressure_sample a = {.time_us = 0, .has_network = true, .speed_mbit = 1000};
    struct pressure_sample b = {.time_us = 1000000,
                                .has_network = true,
                                .speed_mbit = 1000,
                                .received_bytes = 1000000,
                                .sent_bytes = 100000000};
    struct pressure_shares shares;
    (void)state;
    pressure_compute(&a, &b, &all_free, &shares);
    assert_int_equal(shares.network, 200); /* 100 of 125 MB/s */
    b.speed_mbit = 0;                      /* unknown, as of a virtual interface */
    pressure_compute(&a, &b, &all_free, &shares);
    assert_int_equal(shares.network, 1000);
}

static void what_is_missing_is_free(void **state)
{
    struct pressure_sample nothing = {0};
    struct loadindex_memory unknown = {0};
    struct pressure_shares shares;
    (void)state;
    pressure_compute(&nothing, &nothing, &unknown, &shares);
    assert_int_equal(shares.free, 1000);
}

static void counters_that_run_backwards_stand_still(void **state)
{
    struct pressure_sample a = {.time_us = 1000000,
                                .has_cpu = true,
                                .busy = 50,
                                .idle = UINT64_MAX / 16,
                                .has_cpu_stall = true,
                                .cpu_stall_us = UINT64_MAX,
                                .has_network = true,
                                .speed_mbit = 10,
                                .received_bytes = UINT64_MAX,
                                .sent_bytes = 4294967295};
    struct pressure_sample b = {.time_us = 1500000,
                                .has_cpu = true,
                                .busy = 60,
                                .idle = 3,
                                .has_cpu_stall = true,
                                .cpu_stall_us = 5,
                                .has_network = true,
                                .speed_mbit = 10,
                                .received_bytes = 7,
                                .sent_bytes = 7};
    struct pressure_shares shares;
    (void)state;
    pressure_compute(&a, &b, &all_free, &shares);
    assert_int_equal(shares.cpu, 0); /* ten busy ticks and no idle one */
    assert_int_equal(shares.network, 1000);
}

/* A generator that gives the same numbers everywhere. */
static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed >> (*seed & 63);
}

static void random_sample(struct pressure_sample *sample, uint64_t *seed)
{
    uint64_t flags = next_random(seed);
    *sample = (struct pressure_sample){.time_us = next_random(seed),
                                       .has_cpu = flags & 1,
                                       .busy = next_random(seed),
                                       .idle = next_random(seed),
                                       .has_cpu_stall = flags & 2,
                                       .cpu_stall_us = next_random(seed),
                                       .has_memory_stall = flags & 4,
                                       .memory_stall_us = next_random(seed),
                                       .has_network = flags & 8,
                                       .received_bytes = next_random(seed),
                                       .sent_bytes = next_random(seed),
                                       .speed_mbit = next_random(seed)};
}

static void any_input_stays_in_bounds(void **state)
{
    uint64_t seed = 20060815;
    (void)state;
    for (int i = 0; i < 200000; i++) {
        struct pressure_sample a;
        struct pressure_sample b;
        struct loadindex_memory memory = {next_random(&seed), next_random(&seed), next_random(&seed)};
        struct pressure_shares shares;
        random_sample(&a, &seed);
        random_sample(&b, &seed);
        pressure_compute(&a, &b, &memory, &shares);
        assert_true(shares.cpu <= 1000 && shares.memory <= 1000 && shares.network <= 1000);
        assert_true(shares.free <= shares.cpu && shares.free <= shares.memory && shares.free <= shares.network);
        assert_true(pressure_index(next_random(&seed), memory.total_kb, memory.free_kb, (uint16_t)a.busy) >= 1);
    }
}

static void random_text_stays_in_bounds(void **state)
{
    static const char letters[] = "cpusometal=0123456789 .\n-+:";
    uint64_t seed = 4711;
    (void)state;
    for (int i = 0; i < 20000; i++) {
        char text[64] = "cpu ";
        struct pressure_sample sample = {0};
        uint64_t total;
        for (size_t j = i & 1 ? 0 : 4; j < sizeof(text) - 1; j++)
            text[j] = letters[next_random(&seed) % (sizeof(letters) - 1)];
        pressure_read_stat(text, &sample);
        pressure_read_stall(text, &total);
        assert_true(sample.idle + sample.busy >= sample.idle);
    }
}

/* Static capacity: 3358.72 * 1024 MB / 256 MB = 13435; half of it free: the thesis' example again. */
static void index_is_scaled_capacity(void **state)
{
    (void)state;
    assert_int_equal(pressure_index(335872, 1048576, 256, 1000), 13435);
    assert_int_equal(pressure_index(335872, 1048576, 256, 500), 6717);
    assert_int_equal(pressure_index(335872, 1048576, 256, 0), 1343); /* a tenth of the capacity at least */
    assert_int_equal(pressure_index(335872, 1048576, 256, PRESSURE_FLOOR), 1343);
    assert_int_equal(pressure_index(0, 0, 256, 0), 1);
    assert_int_equal(pressure_index(335872, 1048576, 256, 65535), 13435);
    assert_int_equal(pressure_index(UINT64_MAX, UINT64_MAX, 0, 1000), UINT32_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stat_is_read),
        cmocka_unit_test(stall_is_read),
        cmocka_unit_test(idle_node_is_free),
        cmocka_unit_test(busy_cpu_takes_its_share),
        cmocka_unit_test(memory_and_its_stalls),
        cmocka_unit_test(busier_direction_of_the_network_counts),
        cmocka_unit_test(what_is_missing_is_free),
        cmocka_unit_test(counters_that_run_backwards_stand_still),
        cmocka_unit_test(any_input_stays_in_bounds),
        cmocka_unit_test(random_text_stays_in_bounds),
        cmocka_unit_test(index_is_scaled_capacity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
