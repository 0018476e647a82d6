# SPDX-License-Identifier: GPL-2.0-or-later
"""Three active masters (N-way), one lost: the two that are left take its share. In a lab of its own; the other scenarios'
one is taken down before, since both at once would be slow."""

import os
import time

import pytest

import harness
import masters

THREE = ("m1", "m2", "m3")


@pytest.fixture
def three(tmp_path):
    if not os.environ.get("HAS_LAB_USE"):
        harness.Lab(os.environ.get("HAS_LAB_NAME", "scenarios")).down()
    # Three kernels on a machine of two CPUs: what cvip.md says of busy hosts.
    text = (harness.TOP / "tests" / "lab" / "has.conf").read_text(encoding="utf-8")
    config = tmp_path / "has.conf"
    config.write_text(text + '\nredundancy { model = "n-way" heartbeat = 100 }\n', encoding="utf-8")
    lab = harness.Lab("three")
    lab.down()
    began = time.monotonic()
    try:
        lab.up(3, 2, True, "--config", str(config))
        lab.wait_active(("t1", "t2"))
        masters.wait_steady(lab, THREE)
        harness.record("lab up, 3 + 2, n-way", seconds=round(time.monotonic() - began, 1))
        yield lab
    finally:
        lab.down()


def test_one_of_three_active_masters_lost(three):
    lab = three
    harness.wait_for("all three serve", lambda: all(masters.shares(lab, THREE).values()), 60)
    before = masters.shares(lab, THREE)
    left = ("m1", "m3")
    with masters.clients(lab) as (long, load):
        lab.command("crash", "m2")
        harness.wait_for("the others serve all", lambda: sum(masters.shares(lab, left).values()) == 256, 30)
        after = masters.shares(lab, left)
        assert all(after.values()), after
        long.wait()
        masters.wait_steady(lab, THREE, deadline=180)
        harness.wait_for("all three serve again", lambda: all(masters.shares(lab, THREE).values()), 120)
        long.wait()
        masters.finish("cvip: one of three active masters lost", long, load, before=before, after=after)
