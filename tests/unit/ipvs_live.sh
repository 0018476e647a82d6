#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs a program as root in a User-Mode Linux kernel, whose root is this machine's, read-only.
#   ipvs_live.sh KERNEL [PROGRAM [ARGUMENT…]]     default program: tests/unit/ipvs_live of the build directory
# Needs no root here. Its exit status is the program's: 77 where the test was skipped. HAS_LIVE_SECONDS: its time (300).
set -eu

if [ $# -lt 1 ] || [ ! -x "$1" ]; then
    echo "usage: ${0##*/} KERNEL [PROGRAM [ARGUMENT...]]   (KERNEL: a UML kernel with IPVS)" >&2
    exit 64
fi
kernel=$1
shift
[ $# -gt 0 ] || set -- "$(pwd)/tests/unit/ipvs_live"

directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
trap 'exit 130' INT TERM

# The program's words, quoted for the shell inside.
words=
for word; do
    words="$words '$(printf '%s' "$word" | sed "s/'/'\\\\''/g")'"
done

cat > "$directory/init" <<INIT
#!/bin/sh
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/shm
mount -t tmpfs tmpfs /dev/shm
mount -t tmpfs tmpfs /run
mount -t hostfs -o "$directory" none /mnt
ip link set lo up
cd /run
$words > /mnt/output 2>&1
echo \$? > /mnt/status
sync
echo o > /proc/sysrq-trigger
sleep 5
INIT
chmod 755 "$directory/init"

timeout "${HAS_LIVE_SECONDS:-300}" "$kernel" mem=256M rootfstype=hostfs rootflags=/ ro init="$directory/init" con=null con0=null,fd:1 \
    bonding.max_bonds=0 dummy.numdummies=0 > "$directory/console" 2>&1 < /dev/null || true

if [ ! -s "$directory/status" ]; then
    echo "the kernel ended before the program did; its console:" >&2
    tail -n 40 "$directory/console" >&2
    exit 1
fi
cat "$directory/output"
exit "$(cat "$directory/status")"
