# SPDX-License-Identifier: GPL-2.0-or-later
"""Planned moves of the cluster virtual IP under load: no connection is lost, new ones included (thesis 3.24.6, 5.2.4)."""

import harness
import masters


def test_switchover_and_back(cvip):
    lab = cvip
    first = lab.owner()
    second = masters.other(first)
    with masters.clients(lab) as (long, load):
        lab.exec(first, "hasctl switchover")
        harness.wait_for(f"{second} serves all clients", lambda: masters.shares(lab)[second] == 256, 30)
        lab.exec(first, "hasctl switchover --end")
        lab.exec(second, "hasctl switchover")
        harness.wait_for(f"{first} serves all clients", lambda: masters.shares(lab)[first] == 256, 30)
        lab.exec(second, "hasctl switchover --end")
        long.wait()
        masters.finish("cvip: switchover and back", long, load, planned=True)


def test_redundancy_model_changes_and_back(cvip):
    """1+1 active/standby becomes active/active, and active/standby again."""
    lab = cvip
    with masters.clients(lab) as (long, load):
        lab.exec(lab.owner(), "hasctl redundancy set active/active")
        try:
            harness.wait_for("both masters serve", lambda: all(masters.shares(lab).values()), 30)
            masters.wait_steady(lab)
            split = masters.shares(lab)
            long.wait()
        finally:
            lab.exec(lab.owner(), "hasctl redundancy set active/standby")
        harness.wait_for("one master serves all", lambda: 256 in masters.shares(lab).values(), 30)
        long.wait()
        masters.finish("cvip: 1+1 to active/active and back", long, load, planned=True, split=split)
