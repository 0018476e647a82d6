# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the switch allows no shared MAC: the address has its owner's, and moves by gratuitous ARP and unsolicited
neighbour advertisements."""

import pytest

import harness
import masters

PAIR = ("m1", "m2")


def restart(lab, sed):
    """Stops cvipd on both masters, changes its file, and starts it."""
    resource = "crm_resource --resource cvip-clone --meta"
    lab.exec("m1", f"{resource} -p target-role -v Stopped && crm_resource --wait --timeout 60s")
    for master in PAIR:
        lab.exec(master, f"sed -i -e '{sed}' /etc/has/cvipd.conf && cvipd -t")
    lab.exec("m1", f"{resource} -d target-role")
    masters.wait_steady(lab)


@pytest.fixture
def own_mac(cvip):
    shared = cvip.exec("m1", "grep '^mac ' /etc/has/cvipd.conf").strip()
    restart(cvip, "s/^mac .*/mac own/")
    yield cvip
    restart(cvip, f"s/^mac .*/{shared}/")


def test_failover_with_the_owners_mac(own_mac):
    lab = own_mac
    first = lab.owner()
    second = masters.other(first)
    with masters.clients(lab) as (long, load):
        lab.command("link", first, "eth0", "down")
        try:
            harness.wait_for(f"{second} serves all clients", lambda: masters.shares(lab)[second] == 256, 30)
            long.wait()
        finally:
            lab.command("link", first, "eth0", "up")
        masters.wait_steady(lab)
        lab.exec(second, "hasctl switchover")
        harness.wait_for(f"{first} serves all clients", lambda: masters.shares(lab)[first] == 256, 30)
        lab.exec(second, "hasctl switchover --end")
        long.wait()
        masters.finish("cvip: mac own, port of the active master cut, switchover back", long, load)
