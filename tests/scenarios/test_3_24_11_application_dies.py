# SPDX-License-Identifier: GPL-2.0-or-later
"""Thesis 3.24.11: the web server process dies. Its node gets index 0 at once, and returns when it serves again."""

import harness


def test_web_server_killed(lab):
    with lab.load(timeout=harness.BRISK) as load:
        lab.exec("t1", "pkill -KILL nginx")
        harness.wait_for("t1 serves again", lambda: recovered(lab), 120)
        figures = load.stop()
    assert figures["failed"] < 25, figures
    harness.record("3.24.11 application dies", requests=figures["total"], failed=figures["failed"],
                   gap_ms=figures["longest_gap_ms"])


def recovered(lab):
    """Active again after Pacemaker has restarted the web server."""
    if "nginx" not in lab.exec("t1", "pgrep -l nginx", check=False):
        return False
    node = lab.nodes()["t1"]
    return node["state"] == "active" and node["index"] > 0 and node["weight"] > 0
