# SPDX-License-Identifier: GPL-2.0-or-later
"""Thesis 3.24.1: a web user's request reaches a traffic node through the CVIP and is answered directly."""

import pytest

import harness


@pytest.mark.parametrize("family", ["ipv4", "ipv6"])
def test_requests_are_served_by_every_traffic_node(lab, family):
    with lab.load(family=family) as load:
        harness.wait_for("the load has run", lambda: load.ran(5), 20)
        figures = load.stop()
    assert figures["failed"] == 0, figures
    assert set(figures["nodes"]) == {"t1", "t2", "t3", "t4"}
    harness.record(f"3.24.1 normal request, {family}", requests=figures["total"], failed=figures["failed"],
                   per_node=figures["nodes"])


def test_replies_do_not_pass_the_master(lab):
    """Direct routing: IPVS counts what comes in and nothing that goes out."""
    master = lab.owner()
    with lab.load() as load:
        harness.wait_for("the load has run", lambda: load.ran(2), 20)
        load.stop()
    stats = lab.exec(master, "ipvsadm -Ln --stats --exact | grep -F 10.1.0.100:80").split()
    incoming, outgoing = int(stats[-4]), int(stats[-3])
    assert incoming > 0
    assert outgoing == 0
