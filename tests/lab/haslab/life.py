# SPDX-License-Identifier: GPL-2.0-or-later
"""The life of a lab: up and down."""

import os
import shutil
import signal
import time

from . import agent, cluster, controller, files, kernel, machine, network, orderly, prereq, router, status, storage
from .host import LabError, run, wait_until

BOOT_SECONDS = 60
SERVE_SECONDS = 240
MASTER_MEMORY = "512M"                            # Corosync alone locks 180 MB


def up(lab, options, progress):
    if lab.exists():
        raise LabError(f"lab '{lab.name}' is there already; take it down first: tests/lab/lab --lab {lab.name} down")
    prereq.check(options.plain)
    prereq.check_stage(options.stage, options.plain)
    prereq.tool("execd")
    prepare(lab, options, progress)
    network.create(lab)
    progress.say(f"networks: LAN 1, LAN 2{' (one network, a trunk between them)' if lab.twin else ''}, management, "
                 f"a router and a client host in {lab.switch} and others")
    router.start(lab)
    controller.start(lab)
    for node in lab.nodes:
        machine.power_on(lab, node)
    wait_for_nodes(lab, progress)
    if not lab.state["plain"] and not options.no_wait:
        wait_for_cluster(lab, progress)
    lab.state["up"] = round(progress.seconds(), 1)
    lab.save()
    progress.say(f"lab '{lab.name}' is up; the nodes use {machine.memory_mb(lab)} MB; logs: {lab.logs}")


def prepare(lab, options, progress):
    """Writes the state first, then everything that a node finds when it boots."""
    image, modules, carrier = kernel.find(options.kernel, progress)
    if network.left(lab):
        raise LabError(f"something of lab '{lab.name}' is left over: tests/lab/lab --lab {lab.name} down")
    text, nodes, cvip, networks, disks = cluster.read_config(options.config or cluster.TEMPLATE, options.masters,
                                                             options.traffic, options.kernel, options.storage)
    if disks["kind"]:
        prereq.check_storage()
    os.makedirs(lab.dir, mode=0o700)
    in_memory(lab)
    os.makedirs(lab.logs, exist_ok=True)
    lab.state = {
        "name": lab.name, "pid": os.getpid(), "plain": options.plain, "stage": os.path.abspath(options.stage),
        "nodes": [vars(node) for node in nodes], "cvip": cvip, "networks": networks,
        "memory": {"master": MASTER_MEMORY, "traffic": options.memory},
        "kernel": image, "modules": modules, "carrier": carrier,
        "storage": disks, "links": {}, "lans": {}, "partition": {}, "held": [],
    }
    lab.save()
    progress.say(f"{len(lab.masters())} master and {len(lab.traffic())} traffic nodes, kernel {image}")
    write_files(lab, text)
    if not lab.state["plain"]:
        progress.say("configuration rendered from " + (options.config or "tests/lab/has.conf"))


def in_memory(lab):
    """The lab's directory, with the nodes' disks, is in memory as /run should be. On a disk of this machine each flush
    of a node's would wait for whatever else is written here, seconds long."""
    if run("stat", "--file-system", "--format=%T", lab.dir).strip() != "tmpfs":
        run("mount", "-t", "tmpfs", "-o", "mode=700,size=75%", "has-lab", lab.dir)


def write_files(lab, text):
    """What is laid over the nodes' root, and their disks."""
    os.makedirs(lab.path("stage"))                  # stands for HAS when it is not staged (--plain)
    if not os.path.isdir(lab.state["stage"]):
        lab.state["stage"] = lab.path("stage")
    files.write_cluster(lab)
    for node in lab.nodes:
        files.write_node(lab, node)
    if not lab.state["plain"]:
        cluster.write(lab, text)
    for node in lab.nodes:
        files.make_disk(lab, node)
    storage.make_disks(lab)


def wait_for_nodes(lab, progress):
    waiting = lab.nodes
    deadline = time.monotonic() + BOOT_SECONDS
    while waiting:
        ready = [node for node in waiting if agent.answers(lab, node)]
        waiting = [node for node in waiting if node not in ready]
        if ready:
            progress.say("booted: " + ", ".join(node.name for node in ready))
        for node in waiting:
            if not machine.powered(lab, node):
                raise LabError(f"{node.name} ended while it booted; see {lab.log_dir(node, 'console.log')}")
        if waiting and time.monotonic() > deadline:
            raise LabError(f"not booted after {BOOT_SECONDS} s: {', '.join(n.name for n in waiting)}; "
                           f"see {lab.logs}/*/console.log")
        if waiting:
            time.sleep(0.1)


def wait_for_cluster(lab, progress):
    """Waits until every traffic node is active and the CVIP serves over IPv4 and IPv6."""
    said = {}

    def note(what, value):
        if value and said.get(what) != value:
            said[what] = value
            progress.say(f"{what}: {value}")

    def serving():
        now = status.collect(lab)
        active = [node["name"] for node in now["nodes"] if node["role"] == "traffic" and node["active"]]
        for family, owner in now["cvip"].items():
            note(f"CVIP {lab.state['cvip'][family]}", owner and f"on {owner}")
        note("active traffic nodes", ", ".join(active))
        answers = [family for family, owner in now["cvip"].items() if owner and status.serves(lab, family)]
        note("requests are served over", " and ".join(answers))
        return len(active) == len(lab.traffic()) and len(answers) == len(lab.state["cvip"])

    if not wait_until(serving, SERVE_SECONDS, 1.0):
        raise LabError(f"the cluster does not serve after {SERVE_SECONDS} s. It stays up for a look.\n"
                       f"{complaints(lab)}\nsee: tests/lab/lab --lab {lab.name} status; "
                       f"tests/lab/lab --lab {lab.name} exec m1 -- crm_mon -1; {lab.logs}/*/")


def complaints(lab):
    """What Pacemaker says went wrong."""
    try:
        master = orderly.some_master(lab)
        _, text, errors = agent.call(lab, master, "crm_mon", "-1", "-r", "--include=none,failures,resources",
                                     timeout=20)
        return (text or errors).strip()
    except LabError as error:
        return str(error)


def down(lab, progress):
    """Ends everything that carries the lab's name, whatever state it is in."""
    there = os.path.isdir(lab.dir) or network.left(lab)
    stop_up(lab)
    router.stop(lab)
    machine.kill_everything(lab)
    network.remove(lab)
    if network.left(lab):
        raise LabError(f"cannot remove {', '.join(network.left(lab))}")
    while os.path.ismount(lab.dir):
        run("umount", "--lazy", lab.dir)
    shutil.rmtree(lab.dir, ignore_errors=True)
    if os.path.isdir(lab.dir):
        raise LabError(f"cannot remove {lab.dir}")
    try:
        os.rmdir(os.path.dirname(lab.dir))
    except OSError:
        pass                                        # other labs are in there
    progress.say(f"lab '{lab.name}' is down; logs of the nodes: {lab.logs}" if there
                 else f"lab '{lab.name}' is not up; nothing to do")


def stop_up(lab):
    """Ends an `up` that still runs."""
    if not lab.exists():
        return
    pid = lab.load().state["pid"]
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            words = file.read().split(b"\0")
    except OSError:
        return
    if pid != os.getpid() and b"up" in words and any(word.endswith(b"lab") for word in words):
        os.kill(pid, signal.SIGKILL)
