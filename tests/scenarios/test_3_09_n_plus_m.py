# SPDX-License-Identifier: GPL-2.0-or-later
"""Thesis 3.9 and 3.24.3: a standby traffic node replaces a lost active one (N+M); a node that is not listed joins.

The running managers are told by a changed tmd.conf and SIGHUP, as an administrator would do it; clients notice nothing."""

import pytest

import harness

MASTERS = ("m1", "m2")


def reconfigure(lab, sed):
    for master in MASTERS:
        lab.exec(master, f"sed -i -e '{sed}' /etc/has/tmd.conf && tmd -t && kill -HUP $(cat /run/has/tmd.pid)")


@pytest.fixture
def own_configuration(lab):
    """Puts the rendered tmd.conf back afterwards."""
    for master in MASTERS:
        lab.exec(master, "cp /etc/has/tmd.conf /run/tmd.conf.rendered")
    yield lab
    for master in MASTERS:
        lab.exec(master, "cp /run/tmd.conf.rendered /etc/has/tmd.conf && kill -HUP $(cat /run/has/tmd.pid)")
    lab.wait_active(["t1", "t2", "t3", "t4"])


def state(lab, name, master=None):
    return lab.nodes(master)[name]["state"]


def ports(lab, node, how):
    for port in ("eth0", "eth1"):
        lab.command("link", node, port, how)


def test_a_standby_node_replaces_a_lost_one(own_configuration):
    lab = own_configuration
    with lab.load() as load:
        reconfigure(lab, "s/^traffic4 //")
        for master in MASTERS:
            harness.wait_for(f"t4 is standby on {master}", lambda: state(lab, "t4", master) == "standby", 90)
        figures = load.stop()
    assert figures["failed"] == 0, figures

    ports(lab, "t2", "blackhole")
    try:
        for master in MASTERS:
            harness.wait_for(f"{master} takes t4 for t2", lambda: state(lab, "t4", master) == "active", 20)
            assert state(lab, "t2", master) == "out-of-cluster"
    finally:
        ports(lab, "t2", "up")
    harness.wait_for("t2 is back", lambda: state(lab, "t2") == "active", 120)
    harness.wait_for("t4 is standby again", lambda: state(lab, "t4") == "standby", 90)
    harness.record("3.9 N+M", requests=figures["total"], failed_at_reconfiguration=figures["failed"])


def test_a_node_that_is_not_listed_joins(own_configuration):
    lab = own_configuration
    reconfigure(lab, "/^traffic4 /d")
    for master in MASTERS:
        harness.wait_for(f"{master} does not know t4", lambda: "t4" not in lab.nodes(master), 90)
    reconfigure(lab, "s/^join .*/join any/")
    for master in MASTERS:
        harness.wait_for(f"t4 joins {master}", lambda: "t4" in lab.nodes(master) and
                         state(lab, "t4", master) == "active", 30)
