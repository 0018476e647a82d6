# SPDX-License-Identifier: GPL-2.0-or-later
"""A whole LAN is lost (thesis 3.24.12): a switch is off, or it is silent, and every node and the router go over to the
other one."""

import pytest

import masters
import harness
import ports


@pytest.mark.parametrize("how", ["down", "blackhole"])
def test_lan_is_lost_and_returns(twin, how):
    lab = twin
    with masters.clients(lab) as (long, load):
        lab.command("lan", "lan1", how)
        try:
            for node in ports.NODES:
                ports.wait_on(lab, node, "eth1", 1)
            harness.wait_for("the router is on lan2", lambda: ports.router(lab) == "lan2", 30)
            long.wait()
        finally:
            lab.command("lan", "lan1", "up")
        ports.wait_whole(lab)
        harness.wait_for("the router is on lan1", lambda: ports.router(lab) == "lan1", 30)
        long.wait()
        masters.wait_steady(lab)
        masters.finish(f"3.24.12 LAN 1 {'off' if how == 'down' else 'silent'}, and back", long, load)
