# SPDX-License-Identifier: GPL-2.0-or-later
"""Thesis 3.24.7: the active master dies; the other takes the CVIP; the first one's return disturbs nobody."""

import harness


def test_the_other_master_takes_over_and_keeps_the_address(lab):
    dead = lab.owner()
    other = "m2" if dead == "m1" else "m1"
    before = {name: node["state"] for name, node in lab.nodes(other).items()}
    with lab.load(timeout=harness.BRISK) as load:
        harness.wait_for("the load has run", lambda: load.ran(2), 20)
        lab.command("crash", dead)
        for family in ("ipv4", "ipv6"):
            harness.wait_for(f"{other} holds the {family} CVIP", lambda: lab.owner(family) == other, 90)
        harness.wait_for("requests are served again", lambda: served(lab), 30)
        figures = load.stop()
    after = {name: node["state"] for name, node in lab.nodes(other).items()}
    assert after == before, "the standby master knew every traffic node all along"

    harness.wait_for(f"{dead} is fenced and back", lambda: back(lab, dead), 150)
    with lab.load() as load:
        harness.wait_for(f"{dead} has the nodes again", lambda: len(lab.active(dead)) == 4, 90)
        returned = load.stop()
    assert lab.owner() == other, "the address does not flap back"
    assert returned["failed"] == 0, returned
    harness.record("3.24.7 master unavailable", gap_ms=figures["longest_gap_ms"], failed=figures["failed"],
                   failed_at_return=returned["failed"])


def served(lab):
    return "t" in lab.client("curl", "-s", "-m", "2", f"http://{harness.CVIP['ipv4']}/", check=False)


def back(lab, node):
    if not any(entry["name"] == node and entry["up"] for entry in lab.status()["nodes"]):
        return False
    return "ok" in lab.exec(node, "hasctl ping tmd && echo ok", check=False)
