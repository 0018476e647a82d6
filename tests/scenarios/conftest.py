# SPDX-License-Identifier: GPL-2.0-or-later
"""One lab for all scenarios: it comes up once, every scenario leaves it whole.

HAS_LAB_NAME names it; HAS_LAB_KEEP leaves it up at the end; HAS_LAB_USE takes one that is up already."""

import os
import subprocess
import sys
import time

import pytest

sys.path.insert(0, os.path.dirname(__file__))

import harness  # noqa: E402
import masters  # noqa: E402

TRAFFIC = 4


def pytest_configure():
    harness.end_in_order()


@pytest.fixture(scope="session")
def cluster():
    lab = harness.Lab(os.environ.get("HAS_LAB_NAME", "scenarios"))
    if os.environ.get("HAS_LAB_USE"):
        yield lab
        return
    lab.down()
    begin = time.monotonic()
    try:
        lab.up(2, TRAFFIC, capture=False)
        harness.record("lab up, 2 + 4", seconds=round(time.monotonic() - begin, 1))
        yield lab
    finally:
        if not os.environ.get("HAS_LAB_KEEP"):
            lab.down()


@pytest.fixture
def lab(cluster, request):
    """The lab with every node up and active, before the scenario starts."""
    make_whole(cluster)
    yield cluster
    look_at(cluster, request)


@pytest.fixture
def cvip(cluster, request):
    """The same, with both masters ready to take over from each other."""
    make_whole(cluster)
    masters.wait_steady(cluster)
    harness.wait_for("Pacemaker has both masters", lambda: masters.cluster_is_whole(cluster), 120)
    yield cluster
    look_at(cluster, request)


def make_whole(cluster):
    for node in cluster.status()["nodes"]:
        if not node["up"]:
            cluster.command("boot", node["name"])
    harness.wait_for("an owner of the CVIP", cluster.owner)
    cluster.wait_active([f"t{number}" for number in range(1, TRAFFIC + 1)])


def look_at(cluster, request):
    report = getattr(request.node, "report_call", None)
    if report is not None and report.failed:
        keep_evidence(cluster, request.node.name)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    if call.when == "call":
        item.report_call = outcome.get_result()


def keep_evidence(lab, name):
    """What a person would ask for first after a failure."""
    harness.REPORT.mkdir(parents=True, exist_ok=True)
    with open(harness.REPORT / f"{name}.txt", "w", encoding="utf-8") as out:
        out.write(lab.command("status", check=False))
        for node in lab.status()["nodes"]:
            if not node["up"]:
                continue
            commands = ["crm_mon -1", "tail -n 100 /var/log/has/*.log", "tail -n 60 /var/log/pacemaker/pacemaker.log"]
            if node["role"] == "master":
                commands = ["hasctl cvip; hasctl status; hasctl nodes; hasctl services", "ipvsadm -Ln"] + commands
            for command in commands:
                out.write(f"\n=== {node['name']}: {command}\n")
                try:
                    out.write(lab.exec(node["name"], command, check=False))
                except subprocess.TimeoutExpired:
                    out.write("(no answer)\n")
