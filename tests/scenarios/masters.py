# SPDX-License-Identifier: GPL-2.0-or-later
"""What the scenarios of the cluster virtual IP share: the masters as their cvipds see each other, and client load of
both kinds over a fault, with the figures that the report wants."""

import collections
import contextlib
import json

import harness


def view(lab, master):
    """What the master's cvipd says; fails when it does not answer."""
    text = lab.exec(master, "hasctl --json cvip", check=False)
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise harness.Failed(f"cvipd of {master}: {text[-200:]}") from error


def names(lab):
    return [node["name"] for node in lab.status()["nodes"] if node["role"] == "master"]


def is_steady(lab, masters):
    """Every master hears every other one and could serve, one map is in force, and nothing is on its way."""
    views = [view(lab, master) for master in masters]
    if len({(seen["epoch"], seen["coordinator"]) for seen in views}) != 1:
        return False
    for seen in views:
        if seen["reconstruction"].get("running") or not seen["ready"] or seen["holding"]:
            return False
        if not all(member["self"] or (member["heard"] and member["linked"] and member["ready"])
                   for member in seen["members"]):
            return False
    return sum(seen["silent"] + seen["own"] for seen in views) == 256


def wait_steady(lab, masters=("m1", "m2"), deadline=120):
    harness.wait_for(f"{', '.join(masters)} agree and are ready", lambda: is_steady(lab, masters), deadline, 0.5)


def shares(lab, masters=("m1", "m2")):
    """How many buckets each master serves."""
    return {master: view(lab, master)["silent"] + view(lab, master)["own"] for master in masters}


def other(master):
    return "m2" if master == "m1" else "m1"


def cluster_is_whole(lab, masters=("m1", "m2")):
    """Corosync and Pacemaker are done, too: every master is online, and nobody is to be fenced."""
    text = lab.exec(masters[0], "crm_mon -1 --include=none,nodes", check=False)
    return all(f" {master} " in text.partition("RemoteOnline")[0] for master in masters) and "pending" not in text \
        and "UNCLEAN" not in text and "OFFLINE" not in text.partition("Remote")[0]


@contextlib.contextmanager
def clients(lab, flows=32, interval=20, patience=90):
    """Both kinds of clients over both families: long transfers, and new connections. Yields the two programs."""
    with harness.Flows(lab, flows, patience=patience) as long, harness.Load(lab, interval=interval, families=harness.CVIP) as load:
        long.wait(60)
        yield long, load


def finish(name, long, load, planned=False, **more):
    """Stops both programs and records what the clients saw. No established connection may have been lost; at a planned
    move none at all. Returns both figures."""
    new, established = load.stop(), long.stop()
    record(name, established, new, **more)
    assert established["lost"] == 0, established
    assert established["bytes"] > 0
    if planned:
        assert new["failed"] == 0, new
    return established, new


def record(name, established, new, **more):
    if new["failures"]:
        more["failures"] = dict(collections.Counter(failure["reason"] for failure in new["failures"]))
    harness.record(name, established=established["opened"], lost=established["lost"],
                   resets=established["how"]["reset"], corrupt=established["how"]["corrupt"],
                   gap_median_ms=established["gap_ms"]["median"], gap_max_ms=established["gap_ms"]["max"],
                   new=new["total"], new_failed=new["failed"], new_over_1s=new["over_1s"],
                   new_gap_ms=new["longest_gap_ms"], **more)
