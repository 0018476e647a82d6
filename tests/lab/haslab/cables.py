# SPDX-License-Identifier: GPL-2.0-or-later
"""Cables and switches: one port of a node, or everything that is plugged into a LAN's switch."""

import concurrent.futures

from . import machine, network
from .host import LabError
from .lab import LANS, PORTS


def set_link(lab, node, port, wanted):
    """The cable of a port: up, down (the node sees no carrier), blackhole (carrier, but frames vanish)."""
    refuse_carrier(lab, wanted)
    lab.state["links"][f"{node.name}.{port}"] = wanted
    lab.save()
    apply(lab, [(node, port)])


def set_lan(lab, lan, wanted):
    """A whole switch: down (no port that is plugged into it has a carrier), blackhole (the carriers stay, no frame
    passes), up."""
    refuse_carrier(lab, wanted)
    lab.state["lans"][lan] = wanted
    lab.save()
    network.apply_switch(lab, lan)
    apply(lab, [(node, LANS[lan]) for node in lab.nodes])


def refuse_carrier(lab, wanted):
    if wanted == "down" and not lab.state["carrier"]:
        raise LabError("down: Debian's stock UML kernel cannot lose its carrier; use --kernel lab, or blackhole")


def apply(lab, cables):
    """Frames stop before the node sees that its carrier is gone, and pass when it sees it again."""
    network.apply_ports(lab, cables)
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda cable: set_carrier(lab, *cable), cables))


def set_carrier(lab, node, port):
    if not lab.state["carrier"]:
        return
    state = "off" if network.link_state(lab, node, port) == "down" else "on"
    for tries_left in (2, 1, 0):                    # a busy kernel misses a question now and then
        try:
            machine.mconsole(lab, node, f"config vec{PORTS.index(port)}:carrier={state}", timeout=2.0)
            return
        except LabError:
            if not machine.powered(lab, node):
                return
            if tries_left == 0:
                raise


def plug_cables(lab, node):
    """After a boot: a cable that was cut is still cut."""
    for port in LANS.values():
        if network.link_state(lab, node, port) == "down":
            set_carrier(lab, node, port)
