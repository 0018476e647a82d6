/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wrapper.h"

#include "message.h"
#include "program.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *name_of(const char *argv0)
{
    const char *slash = strrchr(argv0, '/');
    return slash != NULL ? slash + 1 : argv0;
}

struct wrapper wrapper_role(const char *argv0)
{
    const char *name = name_of(argv0);
    bool unmounts = strncmp(name, "umount.", 7) == 0;
    return (struct wrapper){.wraps = unmounts || strcmp(name, "mount.nfs") == 0 || strcmp(name, "mount.nfs4") == 0,
                            .version4 = strcmp(name, "mount.nfs4") == 0};
}

bool wrapper_has_list(int argc, char **argv)
{
    if (strncmp(name_of(argv[0]), "umount.", 7) == 0)
        return false;
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        if (word[0] != '-' || word[1] == '\0')
            return source_is_list(word);
        if (word[strcspn(word, "oNt")] != '\0' && word[strcspn(word, "oNt") + 1] == '\0')
            i++; /* its value */
    }
    return false;
}

int wrapper_become(char **argv, const struct mount_paths *paths)
{
    const char *program = program_mount_nfs(paths);
    if (program == NULL)
        return MOUNT_SYSTEM;
    execv(program, argv);
    message("%s: %s", program, strerror(errno));
    return MOUNT_SYSTEM;
}

bool wrapper_version(const struct wrapper *wrapper, struct mount_arguments *arguments)
{
    size_t at = strlen(arguments->options);
    if (!wrapper->version4)
        return true;
    /* at the end: behind the rw that mount(8) puts first; a version that is written says more */
    if (strstr(arguments->options, "vers=") != NULL || strstr(arguments->options, "v4") != NULL)
        return true;
    int written = snprintf(arguments->options + at, sizeof(arguments->options) - at, "%svers=4", at > 0 ? "," : "");
    if ((size_t)written < sizeof(arguments->options) - at)
        return true;
    message("the options are too long");
    return false;
}
