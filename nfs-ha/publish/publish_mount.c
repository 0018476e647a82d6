/* SPDX-License-Identifier: GPL-2.0-or-later */
/* usage: publish-mount STAGE DIRECTORY
 * Makes what is mounted on STAGE what is mounted on DIRECTORY, in place of what was. The old file system lives on for
 * those who use it, until they let go. Since Linux 6.5 nobody ever sees the empty directory below; before, for the time
 * between two system calls, in which the option mp of exports(5) keeps it from being exported.
 * Exit status: sysexits(3). */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#ifndef MOVE_MOUNT_BENEATH
#define MOVE_MOUNT_BENEATH 0x00000200 /* linux/mount.h of 6.5 */
#endif

/* -1: cannot be told */
static int is_mount_point(const char *directory)
{
    struct statx status;
    if (statx(AT_FDCWD, directory, AT_NO_AUTOMOUNT | AT_SYMLINK_NOFOLLOW, STATX_TYPE, &status))
        return -1;
    return (status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

static int attach(int tree, const char *directory, unsigned flags)
{
    return move_mount(tree, "", AT_FDCWD, directory, MOVE_MOUNT_F_EMPTY_PATH | flags);
}

static int replace(int tree, const char *directory)
{
    if (!attach(tree, directory, MOVE_MOUNT_BENEATH))
        return umount2(directory, MNT_DETACH | UMOUNT_NOFOLLOW);
    if (errno != EINVAL) /* what a kernel says that does not know the flag */
        return -1;
    if (umount2(directory, MNT_DETACH | UMOUNT_NOFOLLOW))
        return -1;
    return attach(tree, directory, 0);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: publish-mount STAGE DIRECTORY\n");
        return EX_USAGE;
    }
    int mounted = is_mount_point(argv[2]);
    if (mounted < 0) {
        fprintf(stderr, "publish-mount: %s: %s\n", argv[2], strerror(errno));
        return EX_NOINPUT;
    }
    int tree = open_tree(AT_FDCWD, argv[1], OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    if (tree < 0) {
        fprintf(stderr, "publish-mount: %s: %s\n", argv[1], strerror(errno));
        return errno == EPERM ? EX_NOPERM : EX_NOINPUT;
    }
    if (mounted ? replace(tree, argv[2]) : attach(tree, argv[2], 0)) {
        fprintf(stderr, "publish-mount: mounting on %s: %s\n", argv[2], strerror(errno));
        return EX_OSERR;
    }
    close(tree);
    return EX_OK;
}
