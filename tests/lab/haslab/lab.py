# SPDX-License-Identifier: GPL-2.0-or-later
"""One lab: its name, its paths, its nodes, and its state on disk."""

import contextlib
import fcntl
import json
import os
import re

from .host import LabError

PORTS = ("eth0", "eth1", "mgmt")
LANS = {"lan1": "eth0", "lan2": "eth1"}            # each switch, and the port of every node that it has
TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
LAB_SOURCE = os.path.join(TOP, "tests", "lab")
CACHE = os.environ.get("HAS_LAB_CACHE", "/var/cache/has-lab")


class Node:
    """A node: what it is called, what it does, where it sits on the networks."""

    def __init__(self, name, role, number):
        self.name = name
        self.role = role                            # master or traffic
        self.number = number                        # last octet of its addresses: 1, 2… and 11, 12…

    def tap(self, port):
        name = self.name if len(self.name) <= 10 else f"n{self.number}"      # a device has 15 letters
        return f"{name}.{port}"

    def mac(self, port):
        return f"02:00:00:00:{PORTS.index(port):02x}:{self.number:02x}"

    def address(self, network):
        """network: lan1, lan2 or mgmt."""
        return {"lan1": f"10.1.0.{self.number}", "lan2": f"10.2.0.{self.number}",
                "mgmt": f"10.9.0.{self.number}"}[network]

    def address6(self, network):
        return {"lan1": f"fd00:1::{self.number}", "lan2": f"fd00:2::{self.number}"}[network]


class Lab:
    """Paths and state. The state is written before something is done, so that `down` can undo a broken `up`."""

    def __init__(self, name):
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,15}", name):
            raise LabError(f"lab name '{name}': use up to 16 lower-case letters, digits and '-'")
        self.name = name
        self.dir = os.path.join(os.path.abspath(os.environ.get("HAS_LAB_DIR", "/run/has-lab")), name)
        self.logs = os.path.join(os.path.abspath(os.environ.get("HAS_LAB_LOGS", "/var/log/has-lab")), name)
        self.switch = f"has-{name}-sw"
        self.router = f"has-{name}-rt"
        self.client = f"has-{name}-cl"
        self.state = {}
        if len(self.path("uml", "t999", "mconsole")) > 100:
            raise LabError(f"{self.dir}: this path is too long for a UNIX socket; set HAS_LAB_DIR to a shorter one")

    def path(self, *parts):
        return os.path.join(self.dir, *parts)

    def node_dir(self, node, *parts):
        return self.path("nodes", node.name, *parts)

    def log_dir(self, node, *parts):
        return os.path.join(self.logs, node.name, *parts)

    def exists(self):
        return os.path.exists(self.path("state.json"))

    def load(self):
        try:
            with open(self.path("state.json"), encoding="utf-8") as file:
                self.state = json.load(file)
        except FileNotFoundError:
            raise LabError(f"lab '{self.name}' is not up; start it with: tests/lab/lab "
                           f"{'' if self.name == 'default' else '--lab ' + self.name + ' '}up") from None
        return self

    def save(self):
        temporary = self.path("state.json.new")
        with open(temporary, "w", encoding="utf-8") as file:
            json.dump(self.state, file, indent=1)
        os.rename(temporary, self.path("state.json"))

    @contextlib.contextmanager
    def locked(self, name="lock"):
        """Holds a lock of the lab, with the state read again."""
        with open(self.path(name), "w", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if self.exists():
                self.load()
            yield

    @property
    def nodes(self):
        return [Node(entry["name"], entry["role"], entry["number"]) for entry in self.state["nodes"]]

    @property
    def twin(self):
        """Is eth1 of every node the twin of eth0? Then both LANs are one network, with a trunk between them."""
        return any(network["twin"] for network in self.state["networks"])

    def masters(self):
        return [node for node in self.nodes if node.role == "master"]

    def traffic(self):
        return [node for node in self.nodes if node.role == "traffic"]

    def node(self, name):
        for node in self.nodes:
            if node.name == name:
                return node
        raise LabError(f"no node '{name}' in lab '{self.name}'; it has {', '.join(n.name for n in self.nodes)}")
