# SPDX-License-Identifier: GPL-2.0-or-later
"""Who makes the pair redundant in tests/bench/ports: erd, the kernel's bonding, teamd. The first port is preferred by
each of them, so that it is used again when it works again."""

import json
import os
import re
import shutil
import subprocess

from ports_world import GATEWAY, GATEWAY6, PORTS, ip, run, wait_for

CARRIER, SILENT = "carrier lost", "silent"
CARRIER_GOAL_MS = 10
SILENT_GOAL = 3.5  # intervals of the probes
POLL_MS = 100  # erd's own look at the carrier
DIRECTORY = "/run/ports"


class Peer:
    """One way to make the pair redundant, with one setting, for one kind of fault."""

    name = ""
    process = None
    goal_ms = None
    late = False  # the kernel tells late of the carrier

    def __init__(self, fault, setting, interval_ms):
        self.fault, self.setting, self.interval_ms = fault, setting, interval_ms

    def missing(self):
        """Why it cannot be measured here, or None."""
        return None

    def start(self, node):
        raise NotImplementedError

    def well(self, node):
        """The first port is in use, and the second one is ready."""
        raise NotImplementedError

    def log(self):
        return f"{DIRECTORY}/{self.name}.log"

    def spawn(self, *words):
        """A daemon in the node."""
        with open(self.log(), "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(["ip", "netns", "exec", "node", *words], stdout=log, stderr=log)

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(10)


class Bonding(Peer):
    name = "bonding"

    def __init__(self, fault, setting, interval_ms, options):
        super().__init__(fault, setting, interval_ms)
        self.options = options

    @classmethod
    def arp(cls, interval_ms):
        return cls(SILENT, f"arp_interval {interval_ms}, missed 2", interval_ms,
                   f"arp_interval {interval_ms} arp_ip_target {GATEWAY} arp_missed_max 2 arp_validate all")

    def start(self, node):
        ip("node", "\n".join([f"link add bond0 type bond mode active-backup {self.options}"] +
                             [f"link set {port} master bond0" for port in PORTS] +
                             ["link set bond0 type bond primary p0 primary_reselect always", "link set bond0 up"]))
        node.address("bond0")

    def well(self, node):
        text = node.read("bonding/bond0")
        return (text.count("MII Status: up") == 1 + len(PORTS)
                and re.search(r"Currently Active Slave: (\S+)", text)[1] == PORTS[0])


class Teamd(Peer):
    name = "teamd"

    def __init__(self, fault, setting, interval_ms, watch):
        super().__init__(fault, setting, interval_ms)
        self.watch = watch

    def missing(self):
        return None if shutil.which("teamd") else "no teamd (package libteam-utils)"

    def start(self, node):
        path = f"{DIRECTORY}/team0.conf"
        with open(path, "w", encoding="utf-8") as out:
            json.dump({"device": "team0", "runner": {"name": "activebackup", "hwaddr_policy": "same_all"},
                       "link_watch": self.watch, "ports": {port: {"prio": -number} for number, port in
                                                           enumerate(PORTS)}}, out)
        os.makedirs("/run/teamd", exist_ok=True)
        self.spawn("teamd", "-f", path)
        wait_for("teamd answers", lambda: self.state() is not None)
        ip("node", "link set team0 up")
        node.address("team0")

    @staticmethod
    def state():
        done = subprocess.run(["ip", "netns", "exec", "node", "teamdctl", "team0", "state", "dump"],
                              capture_output=True, text=True, check=False)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def well(self, node):
        state = self.state()
        return (state["runner"]["active_port"] == PORTS[0]
                and all(state["ports"][port]["link"]["up"] for port in PORTS))


class Erd(Peer):
    name = "erd"
    build = ""

    def __init__(self, fault, interval_ms, late=False):
        setting = f"poll {POLL_MS}, events late" if late else f"probe {interval_ms} missed=2"
        super().__init__(fault, setting, interval_ms)
        self.late = late
        self.goal_ms = SILENT_GOAL * interval_ms if fault == SILENT else CARRIER_GOAL_MS

    def missing(self):
        return None if os.access(f"{self.build}/erd/erd", os.X_OK) else f"no {self.build}/erd/erd"

    def start(self, node):
        path = f"{DIRECTORY}/erd.conf"
        with open(path, "w", encoding="utf-8") as out:
            out.write(f"user root\nerrorlog stderr\npoll {POLL_MS}\nprobe {self.interval_ms} missed=2\n"
                      f"target {GATEWAY}\ntarget {GATEWAY6}\ngateways no\n"
                      # The switch's end hears late of its carrier, too, and then only forwards.
                      f"{'failback 1 max=1' if self.late else 'failback 0 max=0'}\n")
        ip("node", "\n".join(f"link set {port} up" for port in PORTS))
        node.address(PORTS[0])
        self.spawn(f"{self.build}/erd/erd", "-f", "-c", path, "-p", f"{DIRECTORY}/erd.pid", *PORTS)
        wait_for("erd answers", lambda: self.state() is not None)

    def state(self):
        done = subprocess.run(["ip", "netns", "exec", "node", f"{self.build}/daemons/hasctl/hasctl", "--json", "ports"],
                              capture_output=True, text=True, check=False)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def well(self, node):
        state = self.state()
        return state["working"] == 2 and state["pairs"][0]["active"] == PORTS[0]


def everyone(build):
    """Each peer with each setting and each fault, in the order measured."""
    Erd.build = build
    return [
        Erd(CARRIER, 100),
        Erd(CARRIER, 100, late=True),
        Bonding(CARRIER, "miimon 10", 10, "miimon 10"),
        Bonding(CARRIER, "miimon 100", 100, "miimon 100"),
        Teamd(CARRIER, "ethtool", 0, {"name": "ethtool"}),
        Erd(SILENT, 100),
        Erd(SILENT, 50),
        Erd(SILENT, 20),
        Bonding.arp(100),
        Bonding.arp(20),
        Teamd(SILENT, "arp_ping 100, missed 2", 100,
              {"name": "arp_ping", "interval": 100, "missed_max": 2, "source_host": "10.1.0.1",
               "target_host": GATEWAY, "validate_active": True}),
    ]
