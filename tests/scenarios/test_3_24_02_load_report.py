# SPDX-License-Identifier: GPL-2.0-or-later
"""Thesis 3.24.2: a traffic node reports its load to the traffic managers of every master; weights follow."""

import harness


def test_every_master_hears_of_the_load_and_weights_follow(lab):
    for master in ("m1", "m2"):
        for name, node in lab.nodes(master).items():
            assert node["index"] > 0, f"{master} has no index of {name}"
            assert node["age_ms"] < 1000
    before = lab.nodes()["t1"]
    lab.exec("t1", "dd if=/dev/zero of=/dev/shm/ballast bs=1M count=70 status=none")
    try:
        for master in ("m1", "m2"):
            harness.wait_for(f"{master} lowers the weight of t1",
                             lambda: lab.nodes(master)["t1"]["weight"] < 0.85 * before["weight"], 30)
        loaded = lab.nodes()["t1"]
        assert 0 < loaded["index"] < before["index"]
        share = request_share(lab, "t1")
    finally:
        lab.exec("t1", "rm -f /dev/shm/ballast")
    harness.wait_for("the weight returns", lambda: lab.nodes()["t1"]["weight"] > 0.9 * before["weight"], 60)
    assert share < 0.25, "a loaded node gets less than its even share"
    harness.record("3.24.2 load report", index_before=before["index"], index_loaded=loaded["index"],
                   weight_before=before["weight"], weight_loaded=loaded["weight"], share_loaded=round(share, 3))


def request_share(lab, node):
    """The node's share of some hundred requests."""
    with lab.load() as load:
        harness.wait_for("the load has run", lambda: load.ran(5), 30)
        figures = load.stop()
    assert figures["failed"] == 0, figures
    return figures["nodes"].get(node, 0) / figures["total"]
