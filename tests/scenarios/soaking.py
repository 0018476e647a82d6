# SPDX-License-Identifier: GPL-2.0-or-later
"""A soak: random faults of masters, links and daemons, one after the other, under load, from a seed that replays them.

Two things must never happen: an established connection to a healthy traffic node is lost; two masters have a bucket in
the state OWN, as read from the tables of their filters. No fault hurts a traffic node, so that all of them are healthy.
"""

import json
import random
import threading
import time

import harness
import masters

OWN = 2  # BUCKET_OWN of daemons/cvipd/engine_table.h
STATE_MASK = 3
MASTERS = ("m1", "m2")
TRAFFIC = ("t1", "t2", "t3", "t4")
RECOVERY = 200  # s until everything must be well again


class Watcher(threading.Thread):
    """Reads the tables of both masters again and again, and notes each bucket that two have in the state OWN.

    They cannot be read at one instant. So one is read before and after the other: what it had both times under the same
    map, it had in between."""

    def __init__(self, lab):
        super().__init__(daemon=True)
        self.lab = lab
        self.ended = threading.Event()
        self.samples = 0
        self.doubles = []

    def own(self, master):
        """The map's epoch and the buckets in the state OWN, or None when the master does not answer."""
        try:
            seen = json.loads(self.lab.exec(master, "exec hasctl --json cvip", check=False))
            return seen["epoch"], {bucket for bucket, state in enumerate(seen["states"])
                                   if state & STATE_MASK == OWN}
        except (harness.Failed, ValueError, KeyError):
            return None

    def run(self):
        first = self.own("m1")
        while not self.ended.wait(0.1):
            second = self.own("m2")
            again = self.own("m1")
            if first and second and again:
                self.samples += 1
                both = first[1] & second[1] & again[1]
                if both and first[0] == again[0]:
                    self.doubles.append({"buckets": len(both), "epochs": [first[0], second[0]], "at": time.time()})
            first = again

    def stop(self):
        self.ended.set()
        self.join(60)


# --- faults: each does its work with the random generator's numbers and comes back when what it broke is repaired


def crash(lab, dice):
    lab.command("crash", dice.choice(MASTERS))


def crash_both(lab, dice):
    """Both lose power within a second; fencing can start none, so they are switched on."""
    for master in dice.sample(MASTERS, 2):
        lab.command("crash", "--hold", master)
        time.sleep(dice.uniform(0, 1))
    for master in dice.sample(MASTERS, 2):
        lab.command("boot", master)


def freeze(lab, dice):
    """Sometimes shorter than cvipd's patience, sometimes longer than Corosync's."""
    master = dice.choice(MASTERS)
    lab.command("freeze", master)
    time.sleep(dice.choice((dice.uniform(0.02, 0.2), dice.uniform(0.2, 0.9), dice.uniform(1, 4))))
    lab.command("thaw", master)


def cut_link(lab, dice):
    master, port = dice.choice(MASTERS), dice.choice(("eth0", "eth0", "eth1"))
    lab.command("link", master, port, dice.choice(("down", "blackhole")))
    time.sleep(dice.uniform(0.2, 5))
    lab.command("link", master, port, "up")


def partition(lab, dice):
    alone = dice.choice(MASTERS)
    lan = dice.choice(("lan1", "lan2", "all"))
    lab.command("partition", "--lan", lan, masters.other(alone), alone)
    time.sleep(dice.uniform(0.1, 4))
    lab.command("partition", "--lan", lan, "heal")


def process_of(dice, daemons):
    node, daemon = dice.choice([(node, daemon) for daemon in daemons
                                for node in (TRAFFIC if daemon == "tcd" else MASTERS)])
    return node, f"$(cat /run/has/{daemon}.pid)" if daemon != "corosync" else "$(pidof corosync)"


def kill(lab, dice):
    node, pid = process_of(dice, ("cvipd", "tmd", "tcd"))
    lab.exec(node, f"kill -KILL {pid}", check=False)


def pause(lab, dice):
    node, pid = process_of(dice, ("cvipd", "tmd", "tcd", "corosync"))
    long = dice.choice((dice.uniform(0.02, 0.3), dice.uniform(0.3, 3)))
    lab.exec(node, f"pid={pid}; kill -STOP $pid && busybox sleep {long:.2f}; kill -CONT $pid", check=False)


def switchover(lab, dice):
    master = dice.choice(MASTERS)
    lab.exec(master, "hasctl switchover", check=False)
    time.sleep(dice.uniform(0, 3))
    lab.exec(master, "hasctl switchover --end", check=False)


def change_model(lab, dice):
    lab.exec(dice.choice(MASTERS), f"hasctl redundancy set {dice.choice(('active/active', 'active/standby'))}",
             check=False)


FAULTS = {crash: 2, crash_both: 1, freeze: 5, cut_link: 5, partition: 4, kill: 5, pause: 5, switchover: 3,
          change_model: 4}


# --- the run


def recover(lab):
    """Waits until the cluster is as it was before the fault; what Pacemaker counts as failures is forgotten."""
    harness.wait_for("both masters are up", lambda: all(node["up"] for node in lab.status()["nodes"]), RECOVERY, 0.5)
    masters.wait_steady(lab, deadline=RECOVERY)
    harness.wait_for("Pacemaker has both masters", lambda: masters.cluster_is_whole(lab), RECOVERY, 0.5)
    lab.wait_active(TRAFFIC, RECOVERY)
    lab.exec("m1", "crm_resource --cleanup > /dev/null 2>&1", check=False)


def check(long, watcher, did):
    now = long.now()
    if now["lost"]:
        raise harness.Failed(f"{now['lost']} established connections were lost by: {did}")
    if watcher.doubles:
        raise harness.Failed(f"two masters had buckets in the state OWN: {watcher.doubles[:3]}; after: {did}")


def soak(lab, minutes, seed, say=print):
    """Runs for that long. Returns the figures; fails when something happened that must not."""
    dice = random.Random(seed)
    say(f"soak: seed {seed}, {minutes:g} minutes; the same again: tests/scenarios/soak --minutes {minutes:g} "
        f"--seed {seed}")
    begin = time.monotonic()
    counts = {}
    watcher = Watcher(lab)
    with harness.Flows(lab, count=48, life=60, patience=240) as long, \
            harness.Load(lab, interval=40, families=harness.CVIP) as load:
        harness.wait_for("the long transfers have begun", lambda: long.now()["open"] >= 40, 60)
        watcher.start()
        try:
            while time.monotonic() - begin < minutes * 60:
                fault = dice.choices(list(FAULTS), list(FAULTS.values()))[0]
                counts[fault.__name__] = counts.get(fault.__name__, 0) + 1
                say(f"[{time.monotonic() - begin:6.0f} s] {sum(counts.values())}: {fault.__name__}")
                fault(lab, dice)
                recover(lab)
                harness.wait_for("the long transfers go on", lambda: long.now()["silence_ms"] < 1000, RECOVERY)
                check(long, watcher, f"fault {sum(counts.values())} of seed {seed}, {fault.__name__}")
                time.sleep(dice.uniform(0, 2))
        finally:
            watcher.stop()
            new, established = load.stop(), long.stop()
            masters.record(f"cvip: soak of {minutes:g} min, seed {seed}", established, new, faults=counts,
                           tables_read=watcher.samples, double_owners=len(watcher.doubles))
    return established, new, watcher
