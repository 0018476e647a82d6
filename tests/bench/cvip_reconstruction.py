# SPDX-License-Identifier: GPL-2.0-or-later
"""How long a new master needs until 100,000 connections that it never saw are in its table.

Two masters run cvipd without a cluster. The traffic nodes' part is played by fake_connections, which makes the
connections up; it starts when both masters are ready, so that neither has heard of them. Then the active master loses
power. The other one's table is read all the time: /proc/net/ip_vs_conn is too long for that, but its servers' counts of
active connections are the same figure."""

import json
import subprocess
import time

import cvip_peers as peers
import harness

FAKE = harness.BUILD / "tests" / "bench" / "fake_connections"
CONNECTIONS = 100_000
GOAL_MS = 2000
WATCH_SECONDS = 5
CVIPD = """\
name {name}
interface eth0
address {address}
mode standby
mac shared 02:48:41:53:00:64
seed 24301
member 1 m1 10.1.0.1 10.2.0.1 weight=1
member 2 m2 10.1.0.2 10.2.0.2 weight=1
port 5501
heartbeat 30
dead 3
corosync no
sync eth1 id=1
behind ipvs
traffic_port 5500
manager none
ErrorLog syslog
keys /etc/has/keys
"""
# The counts of active connections, with the time, until somebody ends it.
SAMPLER = ("while :; do n=$(ipvsadm -Ln | awk '$1 == \"->\" && $5 ~ /^[0-9]+$/ { n += $5 } END { print n + 0 }'); "
           "echo $(date +%s.%N) $n; sleep 0.05; done")


def put(lab, node, path, data, mode):
    """Writes a file in a node."""
    subprocess.run([str(harness.LAB), "--lab", lab.name, "exec", node, "--", "sh", "-c",
                    f"mkdir -p $(dirname {path}); cat >{path}; chmod {mode} {path}"], input=data, check=True)


def start_master(lab, name, keys):
    put(lab, name, "/etc/has/keys", keys, "600")
    put(lab, name, "/etc/has/cvipd.conf", CVIPD.format(name=name, address=peers.ADDRESS).encode(), "644")
    service = f"-t {peers.ADDRESS}:80"
    servers = "; ".join(f"ipvsadm -a {service} -r {address}:80 -g -w 1" for address in peers.TRAFFIC.values())
    lab.exec(name, f"chown has:has /etc/has/keys; ipvsadm -A {service} -s wrr; {servers}; "
                   "cvipd -b </dev/null >/dev/null 2>&1")


def start_node(lab, name, number, keys):
    count = CONNECTIONS // len(peers.TRAFFIC) + 1
    put(lab, name, "/run/keys", keys, "600")
    put(lab, name, "/run/fake_connections", FAKE.read_bytes(), "755")
    lab.exec(name, f"/run/fake_connections -k /run/keys -a {peers.TRAFFIC[name]} -v {peers.ADDRESS} "
                   f"-c 198.18.{number}.1 -n {count} </dev/null >/run/fake.log 2>&1 &")


def ready(lab):
    return peers.Has().ready(lab)


def until_filled(samples, crash):
    """ms from the crash until all connections are in the table; None: never."""
    for line in samples.splitlines():
        words = line.split()
        if len(words) == 2 and int(words[1]) >= CONNECTIONS:
            return (float(words[0]) - crash) * 1000
    return None


def take_over(lab, active, heir):
    """Takes the active master's power. Returns ms until the heir's table is filled, and how many are in it."""
    sampler = subprocess.Popen([str(harness.LAB), "--lab", lab.name, "exec", heir, "--", "timeout",
                                str(WATCH_SECONDS + 1), "sh", "-c", SAMPLER],
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    time.sleep(1)  # the sampler runs
    if json.loads(lab.exec(heir, "hasctl --json cvip"))["reconstruction"].get("connections"):
        raise harness.Failed(f"{heir} has heard of the connections before the crash")
    crash = time.time()
    lab.command("crash", "--hold", active)
    samples, _ = sampler.communicate(timeout=WATCH_SECONDS + 30)
    in_table = int(lab.exec(heir, "wc -l </proc/net/ip_vs_conn")) - 1
    return until_filled(samples, crash), in_table


def measure(lab):
    """One take-over with 100,000 connections; returns the report's line."""
    keys = lab.exec("m1", "hasctl key generate /run/new >/dev/null && cat /run/new").encode()
    for master in peers.MASTERS:
        start_master(lab, master, keys)
    harness.wait_for("both masters are ready", lambda: ready(lab), 60)
    for number, name in enumerate(peers.TRAFFIC, start=1):
        start_node(lab, name, number, keys)
    active = peers.Has().serving(lab)
    heir = peers.other(active)
    filled, in_table = take_over(lab, active, heir)
    told = json.loads(lab.exec(heir, "hasctl --json cvip"))["reconstruction"]
    return {"phase": "reconstruction", "connections": in_table, "filled_ms": filled, "told": told}


def show(line):
    filled = line["filled_ms"]
    reached = filled is not None and filled <= GOAL_MS
    told = line["told"]
    print(f"\nreconstruction: {line['connections']} connections in the new master's table, "
          f"{CONNECTIONS} of them " + (f"{filled:.0f} ms after the crash" if filled is not None else "never") +
          f"; cvipd: {told.get('connections')} from {told.get('nodes_complete')} traffic nodes in "
          f"{told.get('took_ms')} ms\n  {'reached' if reached else 'MISSED '}  {CONNECTIONS} within {GOAL_MS} ms")
