#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The whole erd in network namespaces: a node with two ports, two switches joined by a trunk, a client. Needs root, a
# kernel with veth, bridges and cls_bpf, and no lab. Status 77: not possible here.
#   erd_live.sh [BUILD DIRECTORY]
set -eu
PATH=/usr/sbin:/sbin:$PATH
build=$(cd "${1:-.}" && pwd)
erd=$build/erd/erd
hasctl=$build/daemons/hasctl/hasctl
node=erd-$$-node
switch=erd-$$-switch
client=erd-$$-client
work=$(mktemp -d)
failed=0
pid=

in_node() { ip netns exec "$node" "$@"; }
on_switch() { ip -n "$switch" "$@"; }

end()
{
    [ -z "$pid" ] || kill "$pid" 2>/dev/null || true
    for name in "$node" "$switch" "$client"; do
        ip netns del "$name" 2>/dev/null || true
    done
    rm -rf "$work"
}

[ "$(id -u)" -eq 0 ] || { echo "skipped: needs root"; exit 77; }
ip netns add "$node" 2>/dev/null || { echo "skipped: no network namespaces"; exit 77; }
chmod 755 "$work"
trap end EXIT
trap 'exit 130' INT TERM
ip netns add "$switch"
ip netns add "$client"

say() { echo "--- $*"; }

# until DEADLINE(s) COMMAND...: waits for the command to succeed
until_true()
{
    left=$(($1 * 20))
    shift
    while ! "$@" >/dev/null 2>&1; do
        left=$((left - 1))
        [ "$left" -gt 0 ] || return 1
        sleep 0.05
    done
}

# check WHAT COMMAND...: a condition that must be true within seconds
check()
{
    what=$1
    shift
    if until_true 8 "$@"; then
        echo "ok: $what"
    else
        echo "FAILED: $what ($*)"
        failed=$((failed + 1))
        [ "$failed" -gt 1 ] || show
    fi
}

show()
{
    {
        tail -n 12 "$work/log"
        ip -n "$node" address show
        ip -n "$node" route show table all
        ip -n "$node" -6 route show table all
    } 2>&1 | grep -v 'table local\|valid_lft' | sed 's/^/    /'
}

# --- what is so

port_of() { ip -n "$node" route get "$1" | head -n 1 | sed 's/.* dev \([^ ]*\).*/\1/'; }
goes_by() { [ "$(port_of 10.7.0.2)" = "$1" ] && [ "$(port_of fd07::2)" = "$1" ]; }
has_address() { ip -n "$node" -o address show dev "$1" | grep -q " $2 "; }
has_addresses()
{
    port=$1
    shift
    for address; do
        has_address "$port" "$address" || return 1
    done
}
has_no_address() { ! has_address "$1" "$2"; }
has_route() { ip -n "$node" "$2" route show dev "$1" table all | grep -q "^$3"; }
has_no_route() { ! has_route "$1" "$2" "$3"; }
is_shut() { tc -n "$node" filter show dev "$1" egress | grep -q 0x47415445; }
is_open() { ! is_shut "$1"; }
other_than() { [ "$1" = p0 ] && echo p1 || echo p0; }
uses() { goes_by "$1" && is_open "$1" && is_shut "$(other_than "$1")"; }
reaches() { ip netns exec "$client" ping -c 1 -W 1 "$1"; }
reaches_all() { reaches 10.7.0.1 && reaches fd07::1; }
mac_of() { ip -n "$node" -o link show dev "$1" | sed 's/.*ether \([^ ]*\).*/\1/'; }
has_mac() { [ "$(mac_of "$1")" = "$2" ]; }
has_mtu() { ip -n "$node" link show dev "$1" | grep -q "mtu $2"; }
has_label() { ip -n "$node" address show dev "$1" | grep -q "$2"; }
one_default_route() { [ "$(ip -n "$node" route show default | grep -vc 'metric 107374')" -eq 1 ]; }
copies() { for family in -4 -6; do ip -n "$node" $family route show table all; done | grep 'metric 107374'; }
no_copies() { ! copies; }
both_answer() { [ "$(ports_json | grep -o '"probe": *"answers"' | wc -l)" -eq 2 ]; }
refuses() { in_node timeout 5 "$erd" -f -c "$work/erd.conf" -p "$work/pid" 2>&1 | grep -q "$1"; }
same_mac() { [ "$(mac_of p0)" = "$(mac_of p1)" ]; }
learned_at() { bridge -n "$switch" fdb show br "$1" | grep -q "^$(mac_of p0) dev $2 "; }
client_knows() { ip -n "$client" neighbour show "$1" | grep -q "lladdr $2 "; }
ports_json() { in_node "$hasctl" --json ports; }
log_has() { grep -q "$1" "$work/log"; }
times_in_log() { [ "$(grep -c "$2" "$work/log")" -eq "$1" ]; }
runs() { [ -s "$work/pid" ] && kill -0 "$(cat "$work/pid")"; }

# --- the world

make_port() # PORT ITS OTHER END BRIDGE
{
    ip -n "$node" link add "$1" type veth peer name "$2" netns "$switch"
    on_switch link set "$2" master "$3" up
}

make_world()
{
    for name in "$node" "$switch" "$client"; do
        ip -n "$name" link set lo up
        ip netns exec "$name" sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.all.accept_dad=0
    done
    on_switch link add br1 type bridge mcast_snooping 0
    on_switch link add br2 type bridge mcast_snooping 0
    on_switch link add trunk1 type veth peer name trunk2
    on_switch link set br1 up
    on_switch link set br2 up
    on_switch link set trunk1 master br1 up
    on_switch link set trunk2 master br2 up
    make_port p0 s0 br1
    make_port p1 s1 br2
    ip -n "$client" link add c0 type veth peer name sc netns "$switch"
    on_switch link set sc master br1 up
    ip -n "$client" address add 10.7.0.2/24 dev c0
    ip -n "$client" address add fd07::2/64 dev c0 nodad
    ip -n "$client" link set c0 up
    ip -n "$node" address add 10.7.0.1/24 dev p0
    ip -n "$node" address add 10.7.0.9/24 dev p0 label p0:nine
    ip -n "$node" address add fd07::1/64 dev p0 nodad
    ip -n "$node" link set p0 up mtu 1400
    ip -n "$node" route add default via 10.7.0.2
    ip -n "$node" -6 route add default via fd07::2
    ip -n "$node" route add 10.99.0.0/16 via 10.7.0.2 src 10.7.0.9 table 77 metric 5 mtu 1300
    ip -n "$node" -6 route add fd99::/32 via fd07::2 table 78
    ip -n "$node" rule add from 10.7.0.9 lookup 77
}

start_erd()
{
    : >"$work/pid"
    ip netns exec "$node" "$erd" -f -c "$work/erd.conf" -p "$work/pid" >>"$work/log" 2>&1 &
    pid=$!
    until_true 5 runs || { cat "$work/log"; echo "FAILED: erd does not start"; exit 1; }
}

end_erd() # SIGNAL
{
    kill "-$1" "$pid"
    wait "$pid" 2>/dev/null || true
    pid=
}

settings()
{
    cat >"$work/erd.conf" <<END
user nobody
errorlog stderr
failback ${1:-no}
probe ${2:-off}
announce 2 interval=50
pair p0 p1
END
}

# --- what must be so

say "a twin is prepared"
make_world
settings no
start_erd
check "the twin has the MAC" same_mac
check "and the MTU" has_mtu p1 1400
check "and the addresses" has_addresses p1 10.7.0.1/24 10.7.0.9/24 fd07::1/64
check "and the label" has_label p1 p1:nine
check "the routes wait with a higher metric" has_route p1 -4 "default via 10.7.0.2 metric 1073741824"
check "also in IPv6" has_route p1 -6 "default via fd07::2 metric 1073742848"
check "also in other tables" has_route p1 -4 "10.99.0.0/16 via 10.7.0.2 table 77 .*src 10.7.0.9 metric 1073741829 mtu 1300"
check "the twin is shut" is_shut p1
check "the primary is open" is_open p0
check "the traffic goes by the primary" goes_by p0
check "the client reaches the node" reaches_all
check "the switch has the MAC at the primary" learned_at br1 s0

say "the port in use loses its carrier"
on_switch link set s0 down
check "the traffic goes by the twin" goes_by p1
check "the client reaches the node" reaches_all
check "the twin is open, the primary shut" uses p1
check "the route of another table has moved" has_route p1 -4 "10.99.0.0/16 via 10.7.0.2 table 77 .*metric 5"
check "nothing is left on the primary but copies" has_no_route p0 -4 "10.99.0.0/16 via 10.7.0.2 table 77 .*metric 5 "
check "the copies wait on the primary" has_route p0 -4 "default via 10.7.0.2 metric 1073741824"
check "the switch has the MAC at the twin" learned_at br2 s1

say "an address and a route that come now"
ip -n "$client" neighbour replace 10.7.0.100 lladdr 02:00:00:00:00:99 dev c0 nud stale
ip -n "$node" address add 10.7.0.100/24 dev p0
ip -n "$node" -6 address add fd07::100/64 dev p1 nodad
ip -n "$node" route add 10.98.0.0/16 via 10.7.0.2 dev p1
check "an address on the primary is on the twin" has_address p1 10.7.0.100/24
check "and told by the twin to those who knew it elsewhere" client_knows 10.7.0.100 "$(mac_of p1)"
check "an address on the twin is on the primary" has_address p0 fd07::100/64
check "the client reaches the one" reaches 10.7.0.100
check "and the other" reaches fd07::100
check "the route has a copy" has_route p0 -4 "10.98.0.0/16 via 10.7.0.2 metric 1073741824"
ip -n "$node" -4 address flush dev p0
ip -n "$node" -6 address flush dev p0 scope global
check "what a program clears on a port without a carrier is there again" has_addresses p0 10.7.0.1/24 fd07::1/64
check "and was on the twin all the time" has_addresses p1 10.7.0.1/24 fd07::1/64
ip -n "$node" address delete 10.7.0.100/24 dev p0
check "one that is removed goes from both" has_no_address p1 10.7.0.100/24
ip -n "$node" route delete 10.98.0.0/16 dev p1
check "and so does a route" has_no_route p0 -4 "10.98.0.0/16"

ip -n "$node" -6 address add fd55::1/64 dev p0 nodad
check "a subnet that comes now is on the twin" has_address p1 fd55::1/64
ip -n "$node" -6 address delete fd55::1/64 dev p0
check "and goes from both" has_no_address p1 fd55::1/64
ip -n "$node" -6 address add fd56::1/64 dev p1 nodad
check "another one" has_address p0 fd56::1/64
check "has its route" has_route p0 -6 "fd56::/64"
on_switch link set s0 up
on_switch link set s1 down
check "which moves" has_route p0 -6 "fd56::/64 proto kernel metric 256"
ip -n "$node" -6 address delete fd56::1/64 dev p1
check "and goes with its address" has_no_route p0 -6 "fd56::"
on_switch link set s1 up
on_switch link set s0 down
check "the traffic goes by the twin" uses p1

say "an erd that is killed and started again"
end_erd KILL
check "killing it changes nothing" goes_by p1
on_switch link set s0 up
start_erd
check "the traffic still goes by the twin" uses p1
check "the client reaches the node" reaches_all
check "it says so" log_has "p1 is in use, as an earlier erd left it"
end_erd TERM
check "an orderly end changes nothing" uses p1
check "the client reaches the node" reaches_all

say "failback"
settings "1 max=30"
start_erd
check "the traffic goes by the primary again" goes_by p0
check "the client reaches the node" reaches_all
check "the twin has copies again" has_route p1 -4 "default via 10.7.0.2 metric 1073741824"
check "nothing else is on the twin" has_no_route p1 -4 "default via 10.7.0.2 \$"

say "the primary is set down by hand, and up"
ip -n "$node" link set p0 down
check "the traffic goes by the twin" goes_by p1
check "IPv6 addresses are still the pair's" has_address p1 fd07::1/64
ip -n "$node" link set p0 up
check "the traffic comes back" goes_by p0
check "with IPv6" has_address p0 fd07::1/64
check "the client reaches the node" reaches_all
check "no route is there twice" one_default_route

say "the primary is taken out, and put in with another index and MAC"
mac=$(mac_of p0)
ip -n "$node" link delete p0
check "the traffic goes by the twin" goes_by p1
check "the client reaches the node" reaches_all
check "it is told once" times_in_log 1 "port p0 is missing"
make_port p0 s0 br1
check "the new one has the MAC" has_mac p0 "$mac"
check "the addresses" has_addresses p0 10.7.0.1/24 fd07::1/64
check "and the traffic, after the wait" goes_by p0
check "the client reaches the node" reaches_all

say "an erd is started again while the primary is out"
ip -n "$node" link delete p0
check "the traffic goes by the twin" goes_by p1
end_erd KILL
start_erd
check "the twin stays in use" log_has "p1 is in use, as an earlier erd left it, [3-9] addresses"
check "the client reaches the node" reaches_all
make_port p0 s0 br1
check "a primary that comes back is prepared" has_addresses p0 10.7.0.1/24 fd07::1/64
check "and gets the traffic" goes_by p0

say "another port on the same LAN, with the same routes"
ip -n "$node" link add p9 type veth peer name s9 netns "$switch"
on_switch link set s9 master br1 up
ip -n "$node" link set p9 up
ip -n "$node" address add 10.7.0.5/24 dev p9 noprefixroute
ip -n "$node" address add fd07::5/64 dev p9 noprefixroute nodad
ip -n "$node" route prepend 10.7.0.0/24 dev p9 proto kernel scope link src 10.7.0.5
ip -n "$node" -6 route append fd07::/64 dev p9 proto kernel metric 256
ip -n "$node" address add 10.7.0.66/24 dev p0 noprefixroute
check "erd has looked" has_address p1 10.7.0.66/24
on_switch link set s0 down
check "the pair's own route moves" has_route p1 -4 "10.7.0.0/24 proto kernel"
check "also in IPv6" has_route p1 -6 "fd07::/64 proto kernel metric 256 "
check "no more of it is on the primary than the copy" has_no_route p0 -4 "10.7.0.0/24 proto kernel scope link src 10.7.0.1 \$"
check "the other port keeps its route" has_route p9 -4 "10.7.0.0/24 proto kernel scope link src 10.7.0.5"
check "also in IPv6" has_route p9 -6 "fd07::/64 proto kernel metric 256"
on_switch link set s0 up
check "back again" has_route p0 -4 "10.7.0.0/24 proto kernel scope link src 10.7.0.1"
check "the other port keeps its route" has_route p9 -4 "10.7.0.0/24 proto kernel scope link src 10.7.0.5"
ip -n "$node" link delete p9
ip -n "$node" address delete 10.7.0.66/24 dev p1
check "the traffic goes by the primary" goes_by p0

say "somebody takes the gate away, and changes the MTU"
tc -n "$node" qdisc del dev p1 clsact
check "it is there again" is_shut p1
check "it is told" log_has "port p1 was not shut any more"
ip -n "$node" link set p0 mtu 1390
check "the twin has the MTU" has_mtu p1 1390

say "IPv6 is switched off on the twin alone, and the twin is cleared"
in_node sysctl -qw net.ipv6.conf.p1.disable_ipv6=1
check "it has its addresses again" has_addresses p1 10.7.0.1/24 fd07::1/64
check "the primary has its own" has_address p0 fd07::1/64
ip -n "$node" -4 address flush dev p1
check "again" has_addresses p1 10.7.0.1/24 fd07::1/64
check "the primary has its own" has_address p0 10.7.0.1/24

say "a port that is down for less than a moment"
printf 'link set p0 down\nlink set p0 up\n' | ip -n "$node" -batch -
check "its IPv6 addresses are the pair's" has_addresses p1 10.7.0.1/24 fd07::1/64
check "and the traffic is the primary's again" goes_by p0
check "the client reaches the node" reaches_all

say "a port is renamed, and gets its name back"
ip -n "$node" link set p1 down
ip -n "$node" link set p1 name other
check "it counts as missing" log_has "port p1 is missing"
ip -n "$node" link set other name p1
ip -n "$node" link set p1 up
check "it is the twin again" uses p0
check "with its addresses" has_address p1 10.7.0.1/24

say "both ports down, and back"
on_switch link set s0 down
on_switch link set s1 down
check "it is told" log_has "neither p0 nor p1 has a link"
on_switch link set s1 up
check "the first that comes back is used" goes_by p1
check "the client reaches the node" reaches_all
on_switch link set s0 up
check "then the primary" goes_by p0

say "a port that is silent while its carrier stays"
settings no "50 missed=2"
kill -HUP "$pid"
check "the probes are answered by both ports" both_answer
on_switch link set s0 nomaster
check "the traffic goes by the twin" goes_by p1
check "the client reaches the node" reaches_all
check "the reason is told" log_has "silent"
on_switch link set s0 master br1

say "nobody answers on either port"
on_switch link set sc down
check "it is told" log_has "no target answers by p0 or p1"
check "nothing moves" goes_by p1
on_switch link set sc up
check "it is told when they do again" log_has "targets answer by p0 or p1 again"

say "the administrator's word"
check "a change by command" in_node "$hasctl" --timeout 3000 ports switch p0
check "the traffic goes by the primary" goes_by p0

say "taken away"
in_node "$hasctl" ports switch p1 >"$work/switch" 2>&1 || cat "$work/switch"
check "while the twin is in use" uses p1
end_erd TERM
check "--clean works" in_node "$erd" --clean -c "$work/erd.conf"
check "the twin has no address" has_no_address p1 10.7.0.1/24
check "and no route" has_no_route p1 -4 default
check "and is open" is_open p1
check "the traffic goes by the primary" goes_by p0
check "and there are no copies" no_copies
check "the client reaches the node" reaches_all

say "what cannot be a pair is refused"
ip -n "$node" link add br9 type bridge
ip -n "$node" link set p1 master br9
check "a twin in a bridge" refuses "p1 belongs to br9"
ip -n "$node" link delete br9
ip -n "$node" address add 10.8.0.1/24 dev p1
check "a twin with an address of its own" refuses "10.8.0.1.*must be free"
check "it keeps it" has_address p1 10.8.0.1/24
check "and is open" is_open p1

[ "$failed" -eq 0 ] || { echo "$failed checks failed"; exit 1; }
echo "all checks passed"
