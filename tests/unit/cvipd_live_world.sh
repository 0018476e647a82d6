#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What the scripts share that run cvipd in network namespaces: masters m1, m2, …, a traffic node m11, a client m50. Read by
# them, after they have set build and directory and before they define fail TEXT.
build=${build:?}
directory=${directory:?}
hasctl=$build/daemons/hasctl/hasctl
tcd=$build/tcd

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

port_mac()
{
    ip -netns "$1" -o link show eth0 | sed -n 's/.*link.ether \([0-9a-f:]*\) .*/\1/p'
}
