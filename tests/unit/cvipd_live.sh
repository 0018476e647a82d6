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
tcd=$build/tcd
[ "$(id -u)" -eq 0 ] || exit 77
[ -x "$cvipd" ] || { echo "no $cvipd" >&2; exit 1; }
directory=$(mktemp -d /run/cvipd_live.XXXXXX)
# The daemons' user, where the package is not installed. The root is read-only.
if ! id has >/dev/null 2>&1; then
    for file in passwd group; do
        cp /etc/$file "$directory/$file"
        [ $file = passwd ] && echo "has:x:990:990::/:/bin/false" >>"$directory/passwd"
        [ $file = group ] && echo "has:x:990:" >>"$directory/group"
        mount --bind "$directory/$file" /etc/$file
    done
fi
chown has "$directory"
chmod 755 "$directory"

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

# until_true TEXT COMMAND...: waits until the command succeeds.
until_true()
{
    text=$1
    shift
    tries=0
    until "$@" >/dev/null 2>&1; do
        tries=$((tries + 1))
        [ $tries -lt 150 ] || fail "$text: $*"
        sleep 0.1
    done
    echo "ok: $text"
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

# A traffic node, direct routing: it has the addresses, and nobody learns that from it. It sends back what it is sent.
make_traffic_node()
{
    ip netns exec m11 sh -c 'echo 1 >/proc/sys/net/ipv4/conf/all/arp_ignore; echo 2 >/proc/sys/net/ipv4/conf/all/arp_announce'
    ip -netns m11 addr add 10.1.0.100/32 dev lo
    ip -netns m11 addr add fd00:1::100/128 dev lo nodad
    cat >"$directory/tcd.conf" <<CONF
master1 10.1.0.1 fd00:1::1
master2 10.1.0.2 fd00:1::2
master3 10.1.0.3 fd00:1::3
name t1
user has
ErrorLog stderr
keys $directory/keys
service web tcp 10.1.0.100 80
service web tcp fd00:1::100 80
CONF
    ip netns exec m11 "$tcd" -n -i has-tcd-live -f "$directory/tcd.conf" -p "$directory/tcd.pid" >"$directory/tcd.out" 2>&1 &
    ip netns exec m11 python3 -c '
import socket, threading
def serve(connection):
    with connection:
        while data := connection.recv(4096):
            connection.sendall(data)
def listen(family, address):
    server = socket.socket(family)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((address, 80))
    server.listen(64)
    while True:
        threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
threading.Thread(target=listen, args=(socket.AF_INET6, "fd00:1::100")).start()
listen(socket.AF_INET, "10.1.0.100")' &
}

# make_table NODE: what tmd would write.
make_table()
{
    ip netns exec "$1" ipvsadm -A -t 10.1.0.100:80 -s rr
    ip netns exec "$1" ipvsadm -a -t 10.1.0.100:80 -r 10.1.0.11:80 -g
    ip netns exec "$1" ipvsadm -A -t "[fd00:1::100]:80" -s rr
    ip netns exec "$1" ipvsadm -a -t "[fd00:1::100]:80" -r "[fd00:1::11]:80" -g
}

# Connections that last: 8 of each family write and read what they wrote, until the file "enough" is there; then the
# file "talked" has the longest gap in ms, or what went wrong.
talk()
{
    rm -f "$directory/enough" "$directory/talked" "$directory/talking"
    ip netns exec m50 python3 -c '
import os, socket, sys, time
directory = sys.argv[1]
connections = []
for family, address in ((socket.AF_INET, "10.1.0.100"), (socket.AF_INET6, "fd00:1::100")):
    for _ in range(8):
        connections.append(socket.create_connection((address, 80), 10))
longest, count, result = 0, 0, None
try:
    while not os.path.exists(directory + "/enough"):
        for connection in connections:
            began = time.monotonic()
            text = b"%08d" % count
            connection.sendall(text)
            answer = b""
            while len(answer) < 8:
                part = connection.recv(8 - len(answer))
                if not part:
                    raise EOFError("closed")
                answer += part
            if answer != text:
                raise ValueError("other bytes")
            longest = max(longest, time.monotonic() - began)
            count += 1
        if count >= 160:
            open(directory + "/talking", "w").close()
        time.sleep(0.01)
    result = "ok, longest gap %d ms" % (longest * 1000)
except Exception as error:
    result = "lost: %s" % error
with open(directory + "/talked.new", "w") as out:
    print(result, file=out)
os.rename(directory + "/talked.new", directory + "/talked")' "$directory" &
    until_true "connections are made" test -e "$directory/talking"
}

all_kept()
{
    rm -f "$directory/talking"
    : >"$directory/enough"
    until_true "the connections end" test -e "$directory/talked"
    grep -q "^ok" "$directory/talked" || fail "$1: $(cat "$directory/talked")"
    echo "ok: $1: 16 of 16 connections kept, $(cut -d, -f2 "$directory/talked")"
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

ask()
{
    ip netns exec "$1" "$hasctl" --json cvip
}

# owns NODE COUNT: the node says that COUNT buckets are its own, and that many are let in.
owns()
{
    ask "$1" | python3 -c '
import json, sys
answer = json.load(sys.stdin)
count = int(sys.argv[1])
mine = [s for o, s in zip(answer["owners"], answer["states"]) if o == answer["member"]]
others = [s for o, s in zip(answer["owners"], answer["states"]) if o != answer["member"]]
sys.exit(not (len(mine) == count and all(s in (1, 2) for s in mine) and all(s == 0 for s in others)))' "$2"
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

has_engine()
{
    ip netns exec "$1" tc filter show dev eth0 ingress | grep -q bpf
}

has_no_engine()
{
    ! has_engine "$1"
}

ended()
{
    ! kill -0 "$1"
}

# served FAMILY ADDRESS: a client's echo request is answered, and by one member only.
served()
{
    ip netns exec m50 ping "$1" -c 1 -W 1 "$2" >"$directory/ping" 2>&1 && ! grep -q DUP "$directory/ping"
}

both_served()
{
    served -4 10.1.0.100 && served -6 fd00:1::100
}

neighbour()
{
    ip -netns m50 neigh show 10.1.0.100 dev eth0 | sed -n 's/.*lladdr \([0-9a-f:]*\) .*/\1/p'
}

has_neighbour()
{
    [ "$(neighbour)" = "$1" ]
}

# believes MAC: gives the client another neighbour, and says whether nobody corrects him within the 1 s in which
# announcements are repeated.
believes()
{
    ip -netns m50 neigh replace 10.1.0.100 lladdr "$1" dev eth0 nud stale
    sleep 1.2
    has_neighbour "$1"
}

port_mac()
{
    ip -netns "$1" -o link show eth0 | sed -n 's/.*link.ether \([0-9a-f:]*\) .*/\1/p'
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
