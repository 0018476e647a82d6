/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the helper finds what it needs; others in tests. */
#ifndef NFSHA_MOUNT_PATHS_H
#define NFSHA_MOUNT_PATHS_H

struct mount_paths {
    const char *distrib;   /* the real mount.nfs where ours has its name (dpkg-divert) */
    const char *plain;     /* the real mount.nfs otherwise */
    const char *registry;  /* REGISTRY_DIRECTORY */
    const char *mountinfo; /* /proc/self/mountinfo */
    const char *series;    /* is there when the kernel has the series of nfs-ha/kernel */
    const char *control;   /* nfshad's control service */
    const char *nfshad;    /* the program */
    const char *unit;      /* its systemd unit */
    const char *systemd;   /* a directory that is there when systemd runs */
    const char *systemctl;
};

extern const struct mount_paths mount_paths_installed;

#endif
