#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Three masters in one kernel, each in a network namespace of its own, with a service port and a second LAN between them:
# they divide the buckets, take over, give back, hand over and clean up, with a shared MAC and with their own ones, while
# a client asks for the addresses. As root, in the lab's kernel:
#   tests/unit/ipvs_live.sh KERNEL tests/unit/cvipd_live.sh BUILD
# No fixed pauses: each step waits until what it wants is there, and fails after 15 s.
set -u

build=${1:-.}
pid_m1=
pid_m2=
pid_m3=
cvipd=$build/cvipd
hasctl=$build/daemons/hasctl/hasctl
[ "$(id -u)" -eq 0 ] || exit 77
[ -x "$cvipd" ] || { echo "no $cvipd" >&2; exit 1; }
directory=$(mktemp -d /run/cvipd_live.XXXXXX)
# shellcheck source=/dev/null
. "${0%/*}/cvipd_live_world.sh"

fail()
{
    echo "FAILED: $*"
    for node in m1 m2 m3; do
        echo "--- $node"
        ip netns exec $node "$hasctl" cvip 2>&1 | head -40
        ip -netns $node addr show eth0
        tail -n 40 "$directory/$node.out" "$directory/$node.log"
    done
    exit 1
}

make_network()
{
    ip netns add wire
    for lan in 0 1; do
        ip -netns wire link add br$lan type bridge
        ip -netns wire link set br$lan up
    done
    for number in 1 2 3 11 50; do # masters, a traffic node, a client
        node=m$number
        ip netns add $node
        ip -netns $node link set lo up
        for lan in 0 1; do
            ip -netns wire link add $node-$lan type veth peer name eth$lan netns $node
            ip -netns wire link set $node-$lan master br$lan up
            ip -netns $node link set eth$lan up
        done
        ip -netns $node addr add 10.1.0.$number/24 dev eth0
        ip -netns $node addr add fd00:1::$number/64 dev eth0 nodad
        ip -netns $node addr add 10.2.0.$number/24 dev eth1
    done
}

make_configuration()
{
    echo "1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f" >"$directory/keys"
    chmod 600 "$directory/keys"
    chown has "$directory/keys"
    for node in m1 m2 m3; do
        cat >"$directory/$node.conf" <<CONF
name $node
user has
ErrorLog $directory/$node.log
keys $directory/keys
interface eth0
address 10.1.0.100
address fd00:1::100
mode $1
mac $2
seed 24301
member 1 m1 10.1.0.1 10.2.0.1
member 2 m2 10.1.0.2 10.2.0.2
member 3 m3 10.1.0.3 10.2.0.3
heartbeat 100 # all of this shares one processor
rejoin 500
corosync no
sync ${3:-off}
manager none
CONF
    done
}

start()
{
    ip netns exec "$1" "$cvipd" -n -f "$directory/$1.conf" -p "$directory/$1.pid" >>"$directory/$1.out" 2>&1 &
    eval "pid_$1=$!"
}

has_addresses()
{
    ip -netns "$1" -o addr show dev eth0 | grep -q "10.1.0.100/32" &&
        ip -netns "$1" -o addr show dev eth0 | grep -q "fd00:1::100/128"
}

has_no_addresses()
{
    ! ip -netns "$1" -o addr show dev eth0 | grep -q -e "10.1.0.100/" -e "fd00:1::100/"
}

# believes MAC: gives the client another neighbour, and says whether nobody corrects him within the 1 s in which
# announcements are repeated.
believes()
{
    ip -netns m50 neigh replace 10.1.0.100 lladdr "$1" dev eth0 nud stale
    sleep 1.2
    has_neighbour "$1"
}

stop_all()
{
    kill -TERM "$pid_m1" "$pid_m2"
    until_true "both end" ended "$pid_m1"
    until_true "both end" ended "$pid_m2"
}

make_network
for node in m1 m2 m3; do
    make_table $node
done
echo "--- both active, shared MAC"
make_configuration split "shared 02:48:41:53:00:64"
start m1
until_true "m1 alone takes all" owns m1 256
until_true "m1 has the addresses" has_addresses m1
until_true "m1 has the engine" has_engine m1
start m2
until_true "m2 gets its share" owns m2 128
until_true "m1 keeps its share" owns m1 128
until_true "a client is served" both_served
has_neighbour 02:48:41:53:00:64 || fail "the client's neighbour is $(neighbour)"

ip netns exec m1 "$cvipd" -n -f "$directory/m1.conf" -p "$directory/second.pid" 2>"$directory/second.log" &&
    fail "a second daemon started"
echo "ok: a second daemon is refused"

ip -netns m1 addr del 10.1.0.100/32 dev eth0
until_true "an address that was removed is there again" has_addresses m1

ip netns exec m1 tc qdisc del dev eth0 clsact
until_true "an engine that was removed is there again" has_engine m1
until_true "the client is served with it" both_served

kill -KILL "$pid_m2"
until_true "m1 takes over" owns m1 256
until_true "the client is served on" both_served
wait "$pid_m2" 2>/dev/null
has_addresses m2 || fail "a dead daemon leaves its addresses behind the engine"
has_engine m2 || fail "a dead daemon leaves its engine"
ip netns exec m1 "$cvipd" --clean -f "$directory/m1.conf" 2>/dev/null && fail "--clean under a living daemon"
echo "ok: --clean refuses to pull the engine from under a living daemon"
ip netns exec m2 "$cvipd" --clean -f "$directory/m2.conf" || fail "--clean"
has_no_addresses m2 || fail "--clean leaves addresses"
has_no_engine m2 || fail "--clean leaves the engine"
ip netns exec m2 "$cvipd" --clean -f "$directory/m2.conf" || fail "--clean where nothing is"
echo "ok: --clean cleans"

start m2
until_true "m2 is back with its share" owns m2 128
until_true "m1 gave it back" owns m1 128
until_true "the client is served still" both_served

ip netns exec m1 "$hasctl" redundancy set active/standby || fail "redundancy set"
until_true "standby: m1 has all" owns m1 256
until_true "standby: m2 has none" owns m2 0
ip netns exec m1 "$hasctl" redundancy set active/active || fail "redundancy set"
until_true "split again" owns m2 128
ip netns exec m1 "$hasctl" redundancy set n+m 3 2>/dev/null && fail "n+m without one in reserve"
refusal=$(ip netns exec m1 "$hasctl" cvip fenced m2 2>&1)
[ $? -eq 65 ] || fail "m2 is heard, and taken as off: $refusal"

ip netns exec m1 "$hasctl" switchover || fail "switchover"
until_true "switchover: m2 has all" owns m2 256
ip netns exec m1 "$hasctl" switchover --end || fail "switchover --end"
until_true "switchover ended" owns m1 128

ip -netns wire link set m1-0 down
until_true "m1's port has no carrier: m2 has all" owns m2 256
ip -netns wire link set m1-0 up
until_true "the carrier is back" owns m1 128

ip -netns m1 route add default via 10.2.0.50
until_true "answers that leave by another port are warned of" grep -q "leaves by eth1, not by the service port eth0" "$directory/m1.log"
ip -netns m1 route del default
until_true "and that it is over is told" grep -q "leaves by the service port again" "$directory/m1.log"

sed -i 's/^\(member 1 .*\)$/\1 weight=3/' "$directory/m1.conf"
kill -HUP "$pid_m1"
until_true "m1 reads its configuration again: three quarters are its share" owns m1 192

kill -TERM "$pid_m1"
until_true "m1 ends" ended "$pid_m1"
wait "$pid_m1"
status=$?
[ $status -eq 0 ] || fail "m1 ended with $status"
until_true "m2 has all" owns m2 256
has_no_addresses m1 || fail "m1 left addresses"
has_no_engine m1 || fail "m1 left its engine"
[ ! -e "$directory/m1.pid" ] || fail "m1 left its pid file"
grep -q "nobody has taken" "$directory/m1.log" && fail "m1 was late"
kill -TERM "$pid_m2"
until_true "the last one ends too" ended "$pid_m2"
has_no_addresses m2 || fail "m2 left addresses"

echo "--- one active, own MACs"
make_configuration standby own
start m1
until_true "m1 alone takes all" owns m1 256
until_true "a client is served" both_served
until_true "it learns m1's MAC" has_neighbour "$(port_mac m1)"
start m2
until_true "m2 is ready" sh -c "ip netns exec m1 $hasctl cvip | grep -q 'm2 *ready'"
kill -KILL "$pid_m1"
until_true "m2 takes over" owns m2 256
until_true "the client learns m2's MAC" has_neighbour "$(port_mac m2)"
until_true "the client is served on" both_served
until_true "the client believes m1, and m2's announcements are over" believes "$(port_mac m1)"
start m1
until_true "m1 is back, and takes nothing away" sh -c "ip netns exec m2 $hasctl cvip | grep -q 'm1 *ready'"
until_true "m2 announces itself again" has_neighbour "$(port_mac m2)"
owns m2 256 || fail "m1 took something away"
ip netns exec m2 "$hasctl" switchover || fail "switchover"
until_true "switchover: m1 has all" owns m1 256
until_true "the client learns m1's MAC" has_neighbour "$(port_mac m1)"
until_true "the client is served still" both_served
ip netns exec m1 "$hasctl" redundancy set active/active 2>/dev/null && fail "active/active with own MACs"
stop_all

echo "--- connections: one active, shared MAC, synchronised and reconstructed"
make_configuration standby "shared 02:48:41:53:00:64" "eth1 id=7"
make_traffic_node
start m1
until_true "m1 alone takes all" owns m1 256
start m2
until_true "m2 is ready" sh -c "ip netns exec m1 $hasctl cvip | grep -q 'm2 *ready'"
talk
ip netns exec m1 "$hasctl" switchover || fail "switchover"
until_true "switchover: m2 has all" owns m2 256
all_kept "planned switchover"
ip netns exec m1 "$hasctl" switchover --end || fail "switchover --end"
until_true "m1 is ready" sh -c "ip netns exec m2 $hasctl cvip | grep -q 'm1 *ready'"
talk
kill -KILL "$pid_m2"
until_true "m1 takes over" owns m1 256
until_true "m1 asked the traffic node" sh -c "ip netns exec m1 $hasctl cvip | grep -q 'connections from [12] of 2'"
all_kept "crash"
talk
kill -KILL "$pid_m1"
until_true "m1 is dead" ended "$pid_m1"
for node in m1 m2; do
    ip netns exec $node "$cvipd" --clean -f "$directory/$node.conf" || fail "--clean"
    ip -netns $node link set eth0 down
    [ -z "$(ip netns exec $node ipvsadm -L --daemon)" ] || fail "--clean leaves the sync daemons"
done
start m3
until_true "both are lost, a fresh one takes all" owns m3 256
all_kept "both masters lost"
kill -TERM "$pid_m3"
until_true "m3 ends" ended "$pid_m3"
[ -z "$(ip netns exec m3 ipvsadm -L --daemon)" ] || fail "m3 left the sync daemons"
echo "all passed"
