/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the unit tests share: cmocka with what it needs before it, and a directory of one's own for a test. */
#ifndef HAS_UNIT_H
#define HAS_UNIT_H

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <ftw.h>

/* The state of a test that has a directory: *state is its path. */
static inline int unit_directory_make(void **state)
{
    char *path = strdup("/tmp/has-unit.XXXXXX");

    *state = path;
    return path != NULL && mkdtemp(path) != NULL && chmod(path, 0777) == 0 ? 0 : -1;
}

static inline int unit_remove(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    return remove(path);
}

static inline int unit_directory_remove(void **state)
{
    int result = nftw(*state, unit_remove, 16, FTW_DEPTH | FTW_PHYS);

    free(*state);
    return result;
}

/* DIRECTORY/NAME, in a buffer that the next call uses again. */
static inline const char *unit_path(void *const *state, const char *name)
{
    static char path[PATH_MAX];

    snprintf(path, sizeof(path), "%s/%s", (const char *)*state, name);
    return path;
}

static inline void unit_put(const char *path, const void *data, size_t length, mode_t mode)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
}

#endif
