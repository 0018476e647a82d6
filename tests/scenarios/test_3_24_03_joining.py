# SPDX-License-Identifier: GPL-2.0-or-later
"""Thesis 3.24.3: a traffic node joins the running cluster; nobody notices but the other nodes, which get relief."""

import harness


def test_a_node_joins_under_load_without_a_lost_request(lab):
    lab.command("stop", "t4")
    lab.wait_active(["t1", "t2", "t3"])
    with lab.load() as load:
        lab.command("boot", "t4")
        lab.wait_active(["t1", "t2", "t3", "t4"])
        first = lab.nodes()["t4"]["weight"]
        harness.wait_for("slow start is over", lambda: lab.nodes()["t4"]["weight"] >= 0.8 * others(lab), 60)
        figures = load.stop()
    assert figures["failed"] == 0, figures
    assert figures["nodes"].get("t4", 0) > 0
    harness.record("3.24.3 joining", requests=figures["total"], failed=figures["failed"], first_weight=first,
                   weight_later=lab.nodes()["t4"]["weight"])


def others(lab):
    nodes = lab.nodes()
    return min(nodes[name]["weight"] for name in ("t1", "t2", "t3"))
