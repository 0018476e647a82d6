# SPDX-License-Identifier: GPL-2.0-or-later
"""erd dies (thesis 4.8.1.1). That alone moves nothing; whoever starts it again, it goes on where it was."""

import harness
import masters
import ports

PID = "cat /run/has/erd.pid"


def kill(lab, node):
    """Returns the number of the process that is no more."""
    return lab.exec(node, f"pid=$({PID}) && kill -KILL $pid && echo $pid").strip()


def is_another(lab, node, dead):
    return lab.exec(node, PID, check=False).strip() not in ("", dead) and ports.pair(lab, node)


def wait_another(lab, node, dead):
    return harness.wait_for(f"erd of {node} runs again", lambda: is_another(lab, node, dead), 60)


def test_killed_alone(twin):
    """On the primary, and on the twin: the restarted erd finds the port that is in use, and stays there."""
    lab = twin
    with masters.clients(lab) as (long, load):
        seen = wait_another(lab, "t1", kill(lab, "t1"))
        assert (seen["active"], seen["changes"]) == ("eth0", 0), seen
        with ports.cut(lab, "t1", "eth0"):
            ports.wait_on(lab, "t1", "eth1", 1)
            seen = wait_another(lab, "t1", kill(lab, "t1"))
            assert (seen["active"], seen["changes"]) == ("eth1", 0), seen
        ports.wait_on(lab, "t1", "eth0", 2)
        long.wait()
        ports.finish("4.8.1.1 erd of a traffic node killed, on either port", long, load, "t1")
    clean_up(lab)


def test_killed_and_then_the_port_fails(twin):
    """Nobody is there to move the traffic, and Pacemaker cannot reach the node to start erd. The node does it by itself:
    systemd by erd.service; in the nodes of the lab, which have no systemd, node/software stands for it."""
    lab = twin
    with masters.clients(lab) as (long, load):
        dead = kill(lab, "t2")
        with ports.cut(lab, "t2", "eth0"):
            wait_another(lab, "t2", dead)
            ports.wait_on(lab, "t2", "eth1", 1)
            long.wait()
        ports.wait_on(lab, "t2", "eth0", 2)
        long.wait()
        masters.finish("4.8.1.1 erd of a traffic node killed, then its port fails", long, load)
    clean_up(lab)


def clean_up(lab):
    lab.exec("m1", "crm_resource --cleanup --resource erd")
