# SPDX-License-Identifier: GPL-2.0-or-later
"""The nodes of tests/bench/nfs run as real-time processes, so that the machine's other programs do not count."""

import os
import sys

import harness

sys.path.insert(0, str(harness.TOP / "tests" / "lab"))
from haslab import machine  # noqa: E402
from haslab.lab import Lab as Paths  # noqa: E402

# A server's answer must not wait for what else the client does: both may share a processor.
PRIORITY = {"master": 6, "traffic": 5}


def each(name, nodes, policy, priority):
    paths = Paths(name).load()
    for node in paths.nodes:
        if nodes and node.name not in nodes:
            continue
        for pid in machine.group(paths, node):
            try:
                os.sched_setscheduler(pid, policy, os.sched_param(priority(node)))
            except (ProcessLookupError, PermissionError):
                pass  # it has just ended, or we may not


def favour(name, *nodes):
    """Those nodes of the lab, or all. What they start inherits it."""
    each(name, nodes, os.SCHED_RR, lambda node: PRIORITY[node.role])


def let_go(name, *nodes):
    """Before such a node loses power: its end costs the processor time, which belongs to those who live."""
    each(name, nodes, os.SCHED_OTHER, lambda node: 0)
