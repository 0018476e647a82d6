# SPDX-License-Identifier: GPL-2.0-or-later
# For nfs_series_live.sh: two NFS servers and a client in one kernel, each in a network namespace of its own. Both servers
# export the same directory of a tmpfs with the same fsid: the same file handles.
# shellcheck shell=sh disable=SC2154
# (SC2154: the variables are the test's.)

make_network()
{
    ip netns add wire
    ip -netns wire link add br0 type bridge
    ip -netns wire link set br0 up
    for node in s1 s2 c9; do
        number=${node#?}
        ip netns add $node
        ip -netns $node link set lo up
        ip -netns wire link add $node type veth peer name eth0 netns $node
        ip -netns wire link set $node master br0 up
        ip -netns $node link set eth0 up
        ip -netns $node addr add "10.1.0.$number/24" dev eth0
        ip -netns $node addr add "fd00:1::$number/64" dev eth0 nodad
    done
}

# Runs in a mount namespace of its own: what nfs-utils keep in files is a server's own.
server_start()
{
    mount -t tmpfs tmpfs /var/lib/nfs
    mkdir -p /var/lib/nfs/v4recovery /var/lib/nfs/sm /var/lib/nfs/sm.bak /var/lib/nfs/rpc_pipefs
    : >/var/lib/nfs/etab
    : >/var/lib/nfs/rmtab
    : >/var/lib/nfs/state
    mount -t tmpfs tmpfs /run
    mkdir -p /run/rpcbind
    mount -t nfsd nfsd /proc/fs/nfsd
    rpcbind -w || return 1
    mkdir -p /var/lib/nfs/nfsdcld
    mount -t rpc_pipefs rpc_pipefs /var/lib/nfs/rpc_pipefs
    nfsdcld -p /var/lib/nfs/rpc_pipefs -s /var/lib/nfs/nfsdcld || return 1
    echo 10 >/proc/fs/nfsd/nfsv4leasetime
    echo 10 >/proc/fs/nfsd/nfsv4gracetime
    exportfs -i -o rw,no_root_squash,no_subtree_check,sync,fsid=0,insecure "*:$export"
    rpc.mountd --port 20048
    rpc.statd --no-notify || return 1
    rpc.nfsd --no-udp 8 || return 1
    echo Y >/proc/fs/nfsd/v4_end_grace
    sleep infinity &
    echo $! >"$directory/$1.keep"
    wait
}

start_servers()
{
    for node in s1 s2; do
        ip netns exec $node unshare -m "$0" --server $node "$directory" >"$directory/$node.out" 2>&1 &
        until_true test -s "$directory/$node.keep"
    done
}

# on SERVER COMMAND…
on()
{
    server_pid=$(cat "$directory/$1.keep")
    shift
    nsenter --target "$server_pid" --mount --net "$@"
}

# Nothing goes in or out: a dead server.
silence()
{
    ip netns exec "$1" nft -f - <<NFT
table inet dead {
    chain in { type filter hook input priority 0; tcp dport 2049 drop; }
    chain out { type filter hook output priority 0; tcp sport 2049 drop; }
}
NFT
}

# Each packet is answered by a reset: a server whose kernel was started anew.
resets()
{
    ip netns exec "$1" nft -f - <<NFT
table inet dead {
    chain in { type filter hook input priority 0; tcp dport 2049 reject with tcp reset; }
}
NFT
}

alive()
{
    ip netns exec "$1" nft delete table inet dead
}

# A client that comes back to a server which still has its opens waits 5 s for each of them (nfs_set_open_stateid_locked());
# a server that was started anew, as after a failure, has none.
forget()
{
    # shellcheck disable=SC2016
    on "$1" sh -c 'for client in /proc/fs/nfsd/clients/*/ctl; do echo expire >"$client"; done' 2>/dev/null
}

# Locks of NFSv3 need a statd on the client, too.
client_statd()
{
    client sh -c 'mount -t tmpfs tmpfs /var/lib/nfs && mkdir /var/lib/nfs/sm /var/lib/nfs/sm.bak && : >/var/lib/nfs/state &&
        mount -t tmpfs tmpfs /run && mkdir /run/rpcbind && rpcbind -w && rpc.statd --no-notify' || fail "no statd on the client"
}

nfsd_stop()
{
    on "$1" rpc.nfsd 0
}

nfsd_start()
{
    on "$1" rpc.nfsd --no-udp 8
    on "$1" sh -c 'echo Y >/proc/fs/nfsd/v4_end_grace' 2>/dev/null || true
}
