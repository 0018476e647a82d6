#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Two file servers with copies and a client in one kernel, each in network and mount namespaces of its own: the handles
# are the same on both, a reader goes on during publications, and so it does when it is moved to the other server. As
# root, in the lab's kernel:
#   tests/unit/ipvs_live.sh KERNEL tests/publish/nfs_live.sh BUILD [PUBLICATIONS]
set -u

build=${1:-.}
publications=${2:-20}
here=$(cd "${0%/*}" && pwd)
[ "$(id -u)" -eq 0 ] || exit 77
# Debian's User-Mode Linux has what is needed as modules, at a place of its own.
if [ -d "/usr/lib/uml/modules/$(uname -r)" ]; then
    mkdir -p /run/uml/lib
    ln -sfn /usr/lib/uml/modules /run/uml/lib/modules
    modprobe -d /run/uml -a loop veth bridge nfsd nfsv3 nfsv4 2>&1 | grep -v '^$'
fi
grep -q nfsd /proc/filesystems || exit 77
[ -x "$build/nfs-ha/publish/publish-mount" ] || { echo "no $build/nfs-ha/publish/publish-mount" >&2; exit 1; }
PATH=$PATH:/usr/sbin:/sbin
HAS_PUBLISH_PARTS=$here/../../nfs-ha/publish
HAS_PUBLISH_TOOLS=$build/nfs-ha/publish
program=$build/nfs-ha/publish/has-nfs-publish
export PATH HAS_PUBLISH_PARTS HAS_PUBLISH_TOOLS
directory=$(mktemp -d /run/nfs_live.XXXXXX)

fail()
{
    echo "FAILED: $*"
    for node in m1 m2; do
        inside $node cat /run/state/status.json
    done
    tail -n 20 "$directory"/*.log
    dmesg | tail -n 20
    exit 1
}

# until_true TEXT COMMAND...: at most 30 s
until_true()
{
    what=$1
    shift
    turns=0
    until "$@"; do
        turns=$((turns + 1))
        [ $turns -lt 300 ] || fail "$what"
        sleep 0.1
    done
}

# inside NODE COMMAND...: in its namespaces
inside()
{
    inside_pid=$(cat "$directory/$1.pid")
    shift
    nsenter -t "$inside_pid" -n -m -- "$@"
}

make_node() # NAME ADDRESS
{
    # shellcheck disable=SC2016 # for the shell inside
    unshare -n -m --propagation private sh -c 'echo $$ >"$1"; exec sleep 100000' sh "$directory/$1.pid" &
    until_true "namespaces of $1" test -s "$directory/$1.pid"
    ip link add "$1" type veth peer name eth0 netns "$(cat "$directory/$1.pid")"
    ip link set "$1" master wire up
    inside "$1" ip addr add "$2/24" dev eth0
    inside "$1" ip link set eth0 up
    inside "$1" ip link set lo up
}

# What a server writes is below /run, which is its own; the directory of the test is seen by all.
make_server() # NAME PEER
{
    mkdir -p "$directory/$1"
    cat >"$directory/$1.sh" <<END
set -e
mount --bind "$directory" /mnt
mount -t tmpfs tmpfs /run
mkdir -p /run/content /run/source /run/nfs/sm /run/nfs/rpc_pipefs /run/nfs/nfsdcld ${directory}
mount --move /mnt "$directory"
mount --bind /run/nfs /var/lib/nfs
mount -t rpc_pipefs pipefs /var/lib/nfs/rpc_pipefs
mount -t nfsd nfsd /proc/fs/nfsd
rpcbind -w -i 2>/dev/null || rpcbind
: >/var/lib/nfs/etab
: >/var/lib/nfs/rmtab
nfsdcld -s /var/lib/nfs/nfsdcld -p /var/lib/nfs/rpc_pipefs
echo 10 >/proc/fs/nfsd/nfsv4leasetime
echo 10 >/proc/fs/nfsd/nfsv4gracetime
exportfs -o ro,fsid=0,no_subtree_check,insecure,mp '*:/run/content'
rpc.nfsd -V 3 4
rpc.mountd
echo Y >/proc/fs/nfsd/v4_end_grace || : # there was none
END
    cat >"$directory/$1.conf" <<END
name $1
directory /run/content
state /run/state
peer $2 $2
size 32
END
    inside "$1" sh "$directory/$1.sh" >"$directory/$1.log" 2>&1 || fail "starting the server $1"
}

publishing() # NAME COMMAND...
{
    publishing_node=$1
    shift
    HAS_PUBLISH_SSH="$directory/ssh $publishing_node"
    export HAS_PUBLISH_SSH
    inside "$publishing_node" "$program" -c "$directory/$publishing_node.conf" "$@"
}

write_version()
{
    awk -v n="$1" 'BEGIN { for (i = 0; i < n * 16; i++) print "version " n }' >"$directory/text"
    inside m1 cp "$directory/text" /run/source/changed
}

handles_equal()
{
    for node in m1 m2; do
        # inode and generation of each file: what its handle is made of
        inside $node sh -c 'cd /run/content && find . -exec stat -c "%i %n" {} + | sort && lsattr -v -R . 2>/dev/null' \
            >"$directory/$node.handles"
        test -s "$directory/$node.handles" || return 1
    done
    cmp "$directory/m1.handles" "$directory/m2.handles"
}

mount_client() # VERSION
{
    inside c mkdir -p /run/mnt
    inside c sh -c 'echo 10.7.0.1 >/run/server'
    path=/ # the root of NFSv4 is what has fsid=0: the kernel's own / cannot be exported here
    [ "${1%%,*}" != vers=3 ] || path=/run/content
    inside c mount -t nfs -o "$1,proto=tcp,ro,hard,timeo=600" 10.7.0.1:$path /run/mnt || fail "mounting with $1"
}

# As nfshad does: the address of the transports, then an end to the old connection.
move_client() # ADDRESS
{
    # shellcheck disable=SC2016 # for the shell inside
    inside c sh -c 'for transport in /sys/kernel/sunrpc/xprt-switches/*/xprt-*-tcp/dstaddr; do
            echo "$1" >"$transport" || exit 1
        done
        ss -K dst "$(cat /run/server)" dport = 2049 >/dev/null
        echo "$1" >/run/server' sh "$1"
}

at_server()
{
    inside c ss -Htn state established dst "$1" dport = 2049 | grep -q .
}

start_reader()
{
    inside c python3 "$here/nfs_reader.py" /run/mnt >"$directory/reader.json" 2>"$directory/reader.log" &
    reader=$!
    until_true "the reader begins" grep -q ready "$directory/reader.log"
}

stop_reader()
{
    kill -TERM "$(sed -n 's/^ready //p' "$directory/reader.log")"
    wait "$reader" || fail "the reader: $(cat "$directory/reader.log")"
}

judge() # TEXT
{
    python3 - "$directory/reader.json" "$1" "$number" <<'END' || fail "$1"
import json, sys
seen = json.load(open(sys.argv[1]))
print(sys.argv[2], json.dumps(seen))
bad = [name for name in ("keeper", "stater", "opener", "follower") if seen[name]["errors"]]
bad += [name for name in ("backwards", "mixed", "stale") if seen[name]]
if seen["at_the_end"] != [int(sys.argv[3])]:
    bad.append("old content at the end")
sys.exit("wrong: " + ", ".join(bad) if bad else 0)
END
}

cat >"$directory/ssh" <<END
#!/bin/sh
# FROM [-l USER] [USER@]TO WORD...
from=\$1
shift
[ "\$1" != -l ] || shift 2
to=\${1#root@}
shift
export SSH_ORIGINAL_COMMAND="\$*" HAS_PUBLISH_SSH="$directory/ssh \$to"
exec nsenter -t "\$(cat "$directory/\$to.pid")" -n -m -- "$program" -c "$directory/\$to.conf" receive "\$from"
END
chmod 755 "$directory/ssh"

# NAME: the transports of its network
see_transports()
{
    inside "$1" mount -t sysfs sys /sys
}

ip link add wire type bridge
ip link set wire up
make_node m1 10.7.0.1
make_node m2 10.7.0.2
make_node c 10.7.0.9
see_transports c
make_server m1 m2
make_server m2 m1
echo "source /run/source" >>"$directory/m1.conf"

number=1
# shellcheck disable=SC2016 # for the shell inside
inside m1 sh -c 'head -c 65536 /dev/urandom >/run/source/unchanged; i=0
    while [ $i -lt 300 ]; do echo $i >/run/source/file$i; i=$((i + 1)); done'
write_version 1
publishing m2 init || fail "init of m2"
publishing m1 init || fail "init of m1"
handles_equal || fail "the servers have other handles"

for version in ${VERSIONS:-vers=4.2 vers=4.0 vers=3,nolock}; do
    mount_client "$version"
    start_reader
    first=$number
    while [ $number -lt $((first + publications)) ]; do
        number=$((number + 1))
        write_version $number
        publishing m1 publish || fail "publication $number"
    done
    handles_equal || fail "the servers have other handles after $number publications"
    stop_reader
    judge "$version, $publications publications:"
    inside c umount /run/mnt || fail "unmounting"
done

# A client whose server dies, or is to be left: what it has open goes on at the other server, with the same handles.
for version in vers=4.2 vers=3,nolock; do
    mount_client "$version"
    start_reader
    for address in 10.7.0.2 10.7.0.1 10.7.0.2; do
        number=$((number + 1))
        write_version $number
        publishing m1 publish || fail "publication $number"
        move_client $address || fail "moving the client to $address"
        until_true "the client is at $address" at_server $address
        sleep 1 # the reader reads there
    done
    stop_reader
    judge "$version, moved three times:"
    inside c umount /run/mnt || fail "unmounting"
done
echo "all passed"
