/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine_private.h"
#include "log.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* libbpf's own words help only who looks for the reason why a kernel refuses the program. */
__attribute__((format(printf, 2, 0))) static int print(enum libbpf_print_level level, const char *format, va_list list)
{
    char line[512];

    if (level == LIBBPF_DEBUG) {
        return 0;
    }
    vsnprintf(line, sizeof(line), format, list);
    line[strcspn(line, "\n")] = '\0';
    log_debug("libbpf: %s", line);
    return 0;
}

static int find_parts(struct engine *engine, int *table_map)
{
    const struct bpf_program *in = bpf_object__find_program_by_name(engine->object, "engine_in");
    const struct bpf_program *out = bpf_object__find_program_by_name(engine->object, "engine_out");
    struct bpf_prog_info info = {0};
    uint32_t length = sizeof(info);

    *table_map = bpf_object__find_map_fd_by_name(engine->object, "engine_table");
    engine->counts_map = bpf_object__find_map_fd_by_name(engine->object, "engine_counts");
    engine->syns_map = bpf_object__find_map_fd_by_name(engine->object, "engine_syns");
    if (in == NULL || out == NULL || *table_map < 0 || engine->counts_map < 0 || engine->syns_map < 0) {
        return -ENOENT;
    }
    engine->program_in = bpf_program__fd(in);
    engine->program_out = bpf_program__fd(out);
    if (bpf_obj_get_info_by_fd(engine->program_out, &info, &length) != 0) {
        return -errno;
    }
    engine->program_out_id = info.id;
    return 0;
}

static int map_table(struct engine *engine, int table_map)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    void *table;

    engine->table_bytes = (sizeof(struct engine_table) + page - 1) / page * page;
    table = mmap(NULL, engine->table_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, table_map, 0);
    if (table == MAP_FAILED) {
        return -errno;
    }
    engine->table = table;
    return 0;
}

static int make_room_for_counts(struct engine *engine)
{
    int processors = libbpf_num_possible_cpus();

    if (processors < 0) {
        return processors;
    }
    engine->processors = (size_t)processors;
    engine->counts = calloc(engine->processors, sizeof(engine->counts[0]));
    return engine->counts == NULL ? -ENOMEM : 0;
}

void engine_take_messages(void)
{
    libbpf_set_print(print);
}

int engine_load(struct engine *engine, const char **what)
{
    int table_map = -1;
    int error;

    engine_take_messages();
    *what = "read the BPF program";
    engine->object = bpf_object__open_mem(engine_object, engine_object_size, NULL);
    if (engine->object == NULL) {
        return -errno;
    }
    *what = "load the BPF program";
    error = bpf_object__load(engine->object);
    if (error != 0) {
        return error == -ENOSYS ? -EOPNOTSUPP : error;
    }
    *what = "find the parts of the BPF program";
    error = find_parts(engine, &table_map);
    if (error != 0) {
        return error;
    }
    *what = "map the BPF program's table";
    error = map_table(engine, table_map);
    return error != 0 ? error : make_room_for_counts(engine);
}

void engine_unload(struct engine *engine)
{
    free(engine->counts);
    if (engine->table != NULL) {
        munmap(engine->table, engine->table_bytes);
    }
    bpf_object__close(engine->object);
}
