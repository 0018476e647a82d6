#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# has-nfs-publish without NFS: two directories are two servers. As root, with loop devices; else skipped.
#   tests/publish/publish_live.sh [PART...]     parts: content conflicts faults kills watch files, by default all
set -u

top=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd)
build=$(cd "${top_builddir:-${BUILD:-.}}" && pwd)
here=$top/tests/publish
[ "$(id -u)" -eq 0 ] || { echo "needs root"; exit 77; }
for tool in rsync inotifywait mke2fs losetup python3; do
    command -v $tool >/dev/null || { echo "$tool is missing"; exit 77; }
done
losetup -f >/dev/null 2>&1 || { echo "no loop devices"; exit 77; }
work=$(mktemp -d)
# shellcheck source=tests/publish/world.sh
. "$here/world.sh"
trap leave EXIT
trap 'exit 130' INT TERM
make_ssh

for part in "${@:-all}"; do
    for name in content conflicts faults kills watch files; do
        case $part in all | "$name") ;; *) continue ;; esac
        # shellcheck source=/dev/null
        . "$here/$name.sh"
    done
done

echo "$checks checks, $failures failed"
[ $failures -eq 0 ]
