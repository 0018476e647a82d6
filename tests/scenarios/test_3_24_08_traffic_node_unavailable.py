# SPDX-License-Identifier: GPL-2.0-or-later
"""Thesis 3.24.8: a traffic node loses power, or only its network; it is taken out, and it returns when it reports."""

import harness


def test_power_off(lab):
    with lab.load(timeout=harness.BRISK) as load:
        lab.command("crash", "t2")
        harness.wait_for("t2 is out of the cluster", lambda: state(lab, "t2") == "out-of-cluster", 30)
        assert "t2" not in serving(lab), "a dead node gets no new connections"
        harness.wait_for("Pacemaker has fenced and restarted t2", lambda: state(lab, "t2") == "active", 180)
        figures = load.stop()
    assert figures["failed"] < 100, figures
    harness.record("3.24.8 traffic node powered off", requests=figures["total"], failed=figures["failed"],
                   gap_ms=figures["longest_gap_ms"])


def test_network_lost_for_a_moment(lab):
    """Both ports fail for longer than the report timeout, and come back before Pacemaker gives the node up."""
    for port in ("eth0", "eth1"):
        lab.command("link", "t3", port, "blackhole")
    try:
        harness.wait_for("t3 is out of the cluster", lambda: state(lab, "t3") == "out-of-cluster", 30)
    finally:
        for port in ("eth0", "eth1"):
            lab.command("link", "t3", port, "up")
    harness.wait_for("t3 is active again", lambda: state(lab, "t3") == "active", 120)


def test_one_lan_lost_costs_no_report(lab):
    """Reports go over both LANs: without the second one nothing changes for the clients."""
    with lab.load() as load:
        lab.command("link", "t3", "eth1", "blackhole")
        try:
            seen = [lab.nodes()["t3"] for _ in range(10)]
        finally:
            lab.command("link", "t3", "eth1", "up")
        figures = load.stop()
    assert all(node["state"] == "active" for node in seen)
    assert figures["failed"] == 0, figures


def state(lab, name):
    return lab.nodes()[name]["state"]


def serving(lab):
    return {server["name"] for service in lab.services() for server in service["servers"] if server["weight"] > 0}
