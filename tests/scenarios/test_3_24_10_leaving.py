# SPDX-License-Identifier: GPL-2.0-or-later
"""Thesis 3.24.10: a traffic node leaves the cluster. A graceful leave loses nothing; so does a drain."""

import harness


def test_an_orderly_stop_loses_no_request(lab):
    with lab.load(interval=200, timeout=20000, path="/slow") as slow:
        harness.wait_for("t3 has slow requests under way", lambda: lab.nodes()["t3"]["connections"] >= 2, 30)
        with lab.load() as load:
            lab.command("stop", "t3")
            harness.wait_for("t3 is gone", lambda: lab.nodes()["t3"]["state"] == "out-of-cluster", 60)
            figures, downloads = load.stop(), slow.stop()
    assert figures["failed"] == 0, figures
    assert downloads["nodes"].get("t3", 0) >= 2, "what was under way on t3 came to its end there"
    assert downloads["failed"] == 0, downloads
    harness.record("3.24.10 leaving, orderly stop", requests=figures["total"], failed=figures["failed"],
                   slow_downloads=downloads["total"], slow_on_t3=downloads["nodes"]["t3"],
                   slow_failed=downloads["failed"], slow_ms=downloads["latency_ms"]["p50"])


def test_a_drain_holds_on_both_masters_until_it_is_lifted(lab):
    standby = "m2" if lab.owner() == "m1" else "m1"
    with lab.load() as load:
        lab.exec(lab.owner(), "hasctl drain t1")
        for master in ("m1", "m2"):
            harness.wait_for(f"{master} drains t1", lambda: lab.nodes(master)["t1"]["weight"] == 0, 10)
        lab.exec(standby, "kill -KILL $(cat /run/has/tmd.pid)")
        harness.wait_for(f"Pacemaker has seen tmd fail on {standby}", lambda: "tmd" in lab.exec(
            standby, "crm_mon -1 --include=none,failures", check=False), 60)
        lab.exec(standby, "crm_resource --cleanup --resource tmd")
        harness.wait_for(f"tmd runs again on {standby}", lambda: "ok" in lab.exec(
            standby, "hasctl ping tmd && echo ok", check=False), 60)
        assert lab.nodes(standby)["t1"]["override"]["kind"] == "drain"
        lab.exec(lab.owner(), "hasctl undrain t1")
        for master in ("m1", "m2"):
            harness.wait_for(f"{master} gives t1 requests again",
                             lambda: lab.nodes(master)["t1"]["weight"] > 0, 10)
        figures = load.stop()
    assert figures["failed"] == 0, figures
    harness.record("3.24.10 drain and undrain, tmd killed meanwhile", requests=figures["total"],
                   failed=figures["failed"])
