# SPDX-License-Identifier: GPL-2.0-or-later
"""Taking a node out of the cluster in order, as an administrator would, and letting it in again."""

from . import agent, machine
from .host import LabError, wait_until

STOP_SECONDS = 120


def stop(lab, node, progress):
    if not machine.powered(lab, node):
        progress.say(f"{node.name} is off already")
        return
    if not lab.state["plain"]:
        leave_cluster(lab, node)
        progress.say(f"{node.name} has left the cluster")
    machine.mconsole(lab, node, "halt")
    if not wait_until(lambda: not machine.powered(lab, node), 5):
        machine.power_off(lab, node)
    progress.say(f"{node.name} is off")


def leave_cluster(lab, node):
    if node.role == "master":
        expect(lab, node, "pkill -TERM -x pacemakerd; while pgrep -x pacemakerd > /dev/null; do sleep 0.3; done; "
                          "corosync-cfgtool -H --force")
        return
    expect(lab, some_master(lab), f"crm_resource -r {node.name} --meta -p target-role -v Stopped && "
                                  f"crm_resource --wait --timeout {STOP_SECONDS}s")


def welcome(lab, node):
    """After a boot: what `stop` had switched off in the cluster is switched on again."""
    if lab.state["plain"] or node.role == "master":
        return
    try:
        master = some_master(lab)
    except LabError:
        return                                      # no cluster to tell
    agent.call(lab, master, "sh", "-c", f"crm_resource -r {node.name} --meta -d target-role && "
                                        f"crm_resource -r {node.name} --cleanup", timeout=STOP_SECONDS)


def some_master(lab):
    for master in lab.masters():
        if agent.answers(lab, master):
            return master
    raise LabError("no master node is up")


def expect(lab, node, shell):
    status, output, errors = agent.call(lab, node, "sh", "-c", shell, timeout=STOP_SECONDS + 10)
    if status != 0:
        raise LabError(f"{node.name}: {shell}: {(errors or output).strip()}")
