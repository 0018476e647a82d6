/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "paths.h"

#include "registry.h"

const struct mount_paths mount_paths_installed = {
    .distrib = "/sbin/mount.nfs.distrib",
    .plain = "/sbin/mount.nfs",
    .registry = REGISTRY_DIRECTORY,
    .mountinfo = "/proc/self/mountinfo",
    .series = "/sys/module/sunrpc/parameters/failover",
    .control = "has-nfs",
    .nfshad = NFSHAD_PROGRAM,
    .unit = NFSHAD_UNIT,
    .systemd = "/run/systemd/system",
    .systemctl = "/bin/systemctl",
};
