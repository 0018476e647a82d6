#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The part of tests/bench/ports that runs in the lab's kernel: makes the network, breaks a port of each peer again and
again, and writes a line of JSON for each gap."""

import argparse
import json
import os
import pathlib
import random
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import ports_peers  # noqa: E402
import ports_world  # noqa: E402
from ports_peers import CARRIER, PORTS  # noqa: E402
from ports_world import wait_for  # noqa: E402

LINK_EVENTS = 1.1  # s; the kernel tells of a card's carrier at once when a second is over since the last time
BEFORE = 0.3  # s without a fault, at least: for comparison
CALM_MS = 50  # a start is over when there is no such gap in BEFORE
QUIET_MS = 200  # watched after the probe is answered again: what follows a failover counts


class Bench:
    """The measurements of one peer."""

    def __init__(self, peer, chance, out):
        self.peer, self.chance, self.out = peer, chance, out

    def note(self, run, phase, figures):
        line = {"peer": self.peer.name, "setting": self.peer.setting, "interval_ms": self.peer.interval_ms,
                "goal_ms": self.peer.goal_ms, "fault": self.peer.fault, "phase": phase, "run": run, **figures}
        self.out.write(json.dumps(line) + "\n")
        self.out.flush()

    def pause(self, node, mended):
        """Until the next fault: at any time of the peer's interval."""
        if self.peer.late:
            node.other_event()
        quiet = self.peer.fault == CARRIER and not self.peer.late
        until = max(mended + LINK_EVENTS if quiet else 0, time.monotonic() + BEFORE)
        time.sleep(until + self.chance.uniform(0, self.peer.interval_ms / 1000) - time.monotonic())

    def wait_well(self, node):
        wait_for(f"{self.peer.name}: both ports are ready, the first one is in use", lambda: self.peer.well(node),
                 pause=0.05)

    def measure(self, node, probe, runs):
        break_port, mend_port = ((node.lose_carrier, node.regain_carrier) if self.peer.fault == CARRIER
                                 else (node.fall_silent, node.speak))

        mended = time.monotonic()

        def mend():
            nonlocal mended
            mend_port()
            mended = time.monotonic()
            wait_for(f"{self.peer.name} uses the first port again", lambda: ports_world.port_in_use() == PORTS[0])

        self.wait_well(node)
        wait_for("no gaps after the start", lambda: probe.window(lambda: time.sleep(BEFORE), 0)["gap_ms"] < CALM_MS)
        for run in range(1, runs + 1):
            self.wait_well(node)
            self.note(run, "nothing", probe.window(lambda: self.pause(node, mended), 0))
            self.note(run, "fault", probe.window(break_port, QUIET_MS))
            self.note(run, "failback", probe.window(mend, QUIET_MS))

    def run(self, program, runs):
        with ports_world.Node(cards=self.peer.late) as node:
            try:
                self.peer.start(node)
                with ports_world.Probe(program) as probe:
                    wait_for("the probe is answered", lambda: ports_world.port_in_use() == PORTS[0])
                    self.measure(node, probe, runs)
            except Exception:
                self.tell()
                raise
            finally:
                self.peer.stop()

    def tell(self):
        """What the peer said, when something went wrong."""
        if os.path.exists(self.peer.log()):
            with open(self.peer.log(), encoding="utf-8") as log:
                print(f"{self.peer.name}, {self.peer.setting}:\n{log.read()[-4000:]}")
        print(subprocess.run(["ip", "-netns", "node", "address"], capture_output=True, text=True, check=False).stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True)
    parser.add_argument("--report", required=True, help="a directory of the host")
    parser.add_argument("--runs", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--only", default="", help="peers")
    options = parser.parse_args()

    os.makedirs(ports_peers.DIRECTORY)
    os.makedirs("/run/report")
    ports_world.run("mount", "-t", "hostfs", "-o", options.report, "none", "/run/report")
    ports_world.make()
    failed = 0
    with open("/run/report/ports.jsonl", "w", encoding="utf-8") as out:
        for peer in ports_peers.everyone(options.build):
            if options.only and peer.name not in options.only.split(","):
                continue
            why = peer.missing()
            if why:
                print(f"{peer.name} is not measured: {why}")
                continue
            bench = Bench(peer, random.Random(options.seed), out)
            try:
                bench.run(f"{options.build}/tests/bench/port_probe", options.runs)
            except ports_world.Failed as error:
                print(f"{peer.name}, {peer.setting}, {peer.fault}: {error}", flush=True)
                failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
