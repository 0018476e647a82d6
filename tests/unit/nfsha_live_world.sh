#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# File servers s1, s2, … in network and mount namespaces of one kernel; the client is outside of them. Read by
# nfsha_mount_live.sh, in a User-Mode Linux kernel whose root is read-only. $directory: writable.
directory=${directory:?}
content=/content # what every server exports, as clients see it: /srv is the root of exports

fail()
{
    echo "FAILED: $*"
    exit 1
}

say()
{
    echo "--- $*"
}

# check TEXT COMMAND...: the command must succeed
check()
{
    check_text=$1
    shift
    if "$@" >"$directory/check.out" 2>&1; then
        echo "ok: $check_text"
    else
        status=$?
        sed 's/^/    /' "$directory/check.out"
        fail "$check_text (status $status): $*"
    fi
}

# until_true TEXT COMMAND...: waits until the command succeeds
until_true()
{
    until_text=$1
    shift
    tries=0
    until "$@" >/dev/null 2>&1; do
        tries=$((tries + 1))
        [ $tries -lt 200 ] || fail "$until_text: $*"
        sleep 0.1
    done
}

# prepare_world: directories that the read-only root has not
prepare_world()
{
    mount -t tmpfs tmpfs /srv
    mkdir -p /srv/content /srv/images
    printf '[exports]\nrootdir=/srv\n' >"$directory/nfs.conf"
    mount -t tmpfs tmpfs /var/lib/nfs
    ip link set lo up
}

# on SERVER COMMAND...: in the namespaces of a server
on()
{
    server=$1
    shift
    nsenter --net="/run/netns/$server" --mount="$directory/$server.mnt" -- "$@"
}

# make_server NAME NUMBER: a server with the address 10.8.NUMBER.1 and fd08:NUMBER::1, and an empty export
make_server()
{
    ip netns add "$1"
    ip link add "$1" type veth peer name eth0 netns "$1"
    ip address add "10.8.$2.100/24" dev "$1"
    ip address add "fd08:$2::100/64" dev "$1" nodad
    ip link set "$1" up
    ip -n "$1" address add "10.8.$2.1/24" dev eth0
    ip -n "$1" address add "fd08:$2::1/64" dev eth0 nodad
    ip -n "$1" link set eth0 up
    ip -n "$1" link set lo up
    # a mount namespace that lasts as long as this process
    unshare --mount --propagation private sleep 100000 &
    echo $! >"$directory/$1.pid"
    ln -s "/proc/$!/ns/mnt" "$directory/$1.mnt"
    until_true "namespace of $1" sh -c "[ \"\$(readlink /proc/$!/ns/mnt)\" != \"\$(readlink /proc/self/ns/mnt)\" ]"
    on "$1" mount --bind "$directory/nfs.conf" /etc/nfs.conf
    on "$1" mount -t tmpfs tmpfs /run
    on "$1" mount -t tmpfs tmpfs /var/lib/nfs
    on "$1" mkdir -p /var/lib/nfs/v4recovery /var/lib/nfs/rpc_pipefs /run/sendsigs.omit.d
    on "$1" touch /var/lib/nfs/etab /var/lib/nfs/rmtab
    on "$1" mount -t nfsd nfsd /proc/fs/nfsd
}

# start_server NAME [rpc.nfsd's OPTIONS]
start_server()
{
    name=$1
    shift
    if ! on "$name" pidof rpcbind >/dev/null 2>&1 || [ ! -e "$directory/$name.rpcbind" ]; then
        on "$name" rpcbind
        touch "$directory/$name.rpcbind"
        on "$name" sh -c 'echo 10 >/proc/fs/nfsd/nfsv4leasetime; echo 10 >/proc/fs/nfsd/nfsv4gracetime'
        on "$name" rpc.mountd
    fi
    on "$name" rpc.nfsd -H "$name" "$@" 4 2>/dev/null || on "$name" rpc.nfsd "$@" 4
    on "$name" sh -c 'echo Y >/proc/fs/nfsd/v4_end_grace' 2>/dev/null || true
}

# stop_server NAME: nfsd alone
stop_server()
{
    on "$1" rpc.nfsd 0
}

# image NAME COMMAND: an ext4 image, filled by a shell command that runs inside it
image()
{
    truncate -s 16M "/srv/images/$1"
    mke2fs -q -t ext4 "/srv/images/$1"
    mkdir -p /srv/filling
    mount -o loop "/srv/images/$1" /srv/filling
    (cd /srv/filling && eval "$2")
    umount /srv/filling
}

# serve NAME IMAGE [OPTIONS]: the server mounts the image and exports it
serve()
{
    on "$1" mount -o loop "/srv/images/$2" /srv/content
    on "$1" exportfs -o "rw,no_root_squash,no_subtree_check,sync,fsid=7,${3:-secure}" "*:$content"
}

# unserve NAME: the server exports nothing, and is stopped
unserve()
{
    on "$1" exportfs -au
    stop_server "$1"
    until_true "$1 lets go of its file system" on "$1" sh -c 'exportfs -f; umount /srv/content'
}
