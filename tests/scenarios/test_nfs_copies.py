# SPDX-License-Identifier: GPL-2.0-or-later
"""Both servers serve the same content, read-only (thesis, figure 42): the death of the one in use is a blink. Copies that
are not the same are noticed, and no mount is moved to one."""

import json
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


@pytest.fixture
def mounted(pair):
    """The client has mounted the copies by NFSv4.2 and by NFSv3; both servers are there."""
    lab = pair
    for name in nfs.SERVERS:
        if name not in nfs.up(lab):
            copies.restart(lab, name)
    for version, directory in copies.MOUNTS.items():
        nfs.mount(lab, copies.CLIENT, version, options="ro,replication=copies", directory=directory)
    copies.wait_pair(lab)
    return lab


class Readers:
    """A reader and an opener of the published content, by NFSv4.2 and NFSv3."""

    EACH = [f"{mode}-{version}" for version in copies.MOUNTS for mode in ("reader", "opener")]

    def __init__(self, lab):
        self.lab = lab

    def __enter__(self):
        lines = ["rm -rf /tmp/read; mkdir /tmp/read; cd /tmp/read"]
        for each in self.EACH:
            mode, version = each.split("-")
            lines.append(f"setsid {nfs.LOAD} {mode} --file {copies.MOUNTS[version]}/reader --interval-us 1000 "
                         f"--state {each}.state > {each}.out 2> {each}.err < /dev/null & echo $! > {each}.pid")
        self.lab.exec(copies.CLIENT, "\n".join(lines))
        self.wait()
        return self

    def __exit__(self, *_):
        self.lab.exec(copies.CLIENT, "kill -9 $(cat /tmp/read/*.pid) 2> /dev/null", check=False)

    def all(self, ending):
        text = self.lab.exec(copies.CLIENT, "cd /tmp/read; cat " + " ".join(f"{each}.{ending}" for each in self.EACH))
        try:
            found = [json.loads(line) for line in text.split("\n") if line.startswith("{")]
        except json.JSONDecodeError as error:
            raise harness.Failed(f"the readers: {text}") from error
        if len(found) != len(self.EACH):
            raise harness.Failed(f"the readers: {text}")
        return dict(zip(self.EACH, found))

    def wait(self, deadline=60):
        harness.wait_for("the readers go on", lambda: all(
            state["at"] > time.time() - 0.5 for state in self.all("state").values()), deadline, 0.2)

    def finish(self, name):
        """No error, no wrong byte; the gaps are for the report."""
        self.lab.exec(copies.CLIENT, "cd /tmp/read; kill $(cat *.pid)")
        figures = harness.wait_for("the readers end", lambda: self.all("out"), 30)
        harness.record(f"nfs copies: {name}", gaps_ms={each: round(figures[each]["max_gap_ms"]) for each in self.EACH})
        assert all((seen["errors"], seen["corrupt"]) == (0, 0) for seen in figures.values()), figures


@pytest.mark.parametrize("how", ["crash", "cut", "freeze"])
def test_server_in_use_fails(mounted, how):
    lab = mounted
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
        readers.finish(f"the server in use: {how}")


def test_planned_move(mounted):
    """hasctl nfs switch, there and back."""
    lab = mounted
    with Readers(lab) as readers:
        for _ in range(2):
            name = nfs.other(copies.current(lab))
            lab.exec(copies.CLIENT, f"hasctl nfs switch {name}")
            harness.wait_for(f"{name} is in use", lambda name=name: copies.current(lab) == name, 30)
            readers.wait()
        readers.finish("hasctl nfs switch, there and back")


def test_publication_reaches_both(mounted):
    """What is published on one server is served by both, while somebody reads; the client sees the new content."""
    lab = mounted
    with Readers(lab) as readers:
        lab.exec("m1", f"echo today > {copies.SOURCE}/news")
        copies.publish(lab)
        for directory in copies.MOUNTS.values():
            harness.wait_for("the news", lambda directory=directory: "today" in lab.exec(
                copies.CLIENT, f"cat {directory}/news", check=False), 90)
        copies.wait_pair(lab)
        readers.wait()
        readers.finish("a publication")
    lab.exec(copies.CLIENT, "umount " + " ".join(copies.MOUNTS.values()))


OTHER = "/srv/state/other"  # a directory that both servers have, each on a file system of its own


@pytest.fixture
def others(pair):
    """Two copies with other handles, as rsync makes them, exported under one name."""
    lab = pair
    for name in nfs.SERVERS:
        if name not in nfs.up(lab):
            copies.restart(lab, name)
    # what changed within the last minute is not compared
    lab.exec("m1", f"mkdir -p {OTHER} && cd {OTHER} && echo one > one && {nfs.LOAD} fill --file reader --records 64 && "
             "touch -d '1 hour ago' one reader")
    # a file between makes the inodes differ, too
    lab.exec("m2", f"mkdir -p {OTHER} && cd {OTHER} && echo > filler && mkdir -p deeper")
    lab.exec("m1", f"rsync -a -e 'ssh -i /root/.ssh/has_lab' {OTHER}/ m2:{OTHER}/", check=False)
    lab.exec("m2", f"[ -e {OTHER}/reader ] || {{ cd {OTHER} && echo one > one && {nfs.LOAD} fill --file reader --records 64; }}")
    for name in nfs.SERVERS:
        lab.exec(name, f"exportfs -o rw,fsid=9,no_subtree_check,no_root_squash 10.1.0.0/16:{OTHER}")
    yield lab
    for name in nfs.SERVERS:
        lab.exec(name, f"exportfs -u 10.1.0.0/16:{OTHER}", check=False)


def test_other_handles_are_refused(others):
    """rsync copies of a live file system: other handles behind the same names. Nothing is mounted, and it is said why."""
    lab = others
    for options in ("ro,replication=copies", "ro,replication=standby", "ro,replication=shared"):
        out = lab.exec(copies.CLIENT, f"mkdir -p /mnt/other; mount -t nfsha -o vers=4.2,{options} m1,m2:{OTHER} /mnt/other; "
                       "echo status $?", check=False)
        assert "status 0" not in out and "differ" in out, out
        assert not lab.exec(copies.CLIENT, "findmnt -n /mnt/other", check=False).strip()


def test_own_copies_are_not_written(others):
    """Both serve, each a copy of its own, and somebody wants to write: refused, for copies and for the default."""
    lab = others
    for options in ("rw,replication=copies", "rw"):
        out = lab.exec(copies.CLIENT, f"mkdir -p /mnt/other; mount -t nfsha -o vers=4.2,{options} m1,m2:{OTHER} /mnt/other; "
                       "echo status $?", check=False)
        assert "status 0" not in out and len(out.strip().split("\n")) > 1, out
        assert not lab.exec(copies.CLIENT, "findmnt -n /mnt/other", check=False).strip()
    out = lab.exec(copies.CLIENT, f"mount -t nfsha -o vers=4.2 m1,m2:{nfs.EXPORT} /mnt/other; echo status $?", check=False)
    assert "status 0" not in out and "same time" in out, out


def test_remount_where_handles_differ(others):
    """mismatch=remount: new opens go on after the death of the server in use; nobody reads anything wrong."""
    lab = others
    lab.exec(copies.CLIENT, "grep -q remount /etc/nfshad.conf 2> /dev/null || echo 'remount yes' >> /etc/nfshad.conf; "
                            "pkill -x nfshad", check=False)  # the mount starts it again, with that right
    harness.wait_for("nfshad has ended", lambda: not lab.exec(copies.CLIENT, "pgrep -x nfshad", check=False).strip(), 20)
    lab.exec(copies.CLIENT, f"mkdir -p /mnt/other; mount -t nfsha -o vers=4.2,ro,replication=copies,mismatch=remount "
                            f"m1,m2:{OTHER} /mnt/other")
    try:
        harness.wait_for("nfshad knows the mount", lambda: nfs.current(lab, copies.CLIENT), 20)
        name = copies.current(lab)
        lab.command("crash", name, "--hold")
        harness.wait_for("new opens work", lambda: lab.exec(
            copies.CLIENT, "timeout 2 cat /mnt/other/one", check=False).strip() == "one", 60)
        out = lab.exec(copies.CLIENT, f"{nfs.LOAD} opener --file /mnt/other/reader --seconds 1")
        assert '"errors": 0, "corrupt": 0' in out, out
        copies.restart(lab, name)
    finally:
        lab.exec(copies.CLIENT, "umount -f -l /mnt/other", check=False)
