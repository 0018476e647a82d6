#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# cvipd on a service port with a twin. First this script plays erd: it copies addresses, and opens and shuts ports by
# gate_tool; in the end erd runs. Master m1 has the pair eth0/eth1 on two switches that are connected, m2 has eth0 alone; a client asks for
# the addresses meanwhile. As root, in the lab's kernel:
#   tests/unit/ipvs_live.sh KERNEL tests/unit/cvipd_twin_live.sh BUILD
# No fixed pauses: each step waits until what it wants is there, and fails after 15 s.
set -u

build=${1:-.}
pid_m1=
pid_m2=
cvipd=$build/cvipd
erd=$build/erd/erd
gate=$build/tests/unit/gate_tool
hasctl=$build/daemons/hasctl/hasctl
[ "$(id -u)" -eq 0 ] || exit 77
for program in "$cvipd" "$erd" "$gate"; do
    [ -x "$program" ] || { echo "no $program" >&2; exit 1; }
done
directory=$(mktemp -d /run/cvipd_twin_live.XXXXXX)
# shellcheck source=/dev/null
. "${0%/*}/cvipd_live_world.sh"

fail()
{
    echo "FAILED: $*"
    for node in m1 m2; do
        echo "--- $node"
        ip netns exec $node "$hasctl" cvip 2>&1 | head -40
        ip -netns $node addr show
        ip -netns $node route
        ip netns exec $node ipvsadm -L --daemon
        tail -n 40 "$directory/$node.out" "$directory/$node.log"
    done
    [ ! -e "$directory/erd.log" ] || tail -n 40 "$directory/erd.out" "$directory/erd.log"
    exit 1
}

# plug NODE PORT BRIDGE: a cable from a node to a switch.
plug()
{
    ip -netns wire link add "$1-$2" type veth peer name "$2" netns "$1"
    ip -netns wire link set "$1-$2" master "$3" up
}

# The twin as erd prepares it: shut, with the primary's MAC.
prepare_twin()
{
    plug m1 eth1 br1
    ip -netns m1 link set eth1 address "${1:-$(port_mac m1)}"
    ip netns exec m1 "$gate" shut eth1
    ip -netns m1 link set eth1 up
}

make_network()
{
    ip netns add wire
    for bridge in br0 br1 br2; do
        ip -netns wire link add $bridge type bridge
        ip -netns wire link set $bridge up
    done
    ip -netns wire link add trunk0 type veth peer name trunk1
    for switch in 0 1; do
        ip -netns wire link set trunk$switch master br$switch up
    done
    for number in 1 2 11 50; do # masters, a traffic node, a client
        node=m$number
        ip netns add $node
        ip -netns $node link set lo up
        plug $node eth0 br0
        plug $node eth2 br2
        ip -netns $node link set eth0 up
        ip -netns $node link set eth2 up
        ip -netns $node addr add 10.1.0.$number/24 dev eth0
        ip -netns $node addr add fd00:1::$number/64 dev eth0 nodad
        ip -netns $node addr add 10.2.0.$number/24 dev eth2
    done
}

# make_configuration MAC SYNC
make_configuration()
{
    echo "1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f" >"$directory/keys"
    chmod 600 "$directory/keys"
    chown has "$directory/keys"
    for node in m1 m2; do
        [ $node = m1 ] && twin=" twin=eth1" || twin=
        cat >"$directory/$node.conf" <<CONF
name $node
user has
ErrorLog $directory/$node.log
keys $directory/keys
interface eth0$twin
address 10.1.0.100
address fd00:1::100
mode standby
mac $1
seed 24301
member 1 m1 10.1.0.1 10.2.0.1
member 2 m2 10.1.0.2 10.2.0.2
heartbeat 100 # all of this shares one processor
rejoin 500
corosync no
sync $2
manager none
CONF
    done
}

# start NODE: a new log
start()
{
    rm -f "$directory/$1.log"
    ip netns exec "$1" "$cvipd" -n -f "$directory/$1.conf" -p "$directory/$1.pid" >>"$directory/$1.out" 2>&1 &
    eval "pid_$1=$!"
}

stop()
{
    kill -TERM "$2"
    until_true "$1 ends" ended "$2"
    wait "$2" || fail "$1 ended with $?"
}

# copy_one FROM TO ADDRESS OPTION...: unless FROM has not got it
copy_one()
{
    ! ip -netns m1 addr show dev "$1" | grep -q " $3 " && return
    to=$2
    shift 2
    ip -netns m1 addr replace "$@" dev "$to"
}

# copy FROM TO: what erd does with the addresses. They keep their scope and lifetimes: no cluster address is a source.
copy()
{
    copy_one "$1" "$2" 10.1.0.1/24 noprefixroute
    copy_one "$1" "$2" 10.1.0.100/32 noprefixroute scope host
    copy_one "$1" "$2" fd00:1::1/64 noprefixroute nodad
    copy_one "$1" "$2" fd00:1::100/128 noprefixroute nodad preferred_lft 0
}

# route_by PORT: what erd does with the routes.
route_by()
{
    ip -netns m1 route replace 10.1.0.0/24 dev "$1" src 10.1.0.1
    ip -netns m1 -6 route del fd00:1::/64 2>/dev/null
    ip -netns m1 -6 route replace fd00:1::/64 dev "$1"
}

swap()
{
    ip netns exec m1 "$gate" open "$1" || fail "gate_tool open $1"
    route_by "$1"
    ip netns exec m1 "$gate" shut "$2" || fail "gate_tool shut $2"
}

# is PATH VALUE: what the status of m1 says there, as "port.active".
is()
{
    ask m1 | python3 -c '
import functools, json, sys
value = functools.reduce(lambda object, key: object[key], sys.argv[1].split("."), json.load(sys.stdin))
sys.exit(str(value) != sys.argv[2])' "$1" "$2"
}

engine_on()
{
    for direction in ingress egress; do
        ip netns exec m1 tc filter show dev "$1" $direction | grep -q "pref 2 bpf.*handle 0x484153" || return 1
    done
}

no_engine_on()
{
    ! ip netns exec m1 tc filter show dev "$1" ingress | grep -q 0x484153 &&
        ! ip netns exec m1 tc filter show dev "$1" egress | grep -q 0x484153
}

addresses_on()
{
    ip -netns m1 -o addr show dev "$1" | grep -q "10.1.0.100/32" &&
        ip -netns m1 -o addr show dev "$1" | grep -q "fd00:1::100/128"
}

no_addresses_on()
{
    ! ip -netns m1 -o addr show dev "$1" | grep -q -e "10.1.0.100/" -e "fd00:1::100/"
}

sync_by()
{
    [ "$(ip netns exec m1 ipvsadm -L --daemon | grep -c "mcast=$1,")" -eq 2 ]
}

# A cluster address is deprecated or of this host's scope, on the copy too.
no_source_on()
{
    ip -netns m1 -o addr show dev "$1" | grep "10.1.0.100/32" | grep -q "scope host" &&
        ip -netns m1 -o addr show dev "$1" | grep "fd00:1::100/128" | grep -q deprecated
}

is_shut()
{
    [ "$(ip netns exec m1 "$gate" state "$1")" = shut ]
}

# The switch forwards to that port of m1 (again).
is_plugged()
{
    ip -netns m1 link show "$1" | grep -q LOWER_UP &&
        bridge -netns wire link show | grep -q "m1-$1@.*state forwarding"
}

told()
{
    grep -q "$1" "$directory/m1.log"
}

told_times()
{
    [ "$(grep -c "$1" "$directory/m1.log")" -eq "$2" ]
}

# Whether m1 waited 150 ms each time before it told that its port is down; the log's times are rough.
waited()
{
    awk '{ split($3, t, ":"); now = t[1] * 3600 + t[2] * 60 + t[3] }
        /does not work: waiting/ { since = now }
        /has no carrier/ { if (!since || now - since < 0.1) exit 1 }' "$directory/m1.log"
}

# The buckets have stayed: no map since, and no member was told that the port is down. On a machine that is too slow for
# 150 ms they may have moved, then by the rules.
stayed()
{
    if told "has no carrier"; then
        waited && echo "note: the change took longer than 150 ms on this machine, and the other master took over"
        return
    fi
    owns m1 256 && told_times ": map [0-9]* of" "$maps"
}

count_maps()
{
    maps=$(grep -c ": map [0-9]* of" "$directory/m1.log")
}

make_network
prepare_twin
for node in m1 m2; do
    make_table $node
done
make_configuration "shared 02:48:41:53:00:64" "eth0 id=7"
make_traffic_node

echo "--- shared MAC: the twin takes over"
start m1
until_true "m1 alone takes all" owns m1 256
engine_on eth0 || fail "no engine on eth0"
engine_on eth1 || fail "no engine on eth1"
addresses_on eth0 || fail "no addresses on eth0"
no_addresses_on eth1 || fail "addresses on the port that is shut"
is port.active eth0 || fail "eth0 is not the active port"
is port.twin eth1 || fail "the twin is not shown"
until_true "the connections are synchronised by eth0" sync_by eth0
start m2
until_true "m2 is ready" sh -c "ip netns exec m1 $hasctl cvip | grep -q 'm2 *ready'"
copy eth0 eth1
until_true "a client is served" both_served
has_neighbour 02:48:41:53:00:64 || fail "the client's neighbour is $(neighbour)"
count_maps

talk
swap eth1 eth0
until_true "eth1 is the active port" is port.active eth1
until_true "the synchronisation follows" sync_by eth1
until_true "and the status shows it" is sync.interface eth1
until_true "the client is served" both_served
stayed || fail "the buckets moved"
all_kept "changed over to the twin"
has_neighbour 02:48:41:53:00:64 || fail "the client's neighbour is $(neighbour)"
until_true "the traffic nodes were asked again" is reconstruction.running False
swap eth0 eth1
until_true "and back" is port.active eth0
until_true "the synchronisation follows" sync_by eth0

# The twin is opened before the cable is cut, so that little time passes before the other is shut; cvipd waits 150 ms.
talk
ip netns exec m1 "$gate" open eth1
is port.active eth0 || fail "of two open ports the primary is active"
route_by eth1
ip -netns wire link set m1-eth0 down && ip netns exec m1 "$gate" shut eth0
until_true "eth0's cable is cut, eth1 is active" is port.active eth1
stayed || fail "the buckets moved"
until_true "the client is served" both_served
all_kept "cable cut"

echo "--- connections that m2 was told come in by the twin"
talk
ip netns exec m1 "$hasctl" switchover || fail "switchover"
until_true "switchover: m2 has all" owns m2 256
ip netns exec m1 "$hasctl" switchover --end || fail "switchover --end"
ip netns exec m2 "$hasctl" switchover || fail "switchover"
until_true "m1 has all again, by eth1" owns m1 256
all_kept "handed over and back"
ip netns exec m2 "$hasctl" switchover --end || fail "switchover --end"
ip -netns wire link set m1-eth0 up
count_maps

echo "--- addresses and programs"
ip -netns m1 addr del 10.1.0.100/32 dev eth0
ip netns exec m1 tc qdisc del dev eth0 clsact # erd shuts it again
ip netns exec m1 "$gate" shut eth0
until_true "the programs of the port that is shut are there again" engine_on eth0
told "cluster addresses were missing" && fail "an address that the active port has was missed"
ip -netns m1 addr del 10.1.0.100/32 dev eth1
until_true "an address that neither has is added to the active port" addresses_on eth1
no_addresses_on eth1 && fail "to the active port"
copy eth1 eth0
until_true "the client is served" both_served

echo "--- ports come and go"
ip -netns m1 link del eth0
until_true "the primary is gone while the twin is active, and that is told" told "the port eth0 is not there"
stayed || fail "the buckets moved"
until_true "the client of m1's twin is served" both_served
plug m1 eth0 br0
ip netns exec m1 "$gate" shut eth0
ip -netns m1 link set eth0 address "$(ip -netns m1 -o link show eth1 | sed -n 's/.*link.ether \([0-9a-f:]*\) .*/\1/p')" up
copy eth1 eth0
until_true "the primary is back with the engine" engine_on eth0
swap eth0 eth1
until_true "it is active again" is port.active eth0
until_true "the synchronisation follows" sync_by eth0
until_true "the client is served" both_served
ip -netns m1 link del eth1
until_true "the twin is gone, and that is told" told "the port eth1 is not there"
until_true "the client is served" both_served
prepare_twin
until_true "the twin is back with the engine" engine_on eth1
copy eth0 eth1
stayed || fail "the buckets moved"
told_times "is the active port now" 4 || fail "a port that came back was active at once"
told_times "the port eth1 is not there" 1 || fail "it was told more than once"

echo "--- nobody changes over"
ip -netns wire link set m1-eth0 down
until_true "m1's port is given up: m2 has all" owns m2 256
waited || fail "m1 did not wait for the twin"
ip -netns wire link set m1-eth0 up
until_true "m1 is ready" sh -c "ip netns exec m2 $hasctl cvip | grep -q 'm1 *ready'"
ip netns exec m2 "$hasctl" switchover || fail "switchover"
until_true "m1 has all again" owns m1 256
ip netns exec m2 "$hasctl" switchover --end || fail "switchover --end"

echo "--- what is left behind"
kill -KILL "$pid_m1"
until_true "m2 takes over" owns m2 256
wait "$pid_m1" 2>/dev/null
for port in eth0 eth1; do
    engine_on $port || fail "a dead daemon leaves its engine on $port"
    addresses_on $port || fail "a dead daemon leaves its addresses on $port"
done
ip netns exec m1 "$cvipd" --clean -f "$directory/m1.conf" || fail "--clean"
for port in eth0 eth1; do
    no_engine_on $port || fail "--clean leaves the engine on $port"
    no_addresses_on $port || fail "--clean leaves addresses on $port"
done
[ -z "$(ip netns exec m1 ipvsadm -L --daemon)" ] || fail "--clean leaves the sync daemons"
is_shut eth1 || fail "--clean opens the gate"
ip -netns m1 link del eth1
start m1
until_true "m1 starts without its twin" sh -c "ip netns exec m2 $hasctl cvip | grep -q 'm1 *ready'"
grep -q "the port eth1 is not there" "$directory/m1.out" || fail "a missing twin is not told"
prepare_twin
until_true "the twin has the engine as soon as it is there" engine_on eth1
copy eth0 eth1
stop m1 "$pid_m1"
for port in eth0 eth1; do
    no_engine_on $port || fail "m1 left its engine on $port"
    no_addresses_on $port || fail "m1 left addresses on $port"
done
stop m2 "$pid_m2"

echo "--- own MACs, a twin with another one; the sync LAN has a pair of its own"
ip -netns m1 link del eth1
prepare_twin 02:00:00:00:01:01
make_configuration own "eth2 id=7 twin=eth3"
start m1
until_true "m1 alone takes all" owns m1 256
copy eth0 eth1
until_true "a client is served" both_served
until_true "it knows eth0's MAC" has_neighbour "$(port_mac m1)"
swap eth1 eth0
until_true "the client learns the twin's MAC" has_neighbour 02:00:00:00:01:01
until_true "the client is served" both_served
sync_by eth2 || fail "the synchronisation left its own LAN"
plug m1 eth3 br2
ip -netns m1 link set eth3 up
ip netns exec m1 "$gate" shut eth2
until_true "the synchronisation follows the pair of its own LAN" sync_by eth3
ip netns exec m1 "$gate" open eth2
until_true "and back" sync_by eth2
kill -TERM "$pid_m1"
until_true "m1 ends" ended "$pid_m1"
for port in eth0 eth1 eth3; do
    ip -netns m1 link del $port
done
ip netns exec m1 "$cvipd" -n -f "$directory/m1.conf" -p "$directory/m1.pid" 2>"$directory/none.log"
status=$?
[ $status -eq 69 ] || fail "without both ports it ended with $status"
grep -q "there is no interface eth0/eth1" "$directory/none.log" || fail "$(cat "$directory/none.log")"

echo "--- beside erd"
plug m1 eth0 br0
plug m1 eth1 br1
ip -netns m1 link set eth0 up
ip -netns m1 link set eth1 up
ip -netns m1 addr add 10.1.0.1/24 dev eth0
ip -netns m1 addr add fd00:1::1/64 dev eth0 nodad
cat >"$directory/erd.conf" <<CONF
user has
errorlog $directory/erd.log
poll 100
probe off
gateways no
failback no
pair eth0 eth1
CONF
ip netns exec m1 "$erd" -f -c "$directory/erd.conf" -p "$directory/erd.pid" -i has-erd-live >"$directory/erd.out" 2>&1 &
pid_erd=$!
until_true "erd shuts the twin" is_shut eth1
make_configuration "shared 02:48:41:53:00:64" "eth0 id=7"
start m1
until_true "m1 alone takes all" owns m1 256
start m2
until_true "m2 is ready" sh -c "ip netns exec m1 $hasctl cvip | grep -q 'm2 *ready'"
until_true "erd copies the addresses" addresses_on eth1
until_true "none of them is a source" no_source_on eth1
count_maps
talk
ip -netns wire link set m1-eth0 down
until_true "eth0's cable is cut, erd goes over to eth1" is port.active eth1
until_true "the synchronisation follows" sync_by eth1
until_true "the client is served" both_served
stayed || fail "the buckets moved"
ip -netns wire link set m1-eth0 up
until_true "the cable is back" is_plugged eth0
ip -netns wire link set m1-eth1 down
until_true "eth1's cable is cut, erd goes over to eth0" is port.active eth0
until_true "the client is served" both_served
stayed || fail "the buckets moved"
all_kept "two cables cut, one after the other"
ip -netns wire link set m1-eth1 up
until_true "the cable is back" is_plugged eth1
ip -netns m1 link del eth0
until_true "eth0 is removed, erd goes over to eth1" is port.active eth1
until_true "the client is served" both_served
stayed || fail "the buckets moved"
plug m1 eth0 br0
ip -netns m1 link set eth0 up
until_true "eth0 is back with the engine" engine_on eth0
until_true "and with the addresses" addresses_on eth0
ip -netns m1 addr del 10.1.0.100/32 dev eth1
until_true "an address that was removed is there again" addresses_on eth1
until_true "on both" addresses_on eth0
stayed || fail "the buckets moved"
[ "$(grep -c "cluster addresses were missing" "$directory/m1.log")" -le 1 ] || fail "cvipd and erd fight for an address"
stop m1 "$pid_m1"
for port in eth0 eth1; do
    no_engine_on $port || fail "m1 left its engine on $port"
    until_true "no addresses are left on $port" no_addresses_on $port
done
stop m2 "$pid_m2"
kill -TERM "$pid_erd"
until_true "erd ends" ended "$pid_erd"
echo "all passed"
