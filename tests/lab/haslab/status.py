# SPDX-License-Identifier: GPL-2.0-or-later
"""What is up, who owns the CVIP, which traffic nodes get requests."""

import concurrent.futures
import http.client
import json
import socket

from . import agent, machine
from .host import LabError, socket_in
from .lab import LANS

BY_FAMILY = {"ipv4": socket.AF_INET, "ipv6": socket.AF_INET6}


def json_of(lab, node, *command):
    """The JSON that a command in the node prints, or None."""
    try:
        status, output, _ = agent.call(lab, node, *command, timeout=10)
        return json.loads(output) if status == 0 else None
    except (LabError, ValueError):
        return None


def held_addresses(lab, master):
    """The addresses that a node can receive from its networks (those on lo are for direct routing only)."""
    links = json_of(lab, master, "ip", "-j", "addr") or []
    return {entry["local"] for link in links if link["ifname"] != "lo" for entry in link["addr_info"]}


def cvipd_of(lab, master):
    """What the master's cvipd says, or None where there is none (address = ipaddr2)."""
    return json_of(lab, master, "hasctl", "--json", "cvip")


def owners_of(lab, held, views):
    """The master that serves each address; with several active masters, the one that has most clients (buckets)."""
    shares = {node: view["silent"] + view["own"] for node, view in views.items() if view}
    best = max(shares, key=shares.get, default=None)
    if best is not None and shares[best] > 0:
        return {family: best for family in lab.state["cvip"]}
    if shares:
        return {family: None for family in lab.state["cvip"]}
    return {family: next((node for node in held if address in held[node]), None)
            for family, address in lab.state["cvip"].items()}


def collect(lab):
    """The lab's status as a dictionary (the form of `status --json`)."""
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        up = dict(zip(lab.nodes, pool.map(lambda node: agent.answers(lab, node), lab.nodes)))
        masters = [node for node, alive in up.items() if alive and node.role == "master"]
        held = dict(zip(masters, pool.map(lambda node: held_addresses(lab, node), masters)))
        cvipds = {} if lab.state["plain"] else dict(zip(masters, pool.map(lambda node: cvipd_of(lab, node), masters)))
    owners = owners_of(lab, held, cvipds)
    views = [] if lab.state["plain"] else [owner for owner in owners.values() if owner] + masters
    traffic = {}
    for master in views:
        answer = json_of(lab, master, "hasctl", "--json", "nodes")
        if answer:
            traffic = {entry["name"]: entry for entry in answer["nodes"]}
            break
    nodes = [describe(lab, node, alive, owners, traffic.get(node.name)) for node, alive in up.items()]
    for entry, node in zip(nodes, up):
        if cvipds.get(node):
            entry["buckets"] = cvipds[node]["silent"] + cvipds[node]["own"]
            entry["active"] = entry["buckets"] > 0
    lans = {lan: state for lan, state in lab.state["lans"].items() if state != "up"}
    return {"cvip": {family: owner.name if owner else None for family, owner in owners.items()}, "nodes": nodes,
            "lans": lans, "partition": {lan: groups for lan, groups in lab.state["partition"].items() if groups}}


def describe(lab, node, alive, owners, seen):
    entry = {"name": node.name, "role": node.role, "up": alive, "active": False,
             "power": "on" if alive or machine.powered(lab, node) else "off"}
    if node.role == "master":
        entry["active"] = any(owner and owner.name == node.name for owner in owners.values())
    elif seen:
        entry["active"] = seen["state"] == "active"
        entry.update({key: seen.get(key) for key in ("state", "index", "weight", "connections")})
    links = {port: state for port, state in
             ((port, lab.state["links"].get(f"{node.name}.{port}", "up")) for port in LANS.values())
             if state != "up"}
    if links:
        entry["links"] = links
    return entry


def show(lab):
    """The status as a table for people."""
    status = collect(lab)
    for family, address in lab.state["cvip"].items():
        print(f"CVIP {address:14} on {status['cvip'][family] or 'no master'}")
    print(f"{'node':6} {'role':8} {'power':5} {'up':3} {'active':6} {'state':15} {'weight':>6} {'index':>8} {'buckets':>7}  links")
    for node in status["nodes"]:
        links = ", ".join(f"{port} {state}" for port, state in node.get("links", {}).items()) or "-"
        print(f"{node['name']:6} {node['role']:8} {node['power']:5} {yes(node['up']):3} {yes(node['active']):6} "
              f"{node.get('state') or '-':15} {text(node.get('weight')):>6} {text(node.get('index')):>8} {text(node.get('buckets')):>7}  {links}")
    for lan, state in status["lans"].items():
        print(f"{lan} is {'off' if state == 'down' else 'silent'}")
    for lan, groups in status["partition"].items():
        print(f"{lan} is split: " + " | ".join(",".join(group) for group in groups))
    print(f"memory of the nodes: {machine.memory_mb(lab)} MB")


def yes(value):
    return "yes" if value else "no"


def text(value):
    return "-" if value is None else str(value)


def serves(lab, family, timeout=1.0):
    """Is a request of the client host answered through the CVIP?"""
    with socket_in(lab.client, BY_FAMILY[family]) as sock:
        sock.settimeout(timeout)
        connection = http.client.HTTPConnection(lab.state["cvip"][family])
        try:
            sock.connect((lab.state["cvip"][family], 80))
            connection.sock = sock
            connection.request("GET", "/")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
