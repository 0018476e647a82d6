# SPDX-License-Identifier: GPL-2.0-or-later
"""One lab for all scenarios, and one with twins for those of erd: each comes up once, every scenario leaves it whole.

HAS_LAB_NAME and HAS_LAB_TWIN name them; HAS_LAB_KEEP leaves them up at the end; HAS_LAB_USE takes those that are up."""

import os
import subprocess
import sys
import time

import pytest

sys.path.insert(0, os.path.dirname(__file__))

import harness  # noqa: E402
import masters  # noqa: E402
import nfs  # noqa: E402
import ports  # noqa: E402
import trees  # noqa: E402

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


@pytest.fixture(scope="session")
def twins():
    """A lab of its own; the other one is taken down before, since both at once would be slow."""
    lab = harness.Lab(os.environ.get("HAS_LAB_TWIN", "twins"))
    if os.environ.get("HAS_LAB_USE"):
        yield lab
        return
    harness.Lab(os.environ.get("HAS_LAB_NAME", "scenarios")).down()
    lab.down()
    begin = time.monotonic()
    try:
        lab.up(len(ports.MASTERS), len(ports.TRAFFIC), False, "--config",
               str(harness.TOP / "tests" / "lab" / "twin.conf"))
        harness.record("lab up, 2 + 3 with twins", seconds=round(time.monotonic() - begin, 1))
        yield lab
    finally:
        if not os.environ.get("HAS_LAB_KEEP"):
            lab.down()


@pytest.fixture
def twin(twins, request):
    """The lab with twins, every node on its primary port and ready to go over to the other one."""
    make_whole(twins, ports.TRAFFIC)
    ports.go_home(twins)
    masters.wait_steady(twins)
    yield twins
    look_at(twins, request)


@pytest.fixture(scope="session")
def storage():
    """A lab whose masters are file servers; the others are taken down before."""
    lab = harness.Lab(os.environ.get("HAS_LAB_STORAGE", "storage"))
    if os.environ.get("HAS_LAB_USE"):
        yield lab
        return
    for variable, name in (("HAS_LAB_NAME", "scenarios"), ("HAS_LAB_TWIN", "twins")):
        harness.Lab(os.environ.get(variable, name)).down()
    lab.down()
    trees.make()
    begin = time.monotonic()
    try:
        lab.up(len(nfs.SERVERS), len(nfs.CLIENTS), False, "--config", str(harness.TOP / "tests" / "lab" / "storage.conf"))
        harness.record("lab up, 2 file servers + 2", seconds=round(time.monotonic() - begin, 1))
        yield lab
    finally:
        if not os.environ.get("HAS_LAB_KEEP"):
            lab.down()


@pytest.fixture
def nfs_lab(storage, request):
    """The lab with file servers: both there and in sync, NFSv4.2 and NFSv3 mounted by both clients."""
    nfs.make_whole(storage)
    nfs.mount_all(storage)
    yield storage
    look_at(storage, request)


def make_whole(cluster, traffic=tuple(f"t{number}" for number in range(1, TRAFFIC + 1))):
    """Every cable plugged in, every switch and every node on, every traffic node active."""
    status = cluster.status()
    for lan in status["lans"]:
        cluster.command("lan", lan, "up")
    if status["partition"]:
        cluster.command("partition", "heal")
    for node in status["nodes"]:
        for port in node.get("links", {}):
            cluster.command("link", node["name"], port, "up")
        if not node["up"]:
            cluster.command("boot", node["name"])
    harness.wait_for("an owner of the CVIP", cluster.owner)
    cluster.wait_active(traffic)


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
    """What a person would ask for first after a failure: in a file, and the shortest of it in the test's output."""
    harness.REPORT.mkdir(parents=True, exist_ok=True)
    status = lab.command("status", check=False)
    print(status)
    try:
        nodes = [node for node in lab.status()["nodes"] if node["up"]]
    except harness.Failed:
        nodes = []
    for node in nodes:
        if node["role"] == "master":
            print(f"{node['name']}:\n{answer(lab, node, 'crm_mon -1 -r; cat /proc/drbd')}")
    print(f"more in {harness.REPORT / name}.txt")
    with open(harness.REPORT / f"{name}.txt", "w", encoding="utf-8") as out:
        out.write(status)
        for node in nodes:
            commands = ["crm_mon -1 -r; cat /proc/drbd", "tail -n 100 /var/log/has/*.log",
                        "tail -n 300 /var/log/pacemaker/pacemaker.log", "hasctl ports; ip addr; ip route; ip -6 route",
                        "tail -n 60 /var/log/syslog"]
            if node["role"] == "master":
                commands = ["hasctl cvip; hasctl status; hasctl nodes; hasctl services", "ipvsadm -Ln"] + commands
            for command in commands:
                out.write(f"\n=== {node['name']}: {command}\n{answer(lab, node, command)}")


def answer(lab, node, command):
    try:
        return lab.exec(node["name"], command, check=False)
    except (subprocess.TimeoutExpired, harness.Failed):
        return "(no answer)\n"
