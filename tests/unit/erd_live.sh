#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The whole erd in network namespaces: a node with two ports, two switches joined by a trunk, a client. Needs root, a
# kernel with veth, bridges and cls_bpf, and no lab. Status 77: not possible here.
#   erd_live.sh [BUILD DIRECTORY]
set -eu
# shellcheck source=tests/unit/erd_live_world.sh
. "${0%/*}/erd_live_world.sh"

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
