# SPDX-License-Identifier: GPL-2.0-or-later
"""The network of tests/bench/ports: namespaces of one kernel, as root.

  node     p0 and p1, the pair
  switch   br0 with s0, the other end of p0, and br1 with s1; a trunk between them: two switches, one LAN
  peer     the client, which is the gateway and the target of probes as well. It is on br1: what br1 learned of the
           node's MAC while p0 was in use leads it to br0, until the node is heard through p1.

The kernel tells of a carrier at most once a second, but at once of a veth's, whose ends have two indexes, as of a
device that is stacked upon another one. The ends of a "card" get the same index, and wait like a network card."""

import ctypes
import fcntl
import json
import os
import socket
import struct
import subprocess
import time

NODE_ADDRESSES = ("10.1.0.1/24", "fd00:1::1/64")
PEER_ADDRESSES = ("10.1.0.254/24", "fd00:1::254/64")
NODE, GATEWAY, GATEWAY6 = "10.1.0.1", "10.1.0.254", "fd00:1::254"
PORTS = ("p0", "p1")

CLONE_NEWNET = 0x40000000
SIOCGIFFLAGS, SIOCSIFFLAGS, SIOCBRADDIF, SIOCBRDELIF = 0x8913, 0x8914, 0x89A2, 0x89A3
IFF_UP = 1


class Failed(Exception):
    """A command went wrong, or a state was not reached in time."""


def wait_for(what, condition, deadline=15.0, pause=0.02):
    """Waits until condition() is true; says what was waited for when time is over."""
    end = time.monotonic() + deadline
    while not condition():
        if time.monotonic() > end:
            raise Failed(f"not reached within {deadline:.0f} s: {what}")
        time.sleep(pause)


def run(*words):
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise Failed(f"{' '.join(words)}: exit {done.returncode}: {done.stdout.strip()[-800:]}")
    return done.stdout


def ip(netns, text):
    """A batch of commands for ip(8), in that namespace."""
    done = subprocess.run(["ip", "-netns", netns, "-batch", "-"], input=text, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise Failed(f"ip -netns {netns}: {done.stdout.strip()[-800:]}")


def enter(netns):
    """This process goes into the namespace."""
    with open(f"/run/netns/{netns}", encoding="ascii") as file:
        if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), netns)


def make():
    """The switches and the client; this process goes to the switches, whose ports it breaks."""
    for name in ("switch", "peer"):
        run("ip", "netns", "add", name)
    enter("switch")
    ip("switch", """link add br0 type bridge forward_delay 0 mcast_snooping 0
                    link add br1 type bridge forward_delay 0 mcast_snooping 0
                    link add t0 type veth peer name t1
                    link add c0 type veth peer name eth0 netns peer
                    link add d0 index 900 type veth peer name d0 index 900 netns peer
                    link set t0 master br0 up
                    link set t1 master br1 up
                    link set c0 master br1 up
                    link set br0 up
                    link set br1 up""")
    ip("peer", "\n".join(["link set lo up", "link set eth0 up", "link set d0 up"] +
                         [f"address add {address} dev eth0 nodad" for address in PEER_ADDRESSES]))


class Node:
    """The node with its two ports, anew for each measurement."""

    def __init__(self, cards=False):
        run("ip", "netns", "add", "node")
        for number, name in enumerate(PORTS):
            index = f"index {100 + number}" if cards else ""
            ip("switch", f"""link add s{number} {index} type veth peer name {name} {index} netns node
                             link set s{number} master br{number} up""")
        ip("node", "link set lo up")
        ip("peer", "neigh flush all")  # the node before had other MACs
        # Somebody in the namespace, whose /proc/PID/net shows it.
        self.anchor = subprocess.Popen(["ip", "netns", "exec", "node", "sleep", "infinity"])
        self.control = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)  # of the switches

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.anchor.kill()
        self.anchor.wait()
        self.control.close()
        run("ip", "netns", "delete", "node")
        wait_for("the ports are gone", lambda: not {"s0", "s1"} & set(os.listdir("/proc/sys/net/ipv4/conf")))

    def address(self, interface):
        """Gives the interface the node's addresses and the default routes."""
        ip("node", "\n".join([f"address add {address} dev {interface} nodad" for address in NODE_ADDRESSES] +
                             [f"route add default via {GATEWAY} dev {interface}"]))
        run("ip", "-netns", "node", "-6", "route", "add", "default", "via", GATEWAY6, "dev", interface)

    def read(self, path):
        """A file of /proc/net in the namespace."""
        with open(f"/proc/{self.anchor.pid}/net/{path}", encoding="ascii") as file:
            return file.read()

    def lose_carrier(self):
        """The switch's port of p0 goes down: p0 loses its carrier with its frames."""
        self.flags(b"s0", lambda flags: flags & ~IFF_UP)

    def regain_carrier(self):
        self.flags(b"s0", lambda flags: flags | IFF_UP)

    def other_event(self):
        """Another card's carrier changes: the kernel tells of the next change a second later."""
        self.flags(b"d0", lambda flags: flags ^ IFF_UP)

    def flags(self, name, change):
        request = struct.pack("16sH22x", name, 0)
        flags = struct.unpack("16sH22x", fcntl.ioctl(self.control, SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(self.control, SIOCSIFFLAGS, struct.pack("16sH22x", name, change(flags)))

    def fall_silent(self):
        """The switch drops all of p0's frames, whose carrier stays."""
        self.bridge_port(SIOCBRDELIF)

    def speak(self):
        self.bridge_port(SIOCBRADDIF)

    def bridge_port(self, request):
        fcntl.ioctl(self.control, request, struct.pack("16si20x", b"br0", socket.if_nametoindex("s0")))


def received():
    """Frames that the switches' ports have received from the node's, by port."""
    with open("/proc/net/dev", encoding="ascii") as file:
        lines = dict(line.strip().split(":", 1) for line in file if ":" in line)
    return [int(lines[name].split()[1]) for name in ("s0", "s1")]


def port_in_use(seconds=0.03):
    """Which port the node's answers leave by, as the switches see it; None: neither."""
    before = received()
    time.sleep(seconds)
    counts = [after - earlier for after, earlier in zip(received(), before)]
    if max(counts) < seconds * 1000 / 3:
        return None
    return PORTS[counts.index(max(counts))]


class Probe:
    """port_probe from the client to the node."""

    DEADLINE_MS = 10000

    def __init__(self, program):
        self.process = subprocess.Popen([program, "peer", "node", NODE], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def tell(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def window(self, act, quiet_ms):
        """What the probe saw while act() ran, until quiet_ms after the first echo of what was sent after it."""
        self.tell("begin")
        act()
        self.tell(f"end {quiet_ms} {self.DEADLINE_MS}")
        return json.loads(self.process.stdout.readline())
