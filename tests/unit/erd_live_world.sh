#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The world of erd_live.sh, and what can be seen in it: sourced there.
# shellcheck disable=SC2034,SC2317
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
