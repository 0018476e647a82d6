/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "loadindex.h"

/* The thesis, figure 57. */
static const char figure_57[] = "processor       : 0\n"
                                "vendor_id      : GenuineIntel\n"
                                "cpu family     : 6\n"
                                "model          : 13\n"
                                "model name     : Intel(R) Pentium(R) M processor 1.70GHz\n"
                                "stepping      : 6\n"
                                "cpu MHz        : 598.186\n"
                                "cache size     : 2048 KB\n"
                                "fdiv_bug      : no\n"
                                "hlt_bug       : no\n"
                                "f00f_bug      : no\n"
                                "coma_bug      : no\n"
                                "fpu           : yes\n"
                                "fpu_exception : yes\n"
                                "cpuid level    : 2\n"
                                "wp            : yes\n"
                                "flags          : fpu vme de pse tsc msr mce cx8 sep mtrr pge mca\n"
                                "cmov pat clflush dts acpi mmx fxsr sse sse2 ss tm pbe est tm2\n"
                                "bogomips      : 1185.43\n";

/* The thesis, figure 58. */
static const char figure_58[] = "MemTotal:      775116 kB\n"
                                "MemFree:       6880 kB\n"
                                "Buffers:       98748 kB\n"
                                "Cached:        305572 kB\n"
                                "SwapCached:    2780 kB\n"
                                "Active:        300348 kB\n"
                                "Inactive:      286064 kB\n"
                                "HighTotal:     0 kB\n"
                                "HighFree:      0 kB\n"
                                "LowTotal:      775116 kB\n"
                                "LowFree:       6880 kB\n"
                                "SwapTotal:     1044184 kB\n"
                                "SwapFree:      1040300 kB\n"
                                "Dirty:         16 kB\n"
                                "Writeback:     0 kB\n"
                                "Mapped:        237756 kB\n"
                                "Slab:          171064 kB\n"
                                "Committed_AS:  403120 kB\n"
                                "PageTables:    1768 kB\n"
                                "VmallocTotal:  245752 kB\n"
                                "VmallocUsed:   11892 kB\n"
                                "VmallocChunk:  232352 kB\n"
                                "HugePages_Total: 0\n"
                                "HugePages_Free: 0\n";

/* Section 3.22.6: 3358.72 * 524.288 / 262.144 is about 6717; 512 MB free, 256 MB in the smallest node. */
static void worked_example(void **state)
{
    (void)state;
    assert_int_equal(loadindex_compute(335872, 524288, 256), 6717);
}

static void figure_57_is_read(void **state)
{
    (void)state;
    assert_int_equal(loadindex_cpu(figure_57, 1), 118543);
}

static void figure_58_is_read(void **state)
{
    struct loadindex_memory memory;
    (void)state;
    loadindex_memory(figure_58, &memory);
    assert_int_equal(memory.total_kb, 775116);
    assert_int_equal(memory.free_kb, 6880);
    /* no MemAvailable in that kernel: MemFree + Buffers + Cached - Shmem */
    assert_int_equal(memory.available_kb, 6880 + 98748 + 305572);
}

/* 1185.43 * 6880 / (256 * 1024) = 31.1; with what is available, 1185.43 * 411200 / (256 * 1024) = 1859.5 */
static void index_of_the_figures(void **state)
{
    (void)state;
    assert_int_equal(loadindex_compute(118543, 6880, 256), 31);
    assert_int_equal(loadindex_compute(118543, 411200, 256), 1859);
}

static void bogomips_are_summed(void **state)
{
    (void)state;
    assert_int_equal(loadindex_cpu("processor\t: 0\nbogomips\t: 5192.24\n\nprocessor\t: 1\nbogomips\t: 5192.24\n", 2),
                     1038448);
    assert_int_equal(loadindex_cpu("BogoMIPS\t: 50.00\nBogoMIPS\t: 50.5\n", 2), 10050); /* arm64's spelling */
    assert_int_equal(loadindex_cpu("bogomips per cpu: 3033.00\n", 4), 1213200);         /* s390 */
}

static void fallbacks_without_bogomips(void **state)
{
    (void)state;
    assert_int_equal(loadindex_cpu("cpu MHz : 598.18\ncpu MHz : 1000\n", 2), 319636);
    assert_int_equal(loadindex_cpu("processor : 0\nprocessor : 1\n", 2), 400000);
    assert_int_equal(loadindex_cpu("", 0), 200000);
    assert_int_equal(loadindex_cpu("bogomips : 0.00\n", 3), 600000);
}

static void available_is_preferred(void **state)
{
    struct loadindex_memory memory;
    (void)state;
    loadindex_memory("MemTotal: 1000 kB\nMemFree: 100 kB\nMemAvailable: 700 kB\nBuffers: 1 kB\nCached: 2 kB\n",
                     &memory);
    assert_int_equal(memory.available_kb, 700);
    loadindex_memory("MemTotal: 1000 kB\nMemFree: 100 kB\nBuffers: 10 kB\nCached: 300 kB\nShmem: 50 kB\n", &memory);
    assert_int_equal(memory.available_kb, 360);
    loadindex_memory("MemTotal: 1000 kB\nShmem: 50 kB\n", &memory);
    assert_int_equal(memory.available_kb, 0);
}

/* The table of docs/load-index.md: between 1 and the largest number, whatever comes. */
static void bounds_of_the_index(void **state)
{
    static const struct {
        uint64_t cpu;
        uint64_t ram_kb;
        uint64_t smallest_mb;
        uint32_t index;
    } table[] = {
        {0, 0, 0, 1},
        {1, 1, 1, 1},
        {100, 1024, 1, 1},
        {100, 1024, 1073741824, 1},
        {335872, 0, 256, 1},
        {335872, 524288, 0, 1719665},
        {LOADINDEX_CPU_MAX, LOADINDEX_MEMORY_MAX, 1, UINT32_MAX},
        {UINT64_MAX, UINT64_MAX, 0, UINT32_MAX},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        assert_int_equal(loadindex_compute(table[i].cpu, table[i].ram_kb, table[i].smallest_mb), table[i].index);
    assert_true(loadindex_compute(UINT64_MAX, UINT64_MAX, UINT64_MAX) >= 1);
}

static void garbage_stays_in_bounds(void **state)
{
    static const char *const texts[] = {
        "",
        "\n\n\n",
        ":",
        "bogomips",
        "bogomips :",
        "bogomips : -5",
        "MemTotal:",
        "MemTotal: x kB\n",
        "bogomips : 99999999999999999999999999999999999999\n",
        "MemTotal: 99999999999999999999999999999999 kB\nMemAvailable: 99999999999999999999999999999999999 kB\n",
        "MemTotal: 5 kB\nMemFree: 500 kB\nMemAvailable: 500 kB\n",
        "bogomips per cpu: 99999999999999999999999999\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct loadindex_memory memory;
        uint64_t cpu = loadindex_cpu(texts[i], UINT32_MAX);
        loadindex_memory(texts[i], &memory);
        assert_in_range(cpu, 1, LOADINDEX_CPU_MAX);
        assert_in_range(memory.total_kb, 0, LOADINDEX_MEMORY_MAX);
        assert_in_range(memory.available_kb, 0, memory.total_kb);
        assert_in_range(memory.free_kb, 0, memory.total_kb);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(worked_example),          cmocka_unit_test(figure_57_is_read),
        cmocka_unit_test(figure_58_is_read),       cmocka_unit_test(index_of_the_figures),
        cmocka_unit_test(bogomips_are_summed),     cmocka_unit_test(fallbacks_without_bogomips),
        cmocka_unit_test(available_is_preferred),  cmocka_unit_test(bounds_of_the_index),
        cmocka_unit_test(garbage_stays_in_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
