# SPDX-License-Identifier: GPL-2.0-or-later
"""What the scenarios of the Ethernet redundancy daemon share: the ports of the nodes as their erds see them. The lab is
that of tests/lab/twin.conf: one network, eth1 is the twin of eth0 on every node."""

import contextlib
import json

import harness
import masters

MASTERS = ("m1", "m2")
TRAFFIC = ("t1", "t2", "t3")
NODES = MASTERS + TRAFFIC
WAIT = 3000  # ms, `failback` of twin.conf
SWITCH = {"lan1": ("10.1.0.251", "fd00:1::251"), "lan2": ("10.1.0.252", "fd00:1::252")}


def pair(lab, node):
    """What the node's erd says of its only pair; fails when it does not answer."""
    text = lab.exec(node, "hasctl --json ports", check=False)
    try:
        return json.loads(text)["pairs"][0]
    except (json.JSONDecodeError, KeyError, IndexError) as error:
        raise harness.Failed(f"erd of {node}: {text[-200:]}") from error


def state(lab, node, port):
    """Of one port: active, standby, no carrier, down, missing or silent."""
    return next(entry["state"] for entry in pair(lab, node)["ports"] if entry["name"] == port)


def is_on(lab, node, port, working):
    """The node's traffic is on that port, and so many of its ports work."""
    seen = pair(lab, node)
    return (seen["active"], seen["working"]) == (port, working) and seen


def wait_on(lab, node, port, working, deadline=30):
    """Returns what erd says when it is so."""
    return harness.wait_for(f"{node} is on {port}, {working} of its ports work",
                            lambda: is_on(lab, node, port, working), deadline)


def wait_whole(lab, nodes=NODES, deadline=60):
    """Every node is on its primary port, and could go over to the twin."""
    for node in nodes:
        wait_on(lab, node, "eth0", 2, deadline)


def go_home(lab):
    """The same without waiting for the failback of a port that has failed often."""
    for node in NODES:
        harness.wait_for(f"both ports of {node} work", lambda node=node: pair(lab, node)["working"] == 2, 60)
        seen = pair(lab, node)
        if seen["active"] != "eth0" or seen["held"]:
            lab.exec(node, "hasctl ports switch eth0")
    harness.wait_for("the router is on lan1", lambda: router(lab) == "lan1", 60)


def router(lab):
    """The router's active port."""
    return json.loads(lab.command("router", "--", "ip", "-j", "route", "get", "10.1.0.1"))[0]["dev"]


def attribute(lab, node):
    """How many ports of the node work as the cluster knows it, or None."""
    text = lab.exec("m1", f"attrd_updater -Q -n has-ports -N {node}", check=False)
    return text.rpartition('value="')[2].partition('"')[0] if 'value="' in text else None


@contextlib.contextmanager
def cut(lab, node, *ports, how="down"):
    """The cables of these ports are pulled (or silent: blackhole) as long as the block lasts."""
    for port in ports:
        lab.command("link", node, port, how)
    try:
        yield
    finally:
        for port in ports:
            lab.command("link", node, port, "up")


def finish(name, long, load, node, **more):
    """Ends the clients. A port of that node worked all the time: no established connection was lost. No new one either,
    if it is a traffic node; when a master is silent for three heartbeats the other one takes over, as it should."""
    return masters.finish(name, long, load, planned=node in TRAFFIC, **more)
