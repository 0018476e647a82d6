# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab's networks, all inside network namespaces of this machine.

    has-NAME-sw   bridges lan1, lan2 and mgmt, the nodes' taps; the nodes' kernels run in here
    has-NAME-rt   the router: .254 on both LANs, 192.0.2.254 outside
    has-NAME-cl   the client host, 192.0.2.10 and 2001:db8:2::10; for programs that act as many clients it has all of
                  192.0.2.64 to .191 and 2001:db8:2:1::/64, too
"""

import os

from .host import NETNS_DIR, LabError, run
from .lab import PORTS

LAN_OF_PORT = {"eth0": "lan1", "eth1": "lan2", "mgmt": "mgmt"}
ROUTER_PORT = {"lan1": "r.lan1", "lan2": "r.lan2"}
CONTROLLER = "10.9.0.254"
CLIENTS = ("192.0.2.64/26", "192.0.2.128/26")
CLIENTS6 = "2001:db8:2:1::/64"


def batch(namespace, lines):
    """One `ip` process for many lines."""
    run("ip", "-n", namespace, "-batch", "-", text="\n".join(lines) + "\n")


def sysctl(namespace, **values):
    """Writes net.* settings of a namespace; a dot in a key is written as two underscores."""
    settings = [f"net.{key.replace('__', '.')}={value}" for key, value in values.items()]
    run("ip", "netns", "exec", namespace, "sysctl", "-q", "-w", *settings)


def create(lab):
    for namespace in (lab.switch, lab.router, lab.client):
        run("ip", "netns", "add", namespace)
    sysctl(lab.switch, ipv6__conf__all__disable_ipv6=1, ipv6__conf__default__disable_ipv6=1)
    sysctl(lab.router, ipv4__ip_forward=1, ipv6__conf__all__forwarding=1, ipv6__conf__default__accept_dad=0,
           ipv4__conf__all__send_redirects=0, ipv4__conf__default__send_redirects=0)
    sysctl(lab.client, ipv6__conf__default__accept_dad=0)
    lines = ["link set lo up"]
    for bridge in ("lan1", "lan2", "mgmt"):
        lines += [f"link add {bridge} type bridge mcast_snooping 0 stp_state 0", f"link set {bridge} up"]
    lines.append(f"addr add {CONTROLLER}/24 dev mgmt")
    for lan, port in ROUTER_PORT.items():
        lines += [f"link add {port} type veth peer name {lan} netns {lab.router}",
                  f"link set {port} master {lan} up"]
    for node in lab.nodes:
        lines += tap_lines(node)
    batch(lab.switch, lines)
    batch(lab.router, [
        "link set lo up", "link set lan1 up", "link set lan2 up",
        "addr add 10.1.0.254/24 dev lan1", "addr add fd00:1::254/64 dev lan1 nodad",
        "addr add 10.2.0.254/24 dev lan2", "addr add fd00:2::254/64 dev lan2 nodad",
        f"link add outside type veth peer name eth0 netns {lab.client}", "link set outside up",
        "addr add 192.0.2.254/24 dev outside", "addr add 2001:db8:2::254/64 dev outside nodad",
        *(f"route add {clients} via 192.0.2.10" for clients in CLIENTS),
        f"route add {CLIENTS6} via 2001:db8:2::10"])
    batch(lab.client, [
        "link set lo up", "link set eth0 up",
        "addr add 192.0.2.10/24 dev eth0", "addr add 2001:db8:2::10/64 dev eth0 nodad",
        "route add default via 192.0.2.254", "route add default via 2001:db8:2::254",
        *(f"route add local {clients} dev lo" for clients in (*CLIENTS, CLIENTS6))])


def tap_lines(node):
    lines = []
    for port in PORTS:
        tap = node.tap(port)
        lines += [f"tuntap add {tap} mode tap", f"link set {tap} master {LAN_OF_PORT[port]} up"]
    # the control connection must not wait for ARP while the node boots
    lines.append(f"neigh add {node.address('mgmt')} lladdr {node.mac('mgmt')} dev mgmt nud permanent")
    return lines


def remove(lab):
    for namespace in (lab.switch, lab.router, lab.client):
        if os.path.exists(os.path.join(NETNS_DIR, namespace)):
            run("ip", "netns", "del", namespace)


def left(lab):
    """The lab's namespaces that still exist."""
    return [n for n in (lab.switch, lab.router, lab.client) if os.path.exists(os.path.join(NETNS_DIR, n))]


def link_state(lab, node, port):
    return lab.state["links"].get(f"{node.name}.{port}", "up")


def bridge_of(lab, name, lan):
    """The bridge that a node's port, or the router's, belongs to: the LAN, or its partition's part of it."""
    for number, group in enumerate(lab.state["partition"].get(lan, []), start=1):
        if name in group:
            return lan if number == 1 else f"{lan}.{number}"
    return lan


def apply_port(lab, node, port):
    """Puts a port where the state says: on its bridge, or on none, so that its frames vanish."""
    tap = node.tap(port)
    if link_state(lab, node, port) == "up":
        run("ip", "-n", lab.switch, "link", "set", tap, "master", bridge_of(lab, node.name, LAN_OF_PORT[port]))
    else:
        run("ip", "-n", lab.switch, "link", "set", tap, "nomaster")


def parse_groups(lab, words):
    """Turns 'm1,t1 m2,t2' into groups; whoever is not named is in the first one. The router counts as 'router'."""
    groups = [[name for name in word.split(",") if name] for word in words if word != "|"]
    if len(groups) < 2:
        raise LabError("partition: name at least two groups, for example: partition m1,t1,t2,router m2,t3,t4")
    everyone = [node.name for node in lab.nodes] + ["router"]
    named = [name for group in groups for name in group]
    for name in named:
        if name not in everyone:
            raise LabError(f"partition: no node '{name}'; there are {', '.join(everyone)}")
        if named.count(name) > 1:
            raise LabError(f"partition: '{name}' is in two groups")
    groups[0] += [name for name in everyone if name not in named]
    return groups


def partition(lab, lans, groups):
    """Splits each LAN of lans into one bridge a group; an empty list of groups heals it."""
    for lan in lans:
        old = lab.state["partition"].get(lan, [])
        lab.state["partition"][lan] = groups
        lab.save()
        extra = [f"link add {lan}.{number} type bridge mcast_snooping 0 stp_state 0\nlink set {lan}.{number} up"
                 for number in range(len(old) + 1 if old else 2, len(groups) + 1)]
        if extra:
            batch(lab.switch, extra)
        port = {"lan1": "eth0", "lan2": "eth1"}[lan]
        for node in lab.nodes:
            apply_port(lab, node, port)
        run("ip", "-n", lab.switch, "link", "set", ROUTER_PORT[lan], "master", bridge_of(lab, "router", lan))
        surplus = [f"link del {lan}.{number}" for number in range(max(len(groups), 1) + 1, len(old) + 1)]
        if surplus:
            batch(lab.switch, surplus)
