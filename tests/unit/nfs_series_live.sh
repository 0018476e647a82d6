#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The kernel series of nfs-ha/kernel in the lab's kernel: two NFS servers and a client, each in a network namespace, and
# everything that may happen to a server. As root:
#   tests/unit/ipvs_live.sh KERNEL tests/unit/nfs_series_live.sh BUILD [VERSIONS [MOVES]]
# VERSIONS: of NFS ("3 4.2"); MOVES: by command under load (200). It prints the gaps that a reader and a writer see and asserts
# none. No fixed pauses: each step waits until what it wants is there, and fails after 20 s.
set -u

export=/dev/shm/export
# shellcheck source=/dev/null
. "${0%/*}/nfs_series_live_world.sh"

if [ "${1:-}" = --server ]; then
    directory=$3
    server_start "$2"
    exit
fi

build=${1:-.}
load=$build/tests/lab/nfs_load
[ "$(id -u)" -eq 0 ] || exit 77
[ -e /sys/module/sunrpc/parameters/failover ] || { echo "a kernel without the series" >&2; exit 77; }
[ -x "$load" ] || { echo "no $load" >&2; exit 1; }
directory=$(mktemp -d /dev/shm/nfs_series_live.XXXXXX)
mnt=$directory/mnt
versions=${2:-3 4.2}
moves=${3:-200}
reader=
writer=
client_pid=

fail()
{
    echo "FAILED: $*"
    for file in xprt_state xprt_info dstaddr replicas failovers; do
        echo "$file: $(client sh -c "cat $transport/$file" 2>&1)"
    done
    cat "$directory"/*.out
    dmesg | tail -n 60
    exit 1
}

until_true()
{
    tries=0
    until "$@"; do
        tries=$((tries + 1))
        [ $tries -lt 400 ] || fail "waited 20 s for: $*"
        sleep 0.05
    done
}

# The client's commands run in its network namespace (whose sysfs shows its transports) and one mount namespace.
client()
{
    nsenter --target "$client_pid" --mount --net "$@"
}

start_client()
{
    ip netns exec c9 unshare -m sh -c "echo \$\$ >$directory/client.keep; exec sleep infinity" &
    until_true test -s "$directory/client.keep"
    client_pid=$(cat "$directory/client.keep")
    until_true client test -d /sys/kernel/sunrpc
    mkdir -p "$mnt"
}

file() { client cat "$transport/$1"; }
tell() { client sh -c "echo '$2' >$transport/$1"; }
at() { [ "$(file dstaddr)" = "$1" ]; }
moved_to() { [ "$(file failovers)" -gt "$before" ] && at "$1"; }

written() { stat -c %y "$export/writer"; }
goes_on() { [ "$(written)" != "$last" ]; }
progress()
{
    last=$(written)
    until_true goes_on
}

mount_it()
{
    case $family in
        4) one=10.1.0.1 two=10.1.0.2 source=10.1.0.1 protocol=tcp ;;
        *) one=fd00:1::1 two=fd00:1::2 source='[fd00:1::1]' protocol=tcp6 ;;
    esac
    options=vers=$version,proto=$protocol,port=2049,timeo=2,retrans=1
    [ "$version" != 3 ] || options=$options,nolock,mountport=20048,mountproto=$protocol
    path=/
    [ "$version" != 3 ] || path=$export
    until_true client mount -t nfs -o "$options,replicas=$one+$two" "$source:$path" "$mnt"
    transport=
    for candidate in $(client sh -c 'ls -d /sys/kernel/sunrpc/xprt-switches/*/xprt-*-tcp'); do
        [ -z "$(client cat "$candidate/replicas")" ] || transport=$candidate
    done
    [ -n "$transport" ] || fail "no transport has the list"
    client grep " $mnt nfs" /proc/mounts | grep -q ",replicas=$one+$two," || fail "/proc/mounts does not show the list"
    [ "$(file replicas)" = "$one+$two" ] || fail "replicas: $(file replicas)"
    [ "$(file failovers)" = 0 ] || fail "failovers: $(file failovers)"
}

load_start()
{
    before=$(file failovers)
    nsenter --target "$client_pid" --mount --net "$load" reader --file "$mnt/reader" >"$directory/reader.json" 2>"$directory/reader.out" &
    reader=$!
    nsenter --target "$client_pid" --mount --net "$load" writer --file "$mnt/writer" >"$directory/writer.json" 2>"$directory/writer.out" &
    writer=$!
    progress
}

value() { sed -n "s/.*\"$2\": *\([^,}]*\).*/\1/p" "$directory/$1.json"; }

left() { at "$one" && echo s2 || echo s1; }

# load_end NAME: no error, and the gaps
load_end()
{
    progress
    forget "$(left)"
    kill "$reader" "$writer"
    wait "$reader" "$writer"
    for which in reader writer; do
        [ "$(value $which errors)" = 0 ] || fail "$1: $which: $(cat "$directory/$which.json")"
    done
    printf 'NFSv%s IPv%s %-34s reader %8s ms, writer %8s ms, moves %s\n' "$version" "$family" "$1" \
        "$(value reader max_gap_ms)" "$(value writer max_gap_ms)" $(($(file failovers) - before))
}

test_silence()
{
    load_start
    silence s1
    until_true moved_to "$two"
    load_end "silence (timeo=2,retrans=1)"
    alive s1
}

test_reset()
{
    load_start
    resets s2
    until_true moved_to "$one"
    load_end "reset"
    alive s2
}

test_refusal()
{
    load_start
    nfsd_stop s1
    until_true moved_to "$two"
    load_end "nfsd stopped (FIN, then refusal)"
    nfsd_start s1
    [ "$version" = 3 ] || fresh_sessions
}

# An nfsd that starts counts the memory of all sessions in this kernel from 0 on (set_max_drc()), the other server's as well.
# When these end, the count comes to less than nothing, and each new session has one slot: too few for a client that
# recovers an open file, since it asks for the old one (TEST_STATEID) while the answer to OPEN still has that slot.
fresh_sessions()
{
    client umount "$mnt" || fail "umount"
    forget s1
    forget s2
    nfsd_stop s1
    nfsd_start s1
    mount_it
    tell failover "$two"
    until_true at "$two"
}

test_command()
{
    load_start
    tell failover "$one"
    until_true moved_to "$one"
    load_end "command"
    load_start
    tell dstaddr "$two"
    until_true at "$two"
    load_end "dstaddr"
    [ "$(file failovers)" = "$before" ] || fail "a write to dstaddr is counted, or was followed by a move"
    tell failover "$one"
    until_true at "$one"
    tell failover "$one"
    client sh -c "echo nonsense >$transport/failover" 2>/dev/null && fail "nonsense was taken for an address"
    client sh -c "echo 10.1.0.1+10.1.0.1 >$transport/replicas" 2>/dev/null && fail "an address twice was taken"
    true
}

test_all_dead()
{
    load_start
    silence s1
    resets s2
    twice() { [ "$(file failovers)" -ge $((before + 4)) ]; }
    until_true twice
    alive s2
    until_true at "$two"
    load_end "both servers lost, one returned"
    alive s1
    forget s1
    tell failover "$one"
    until_true at "$one"
}

# A connection that ends while nobody waits for a reply: the server tidies up.
test_idle()
{
    before=$(file failovers)
    client cat "$mnt/reader" >/dev/null
    on s1 ss -K sport = :2049 >/dev/null
    client sh -c "cat $mnt/reader >/dev/null; touch $mnt/idle"
    [ "$(file failovers)" = "$before" ] || fail "a reset while idle moved the transport"
    [ "$version" = 3 ] || return 0
    nfsd_stop s1
    nfsd_start s1
    client touch "$mnt/idle"
    [ "$(file failovers)" = "$before" ] || fail "an end of the connection while idle moved the transport"
}

test_many()
{
    load_start
    count=0
    while [ $count -lt "$moves" ]; do
        at "$one" && to=$two || to=$one
        tell failover "$to"
        until_true at "$to"
        progress
        forget "$(left)"
        count=$((count + 1))
    done
    load_end "$moves moves by command"
    [ $(($(file failovers) - before)) -eq "$moves" ] || fail "$(file failovers) moves counted, not $moves"
}

test_list()
{
    tell replicas ''
    [ -z "$(file replicas)" ] || fail "the list is still there"
    tell replicas "$two $one"
    [ "$(file replicas)" = "$two+$one" ] || fail "replicas: $(file replicas)"
    client mkdir -p "$directory/second"
    client mount -i -t nfs -o "$options,nosharecache,replicas=$two,addr=$one" "$source:$path" "$directory/second" 2>/dev/null &&
        fail "another list was accepted"
    client mount -t nfs -o "$options,nosharecache,replicas=nonsense" "$source:$path" "$directory/second" 2>/dev/null &&
        fail "nonsense was accepted"
    client mount -t nfs -o "$options,nosharecache,replicas=$one+$two" "$source:$path" "$directory/second" ||
        fail "the same list was refused"
    client umount "$directory/second"
}

unmounted()
{
    client umount -f "$mnt" 2>/dev/null
    ! client test -d "$transport"
}

lockd_transport()
{
    for candidate in $(client sh -c 'ls -d /sys/kernel/sunrpc/xprt-switches/*/xprt-*-tcp'); do
        [ "$candidate" = "$transport" ] || echo "$candidate"
    done
}

has_lockd() { [ -n "$(lockd_transport)" ]; }

asks_for_port()
{
    case $(client cat "$1/xprt_state") in
    *BOUND*) return 1 ;;
    *LOCKED*) ;;
    *) return 1 ;;
    esac
}

# lockd asks the server that was left for a port, again and again, and holds its transport for that time.
test_lockd()
{
    client umount "$mnt" || fail "umount"
    client mount -t nfs -o "${options%%,nolock*}${options#*,nolock},replicas=$one+$two" "$source:$path" "$mnt" ||
        fail "no mount with locks"
    client touch "$mnt/first" "$mnt/second"
    nsenter --target "$client_pid" --mount --net flock --no-fork "$mnt/first" sleep infinity &
    holder=$!
    transport=$(client sh -c 'grep -l + /sys/kernel/sunrpc/xprt-switches/*/xprt-*-tcp/replicas')
    transport=${transport%/replicas}
    until_true has_lockd
    lockd=$(lockd_transport)
    before=$(file failovers)
    nfsd_stop s1
    nsenter --target "$client_pid" --mount --net flock "$mnt/second" touch "$mnt/locked" &
    client touch "$mnt/goes_on"
    until_true moved_to "$two"
    until_true asks_for_port "$lockd"
    client sh -c "echo $two >$lockd/failover"
    until_true test -e "$export/locked"
    [ "$(client cat "$lockd/dstaddr")" = "$two" ] || fail "the transport of lockd is at $(client cat "$lockd/dstaddr")"
    kill $holder
    wait $holder
    nfsd_start s1
    tell failover "$one"
    client sh -c "echo $one >$lockd/failover"
    until_true at "$one"
}

# The transport goes while it is being moved.
test_umount()
{
    round=0
    while [ $round -lt 20 ]; do
        nsenter --target "$client_pid" --mount --net dd if=/dev/zero of="$mnt/big" bs=1M count=8 2>/dev/null &
        writing=$!
        until_true test -e "$export/big"
        [ $((round % 2)) -eq 0 ] || silence s1
        tell failover "$two"
        tell replicas "$one"
        tell replicas "$one+$two"
        kill -9 $writing 2>/dev/null
        wait $writing
        until_true unmounted
        forget s1
        forget s2
        [ $((round % 2)) -eq 0 ] || alive s1
        rm -f "$export/big"
        mount_it
        round=$((round + 1))
    done
}

# Both servers are one kernel with one file system: a delegation of the one would be a conflict for the other.
echo 0 >/proc/sys/fs/leases-enable
echo 1 >/proc/sys/fs/nfs/nlm_grace_period # 10 s, else 50
echo "nfs_series_live begins" >/dev/kmsg
make_network
mkdir -p "$export"
"$load" fill --file "$export/reader" >/dev/null
"$load" fill --file "$export/writer" >/dev/null
transport=/nowhere
start_servers
start_client
client_statd
for version in $versions; do
    for family in 4 6; do
        mount_it
        test_silence
        test_reset
        test_refusal
        test_command
        test_all_dead
        test_idle
        if [ $family = 4 ]; then
            test_many
            test_list
            test_umount
        fi
        if [ "$version$family" = 34 ]; then
            test_lockd
        fi
        client umount "$mnt" || fail "umount"
    done
done
dmesg | sed '1,/nfs_series_live begins/d' |
    grep -E 'WARNING|BUG|possible (recursive|circular|irq)|INFO: (task|rcu)|Call Trace|suspicious RCU' && fail "the kernel complains"
echo "ok"
