/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mount.nfsha, the mount helper for a list of NFS servers (thesis 3.15.2.2). */
#include "helper.h"

#include "log.h"

int main(int argc, char **argv)
{
    (void)log_open("mount.nfsha", "stderr", false); /* what the libraries say */
    return helper_run(argc, argv, &mount_paths_installed);
}
