# SPDX-License-Identifier: GPL-2.0-or-later
"""Both servers serve the same content, read-only (thesis, figure 42): the death of the one in use is a blink. Copies that
are not the same are noticed, and no mount is moved to one."""

import os
import time

import pytest

import copies
import harness
import nfs


@pytest.fixture(scope="module")
def pair():
    lab = harness.Lab(os.environ.get("HAS_LAB_COPIES", "copies"))
    if os.environ.get("HAS_LAB_USE"):
        yield lab
        return
    harness.Lab(os.environ.get("HAS_LAB_STORAGE", "storage")).down()
    lab.down()
    try:
        lab.up(2, 1, True, "--plain", "--storage", "256")
        copies.set_up(lab)
        yield lab
    finally:
        if not os.environ.get("HAS_LAB_KEEP"):
            lab.down()


@pytest.fixture(params=["4.2", "3"])
def mounted(pair, request):
    """The client has mounted the copies by this version and reads; both servers are there."""
    lab = pair
    for name in nfs.SERVERS:
        if name not in nfs.up(lab):
            copies.restart(lab, name)
    nfs.mount(lab, copies.CLIENT, request.param, options="ro,replication=copies", directory=copies.MOUNT)
    copies.wait_pair(lab)
    yield lab, request.param
    lab.exec(copies.CLIENT, f"umount {copies.MOUNT}")


class Readers:
    """A reader and an opener of the published content."""

    def __init__(self, lab):
        self.lab = lab

    def __enter__(self):
        self.lab.exec(copies.CLIENT, f"rm -rf /tmp/read; mkdir /tmp/read; cd /tmp/read; for m in reader opener; do "
                      f"setsid {nfs.LOAD} $m --file {copies.MOUNT}/reader --interval-us 1000 --state $m.state > $m.out 2> $m.err "
                      f"< /dev/null & echo $! > $m.pid; done")
        self.wait()
        return self

    def __exit__(self, *_):
        self.lab.exec(copies.CLIENT, "kill -9 $(cat /tmp/read/*.pid) 2> /dev/null", check=False)

    def wait(self, deadline=60):
        harness.wait_for("the readers go on", lambda: all(state["at"] > time.time() - 0.5 for state in self.states()), deadline, 0.2)

    def states(self):
        return harness.json.loads("[" + self.lab.exec(copies.CLIENT, "cd /tmp/read; cat reader.state; echo ,; cat opener.state") + "]")

    def stop(self):
        self.lab.exec(copies.CLIENT, "cd /tmp/read; kill $(cat *.pid)")
        harness.wait_for("the readers end", lambda: "}" in self.lab.exec(
            copies.CLIENT, "cd /tmp/read; [ -s reader.out ] && [ -s opener.out ] && cat opener.out", check=False), 30)
        return harness.json.loads("[" + self.lab.exec(copies.CLIENT, "cd /tmp/read; cat reader.out; echo ,; cat opener.out") + "]")


@pytest.mark.parametrize("how", ["crash", "cut", "freeze"])
def test_server_in_use_fails(mounted, how):
    lab, version = mounted
    name = copies.current(lab)
    with Readers(lab) as readers:
        if how == "crash":
            lab.command("crash", name, "--hold")
        elif how == "cut":
            lab.command("link", name, "eth0", "down")
        else:
            lab.command("freeze", name)
        harness.wait_for("the other server is in use", lambda: copies.current(lab) == nfs.other(name), 30)
        readers.wait()
        if how == "crash":
            copies.restart(lab, name)
        elif how == "cut":
            lab.command("link", name, "eth0", "up")
        else:
            lab.command("thaw", name)
        copies.wait_pair(lab)
        assert copies.current(lab) == nfs.other(name), "it moved back by itself"
        figures = readers.stop()
    harness.record(f"nfs copies: the server in use: {how}, NFSv{version}", gap_reader_ms=figures[0]["max_gap_ms"],
                   gap_opener_ms=figures[1]["max_gap_ms"])
    assert [(seen["errors"], seen["corrupt"]) for seen in figures] == [(0, 0), (0, 0)], figures


def test_planned_move(mounted):
    """hasctl nfs switch, there and back."""
    lab, version = mounted
    with Readers(lab) as readers:
        for _ in range(2):
            name = nfs.other(copies.current(lab))
            lab.exec(copies.CLIENT, f"hasctl nfs switch {name}")
            harness.wait_for(f"{name} is in use", lambda name=name: copies.current(lab) == name, 30)
            readers.wait()
        figures = readers.stop()
    harness.record(f"nfs copies: hasctl nfs switch, NFSv{version}", gap_reader_ms=figures[0]["max_gap_ms"],
                   gap_opener_ms=figures[1]["max_gap_ms"])
    assert [(seen["errors"], seen["corrupt"]) for seen in figures] == [(0, 0), (0, 0)], figures
