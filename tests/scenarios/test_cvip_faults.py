# SPDX-License-Identifier: GPL-2.0-or-later
"""Faults of masters under load: no established connection to a healthy traffic node is lost (thesis 3.24.7, figures 51
to 54). What clients had to wait is recorded, and not judged here: the bench does that."""

import time

import harness
import masters

# ms. Shorter than Corosync's token, so that nobody is fenced; longer than cvipd's, so that the other takes over.
FROZEN = 700


def takes_over(lab, master):
    harness.wait_for(f"{master} serves all clients", lambda: masters.view(lab, master)["silent"] +
                     masters.view(lab, master)["own"] == 256, 30)


def test_failover_and_back_by_power_off(cvip):
    """Figures 51 to 54: connections from before the first failure, between, and after it live through both."""
    lab = cvip
    first = lab.owner()
    second = masters.other(first)
    with masters.clients(lab) as (long, load):
        lab.command("crash", first)
        takes_over(lab, second)
        long.wait()
        with harness.Flows(lab) as between:
            between.wait()
            harness.wait_for(f"{first} is back", lambda: masters.is_steady(lab, ("m1", "m2")), 150, 0.5)
            harness.wait_for("Pacemaker has both masters", lambda: masters.cluster_is_whole(lab), 90, 0.5)
            established = long.now()
            assert lab.owner() == second, "the address does not flap back"
            lab.command("crash", second)
            takes_over(lab, first)
            with harness.Flows(lab) as after:
                for flows in (after, between, long):
                    flows.wait()
                later = after.stop()
            middle = between.stop()
        assert established["lost"] == 0, established
        masters.finish("cvip: active master powered off, twice", long, load)
    assert middle["lost"] == 0 and later["lost"] == 0, (middle, later)
    harness.record("cvip: connections opened between and after", between=middle["opened"], after=later["opened"],
                   lost=middle["lost"] + later["lost"])


def test_frozen_and_thawed(cvip):
    """A machine that stood still gives way by itself: it forwards nothing that is another's by then."""
    lab = cvip
    frozen = lab.owner()
    with masters.clients(lab) as (long, load):
        lab.command("freeze", frozen)
        try:
            time.sleep(FROZEN / 1000)
        finally:
            lab.command("thaw", frozen)
        masters.wait_steady(lab)
        long.wait()
        masters.finish(f"cvip: active master frozen for {FROZEN} ms", long, load, owner_after=lab.owner())


def test_service_port_cut(cvip):
    lab = cvip
    cut = lab.owner()
    with masters.clients(lab) as (long, load):
        lab.command("link", cut, "eth0", "down")
        try:
            takes_over(lab, masters.other(cut))
            long.wait()
        finally:
            lab.command("link", cut, "eth0", "up")
        masters.wait_steady(lab)
        masters.finish("cvip: port of the active master cut", long, load)


def test_service_lan_partitioned(cvip):
    """The masters still hear each other over LAN 2; the active one is on the wrong side of LAN 1."""
    lab = cvip
    alone = lab.owner()
    with masters.clients(lab) as (long, load):
        lab.command("partition", "--lan", "lan1", masters.other(alone), alone)
        try:
            long.wait()
        finally:
            lab.command("partition", "--lan", "lan1", "heal")
        masters.wait_steady(lab)
        masters.finish("cvip: active master cut off in LAN 1", long, load)


def test_both_lans_partitioned(cvip):
    """Neither hears the other: one is fenced, and nobody resets the other's connections meanwhile."""
    lab = cvip
    alone = lab.owner()
    with masters.clients(lab) as (long, load):
        lab.command("partition", masters.other(alone), alone)
        try:
            long.wait()
        finally:
            lab.command("partition", "heal")
        masters.wait_steady(lab, deadline=180)
        long.wait()
        masters.finish("cvip: active master cut off in both LANs", long, load)


def test_cvipd_killed(cvip):
    """Its lease ends, the other master takes over, Pacemaker starts it again."""
    lab = cvip
    victim = lab.owner()
    with masters.clients(lab) as (long, load):
        lab.exec(victim, "kill -KILL $(cat /run/has/cvipd.pid)")
        takes_over(lab, masters.other(victim))
        long.wait()
        masters.wait_steady(lab)
        masters.finish("cvip: cvipd of the active master killed", long, load)
    lab.exec(victim, "crm_resource --cleanup --resource cvip")


def test_both_masters_lost_and_a_fresh_one_booted(cvip):
    """Nobody is left who knows the connections but the traffic nodes; they go on nevertheless. A client that sends may
    need as long again as it was dark: TCP doubles its time between repetitions."""
    lab = cvip
    with masters.clients(lab, patience=240) as (long, load):
        for master in ("m1", "m2"):
            lab.command("crash", "--hold", master)
        began = time.monotonic()
        lab.command("boot", "m1")
        takes_over_after_boot(lab)
        long.wait(240)
        dark = round(time.monotonic() - began, 1)
        seen = masters.view(lab, "m1")["reconstruction"]
        masters.finish("cvip: both masters lost, one booted fresh", long, load, until_all_flow_s=dark,
                       reconstructed=seen.get("connections"))
    lab.command("boot", "m2")
    masters.wait_steady(lab, deadline=180)


def takes_over_after_boot(lab):
    harness.wait_for("m1 serves all clients", lambda: masters.view(lab, "m1")["silent"] == 256, 180, 0.5)
