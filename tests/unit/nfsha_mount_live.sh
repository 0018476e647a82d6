#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# mount.nfsha with the kernel's NFS client and servers, all in one kernel: run it by ipvs_live.sh with the lab's kernel.
#   nfsha_mount_live.sh BUILD DIRECTORY
# Status 77: this kernel has no NFS.
set -eu
[ $# -eq 1 ] || {
    echo "usage: ${0##*/} BUILD DIRECTORY" >&2
    exit 64
}
build=$(cd "$1" && pwd)
if [ "$(id -u)" != 0 ] || ! grep -q nfsd /proc/filesystems || ! grep -q nfs4 /proc/filesystems; then
    echo "skipped: not root, or a kernel without NFS"
    exit 77
fi
directory=$(mktemp -d /run/nfsha.XXXXXX)
# shellcheck source=tests/unit/nfsha_live_world.sh
. "${0%/*}/nfsha_live_world.sh"
tool=$build/tests/unit/nfsha_export_tool
point=$directory/point
list=10.8.1.1,10.8.2.1:$content
list6="[fd08:1::1],[fd08:2::1]:$content"

# Programs of this build among the installed ones; the root is read-only.
install_programs()
{
    mkdir /srv/sbin /srv/sbin.real
    mount --bind /usr/sbin /srv/sbin.real
    for program in /srv/sbin.real/*; do
        ln -s "$program" "/srv/sbin/${program##*/}"
    done
    cp "$build/nfs-ha/mount/mount.nfsha" "$build/nfs-ha/nfshad/nfshad" /srv/sbin
    mount --bind /srv/sbin /usr/sbin
    mkdir -p /run/has "$point"
}

is_mounted()
{
    mountpoint -q "$point"
}

nothing_noted()
{
    [ -z "$(ls /run/nfs-ha/mounts 2>/dev/null)" ]
}

nothing_mounted()
{
    ! mountpoint -q "$point" && nothing_noted
}

# shows FIELD TEXT: what findmnt tells
shows()
{
    [ "$(findmnt -n -o "$1" "$point")" = "$2" ]
}

version_is()
{
    findmnt -n -o OPTIONS "$point" | grep -q "vers=$1[,.]" || findmnt -n -o OPTIONS "$point" | grep -q "vers=$1\$"
}

works()
{
    [ "$(cat "$point/f1")" = 1 ] && df "$point" | grep -q "$point" && stat -f "$point"
}

writes()
{
    echo "$1" >"$point/written" && sync "$point/written" && [ "$(cat "$point/written")" = "$1" ]
}

unmount()
{
    umount "$point" && until_true "the registry forgets $point" nothing_mounted
}

# refuses STATUS PATTERN COMMAND...: it ends with that status and says that, and nothing is mounted
refuses()
{
    wanted=$1
    pattern=$2
    shift 2
    result=0
    "$@" >"$directory/refused" 2>&1 || result=$?
    cat "$directory/refused"
    [ $result = "$wanted" ] && grep -q "$pattern" "$directory/refused" && nothing_mounted
}

# says PATTERN COMMAND...
says()
{
    pattern=$1
    shift
    "$@" >"$directory/said" 2>&1 || { cat "$directory/said"; return 1; }
    cat "$directory/said"
    grep -q "$pattern" "$directory/said"
}

silent()
{
    "$@" >"$directory/said" 2>&1 || { cat "$directory/said"; return 1; }
    cat "$directory/said"
    [ ! -s "$directory/said" ]
}

# same SERVER SERVER VERSION, differ…: what the comparison says
same()
{
    "$tool" compare "$1" "$2" $content "$3"
}

differ()
{
    "$tool" compare "$1" "$2" $content "$3" | grep -q '^different'
}

not_serving()
{
    "$tool" read "$1" $content "$2" | grep -q '^error No such file'
}

filled="mkdir d1 d2 d1/sub; for i in 1 2 3 4 5; do echo \$i >f\$i; echo \$i >d1/g\$i; echo \$i >d1/sub/h\$i; done
find . -exec touch -d '1 hour ago' {} +"

say "the world: two servers, a client"
prepare_world
install_programs
make_server s1 1
make_server s2 2
image original "$filled"
mkdir "$directory/original"
cp /srv/images/original /srv/images/copy
mount -o loop /srv/images/copy "$directory/original"
image rsync "cp -a $directory/original/. ."
umount "$directory/original"
for name in a b; do
    cp /srv/images/original /srv/images/$name # block by block
done
start_server s1
start_server s2
serve s1 a

say "one server serves, the other stands by"
for version in 3 4; do
    check "NFS $version: s2 does not serve" not_serving 10.8.2.1 $version
    check "NFS $version, IPv6: s2 does not serve" not_serving fd08:2::1 $version
done
for version in 3 4.0 4.1 4.2; do
    options=vers=$version
    [ $version != 3 ] || options=$options,nolock
    check "NFS $version: mounted" silent mount -t nfsha -o "$options" "$list" "$point"
    check "NFS $version: findmnt names the server in use" shows SOURCE "10.8.1.1:$content"
    check "NFS $version: it is that version" version_is $version
    check "NFS $version: read, df" works
    check "NFS $version: written" writes $version
    check "NFS $version: noted" grep -q '"name": "10.8.2.1"' "/run/nfs-ha/mounts/"*.json
    check "NFS $version: mounted again, says so" says "mounted on .* already" mount -t nfsha -o "$options" "$list" "$point"
    check "NFS $version: umount" unmount
done
check "nfshad runs" pidof nfshad
for version in 3 4.2; do
    options=vers=$version
    [ $version != 3 ] || options=$options,nolock
    check "IPv6, NFS $version: mounted" silent mount -t nfsha -o "$options" "$list6" "$point"
    check "IPv6, NFS $version: findmnt" shows SOURCE "[fd08:1::1]:$content"
    check "IPv6, NFS $version: read, df" works
    check "IPv6, NFS $version: umount" unmount
done
check "the version is negotiated" silent mount -t nfsha "$list" "$point"
check "4.2" version_is 4.2
check "umount" unmount

say "fstab"
cat >"$directory/fstab" <<FSTAB
$list $point nfsha _netdev,nofail,x-systemd.automount,vers=4.2 0 0
FSTAB
check "mount DIRECTORY" silent mount -T "$directory/fstab" "$point"
check "mount -a" says "mounted on .* already" mount -T "$directory/fstab" -a
check "read, df" works
check "remount,ro" mount -T "$directory/fstab" -o remount,ro "$point"
check "is read-only" sh -c "! touch $point/x"
check "remount,rw" mount -T "$directory/fstab" -o remount,rw "$point"
check "written" writes again
check "umount" unmount

say "a server is down"
ip -n s2 link set eth0 down
check "mounted, with a warning" says "warning: 10.8.2.1 could not be compared" mount -t nfsha "$list" "$point"
check "read, df" works
check "umount" unmount
check "the first one is down: the second is taken" says "warning: 10.8.2.1" \
    mount -t nfsha "10.8.2.1,10.8.1.1:$content" "$point"
check "findmnt" shows SOURCE "10.8.1.1:$content"
check "umount" unmount
unserve s1
check "no server at all" refuses 32 "10.8.2.1: NFS (port 2049): \(no answer in time\|No route to host\)" mount -t nfsha "$list" "$point"
start_server s1
check "one down, one standing by" refuses 32 "10.8.1.1: .*not exported there" mount -t nfsha "$list" "$point"
ip -n s2 link set eth0 up
ip -n s2 address replace fd08:2::1/64 dev eth0 nodad
cp /srv/images/original /srv/images/a
serve s1 a

say "both serve copies that are identical block by block"
serve s2 b
for version in 3 4; do
    check "NFS $version: the same" same 10.8.1.1 10.8.2.1 $version
    check "NFS $version, IPv6: the same" same fd08:1::1 fd08:2::1 $version
done
check "not for writing" refuses 32 "both serve" mount -t nfsha "$list" "$point"
check "for reading" mount -t nfsha -o replication=copies "$list" "$point"
check "is read-only" sh -c "! touch $point/x"
check "umount" unmount
check "replication=copies with rw" refuses 1 "option rw" mount.nfsha "$list" "$point" -o replication=copies,rw
check "replication=shared" silent mount -t nfsha -o replication=shared "$list" "$point"
check "umount" unmount

say "an rsync copy"
unserve s2
start_server s2
serve s2 rsync
for version in 3 4; do
    check "NFS $version: differ" differ 10.8.1.1 10.8.2.1 $version
    check "NFS $version: refused" refuses 32 "another file handle" \
        mount -t nfsha -o "vers=$version,replication=copies" "$list" "$point"
done
check "mismatch=remount" says "warning: .*differ" \
    mount -t nfsha -o replication=copies,mismatch=remount "$list" "$point"
check "umount" unmount
check "compare=no" silent mount -t nfsha -o compare=no "$list" "$point"
check "umount" unmount

say "other mounts"
unserve s2
start_server s2
mkdir "$directory/other"
check "a plain mount of a server" mount -t nfs "10.8.1.1:$content" "$directory/other"
check "is told of" says "warning: .*will move along" mount -t nfsha "$list" "$point"
check "a list that shares a server" sh -c \
    "! mount -t nfsha 10.8.1.1:$content $directory/original 2>&1 | tee $directory/said; grep -q 'must have the same' $directory/said"
check "umount" umount "$directory/other"
check "the same list in another directory" silent mount -t nfsha "$list" "$directory/other"
check "umount" umount "$directory/other"
check "umount" unmount

say "the wrapper"
mv /srv/sbin/mount.nfs /srv/sbin/mount.nfs.distrib
ln -s mount.nfsha /srv/sbin/mount.nfs
ln -sf mount.nfs /srv/sbin/mount.nfs4
ln -sf mount.nfs /srv/sbin/umount.nfs
ln -sf mount.nfs /srv/sbin/umount.nfs4
check "the thesis' line" silent mount -t nfs "$list" "$point"
check "is noted" grep -q '"name": "10.8.2.1"' "/run/nfs-ha/mounts/"*.json
check "read, df" works
check "umount" unmount
check "one server is mount.nfs' own" silent mount -t nfs "10.8.1.1:$content" "$point"
check "is not noted" nothing_noted
check "umount" umount "$point"
check "mount -t nfs4" silent mount -t nfs4 "$list" "$point"
check "umount" unmount
check "a space" refuses 1 "leave the space" mount -t nfs "10.8.1.1, 10.8.2.1:$content" "$point"

say "servers with some versions"
unserve s1
start_server s1 -N 4.0
serve s1 a
check "no 4.0: compared by version 3" "$tool" read 10.8.1.1 $content 4
check "mounted" silent mount -t nfsha -o vers=4.2 "$list" "$point"
check "umount" unmount
stop_server s1
start_server s1 -N 3 -N 4.0
check "neither 4.0 nor 3: refused" refuses 32 "neither NFS 4.0 nor 3" mount -t nfsha "$list" "$point"
check "compare=no" silent mount -t nfsha -o compare=no "$list" "$point"
check "umount" unmount
echo "all is well"
