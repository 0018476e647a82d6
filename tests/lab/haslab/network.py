# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab's networks, all inside network namespaces of this machine.

    has-NAME-sw   bridges lan1, lan2 and mgmt, the nodes' taps; the nodes' kernels run in here. When eth1 is a twin, a
                  trunk connects lan1 and lan2, and each of the two switches has an address to be asked at
    has-NAME-rt   the router: .254 on both LANs, 192.0.2.254 outside
    has-NAME-cl   the client host, 192.0.2.10 and 2001:db8:2::10; for programs that act as many clients it has all of
                  192.0.2.64 to .191 and 2001:db8:2:1::/64, too
"""

import os

from .host import NETNS_DIR, LabError, run
from .lab import LANS, PORTS

LAN_OF_PORT = {**{port: lan for lan, port in LANS.items()}, "mgmt": "mgmt"}
ROUTER_PORT = {"lan1": "r.lan1", "lan2": "r.lan2"}
TRUNK = {"lan1": "trunk1", "lan2": "trunk2"}
# The switches' own addresses: what is asked to find out whether a switch passes frames at all.
SWITCH = {"lan1": ("10.1.0.251/32", "fd00:1::251/128"), "lan2": ("10.1.0.252/32", "fd00:1::252/128")}
SWITCH_MAC = {"lan1": "02:00:00:00:00:fb", "lan2": "02:00:00:00:00:fc"}
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
    if lab.twin:
        connect_switches(lab)
    batch(lab.router, [
        "link set lo up", "link set lan1 up", "link set lan2 up",
        "addr add 10.1.0.254/24 dev lan1", "addr add fd00:1::254/64 dev lan1 nodad",
        *([] if lab.twin else ["addr add 10.2.0.254/24 dev lan2", "addr add fd00:2::254/64 dev lan2 nodad"]),
        f"link add outside type veth peer name eth0 netns {lab.client}", "link set outside up",
        "addr add 192.0.2.254/24 dev outside", "addr add 2001:db8:2::254/64 dev outside nodad",
        *(f"route add {clients} via 192.0.2.10" for clients in CLIENTS),
        f"route add {CLIENTS6} via 2001:db8:2::10"])
    batch(lab.client, [
        "link set lo up", "link set eth0 up",
        "addr add 192.0.2.10/24 dev eth0", "addr add 2001:db8:2::10/64 dev eth0 nodad",
        "route add default via 192.0.2.254", "route add default via 2001:db8:2::254",
        *(f"route add local {clients} dev lo" for clients in (*CLIENTS, CLIENTS6))])


def connect_switches(lab):
    """Makes the two LANs one network, as two switches that are connected to each other are, and gives each switch its
    addresses: answered on its own bridge only, whatever else of this machine hears the question."""
    lines = [f"link add {TRUNK['lan1']} type veth peer name {TRUNK['lan2']}"]
    lines += [f"link set {port} master {lan} up" for lan, port in TRUNK.items()]
    sysctl(lab.switch, **{f"ipv6__conf__{lan}__disable_ipv6": 0 for lan in LANS},
           **{f"ipv6__conf__{lan}__accept_dad": 0 for lan in LANS},
           **{f"ipv4__conf__{lan}__rp_filter": 0 for lan in LANS}, ipv4__conf__all__rp_filter=0,
           ipv4__conf__all__arp_ignore=1)
    lines += [f"link set {lan} address {mac}" for lan, mac in SWITCH_MAC.items()]
    lines += [f"addr add {address} dev {lan}" for lan, addresses in SWITCH.items() for address in addresses]
    batch(lab.switch, lines)


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


def lan_state(lab, lan):
    return lab.state["lans"].get(lan, "up")


def link_state(lab, node, port):
    """What a port sees: of its cable and the switch at its other end, the worse counts."""
    states = (lab.state["links"].get(f"{node.name}.{port}", "up"), lan_state(lab, LAN_OF_PORT[port]))
    return next((state for state in ("down", "blackhole") if state in states), "up")


def bridge_of(lab, name, lan):
    """The bridge that a node's port, or the router's, belongs to: the LAN, or its partition's part of it."""
    for number, group in enumerate(lab.state["partition"].get(lan, []), start=1):
        if name in group:
            return lan if number == 1 else f"{lan}.{number}"
    return lan


def apply_ports(lab, cables):
    """Puts each (node, port) where the state says: on its bridge, or on none, so that its frames vanish."""
    batch(lab.switch, [
        f"link set {node.tap(port)} " +
        (f"master {bridge_of(lab, node.name, LAN_OF_PORT[port])}" if link_state(lab, node, port) == "up" else "nomaster")
        for node, port in cables])


def apply_switch(lab, lan):
    """The same for the router's port of a switch and for the trunk, and whether they have a carrier. (The nodes' ports:
    apply_ports.)"""
    lines = [apply_own(lab, lan, ROUTER_PORT[lan], bridge_of(lab, "router", lan))]
    if lab.twin:
        lines.append(apply_own(lab, lan, TRUNK[lan], lan))
    batch(lab.switch, lines)


def apply_own(lab, lan, port, bridge):
    state = lan_state(lab, lan)
    where = f"master {bridge}" if state == "up" else "nomaster"
    return f"link set {port} {where} {'down' if state == 'down' else 'up'}"


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
        apply_ports(lab, [(node, LANS[lan]) for node in lab.nodes])
        apply_switch(lab, lan)
        surplus = [f"link del {lan}.{number}" for number in range(max(len(groups), 1) + 1, len(old) + 1)]
        if surplus:
            batch(lab.switch, surplus)
