# SPDX-License-Identifier: GPL-2.0-or-later
"""A port of a node fails, and its twin takes over with the same addresses (thesis 3.24.9, 4.8.1.2): long transfers and
new connections go on, over IPv4 and IPv6."""

import pytest

import harness
import masters
import ports

FLAPS = 5


def victim(lab, role):
    return lab.owner() if role == "master" else role


@pytest.mark.parametrize("role, how, state", [
    ("t1", "down", "no carrier"), ("master", "down", "no carrier"),
    ("t2", "blackhole", "silent"), ("master", "blackhole", "silent")])
def test_port_fails_and_returns(twin, role, how, state):
    """Without a carrier, or silently: the cable's other end is dead, and only probes can tell."""
    lab = twin
    node = victim(lab, role)
    failovers = ports.pair(lab, node)["failovers"]
    with masters.clients(lab) as (long, load):
        with ports.cut(lab, node, "eth0", how=how):
            seen = ports.wait_on(lab, node, "eth1", 1)
            assert ports.state(lab, node, "eth0") == state
            assert seen["failovers"] == failovers + 1, seen
            harness.wait_for("the cluster knows", lambda: ports.attribute(lab, node) == "1", 30)
            long.wait()
        seen = ports.wait_on(lab, node, "eth0", 2)
        assert seen["failovers"] == failovers + 1, seen
        harness.wait_for("the cluster knows", lambda: ports.attribute(lab, node) == "2", 30)
        long.wait()
        ports.finish(f"3.24.9 eth0 of {'the active master' if role == 'master' else 'a traffic node'}: {state}",
                     long, load, node)


def test_port_flaps(twin):
    """It comes and goes: the traffic moves once, and returns when the port has been up for a while; if it fails soon
    after that, for a longer while."""
    lab = twin
    before = ports.pair(lab, "t3")
    with masters.clients(lab) as (long, load):
        for _ in range(FLAPS):
            with ports.cut(lab, "t3", "eth0"):
                ports.wait_on(lab, "t3", "eth1", 1)
        seen = ports.wait_on(lab, "t3", "eth0", 2)
        assert seen["failovers"] == before["failovers"] + 1, seen
        long.wait()
        with ports.cut(lab, "t3", "eth0"):
            ports.wait_on(lab, "t3", "eth1", 1)
        seen = harness.wait_for("a longer wait for the primary", lambda: waits_longer(lab, "t3"), 30)
        longer = seen["failback_in_ms"]
        ports.wait_on(lab, "t3", "eth0", 2)
        long.wait()
        ports.finish(f"erd: eth0 of a traffic node comes and goes {FLAPS} times, and once more", long, load, "t3",
                     failovers=seen["failovers"] - before["failovers"], wait_ms_at_least=longer)


def waits_longer(lab, node):
    seen = ports.pair(lab, node)
    return (seen["failback_in_ms"] or 0) > ports.WAIT and seen


def test_both_ports_fail_and_return(twin):
    """The node is cut off: nobody gets new connections there, those that it has stall, and go on afterwards."""
    lab = twin
    with masters.clients(lab) as (long, load):
        with ports.cut(lab, "t1", "eth0", "eth1"):
            harness.wait_for("t1 is out of the cluster", lambda: lab.nodes()["t1"]["state"] == "out-of-cluster", 30)
            seen = ports.pair(lab, "t1")
            assert seen["working"] == 0, seen
        harness.wait_for("t1 is active", lambda: lab.nodes()["t1"]["state"] == "active", 60)
        ports.wait_on(lab, "t1", "eth0", 2)
        long.wait()
        masters.finish("erd: both ports of a traffic node down and back", long, load)


def test_switch_by_command(twin):
    """An administrator wants the twin, and the primary again."""
    lab = twin
    node = lab.owner()
    with masters.clients(lab) as (long, load):
        lab.exec(node, "hasctl ports switch eth1")
        seen = ports.wait_on(lab, node, "eth1", 2)
        assert seen["held"] and seen["failback_in_ms"] is None, seen
        long.wait()
        lab.exec(node, "hasctl ports switch eth0")
        seen = ports.wait_on(lab, node, "eth0", 2)
        assert not seen["held"], seen
        long.wait()
        masters.finish("erd: active master switched to the twin and back by command", long, load, planned=True)
