# SPDX-License-Identifier: GPL-2.0-or-later
"""A file server dies in every way that a server can, and its content stays readable and writable (thesis 3.15, 3.24.7,
figures 41, 43 and 70; tests/lab/storage.conf: DRBD, one server in use). Each scenario runs every kind of work on NFSv4.2
and NFSv3 at once: reading, opening, writing with fsync, a database, a lock holder, git clone and tar. Afterwards: no
acknowledged write is lost, no error was seen, nothing hangs."""

import threading
import time

import harness
import nfs


def wait_in_use(lab, wanted=None, deadline=nfs.RECOVER):
    """The server in use, once there is one (that one)."""
    return harness.wait_for(f"{wanted or 'a server'} is in use",
                            lambda: (lambda found: found if wanted in (None, found) else None)(nfs.server(lab)), deadline)


def wait_moved(lab, name, deadline=nfs.RECOVER):
    """Every client's nfshad is on that server."""
    for client in nfs.CLIENTS:
        harness.wait_for(f"{client} uses {name}", lambda client=client: nfs.is_on(lab, client, name), deadline)


def on_it(lab):
    """The server in use, when every client's nfshad is there."""
    name = nfs.server(lab)
    return name if name and all(nfs.is_on(lab, client, name) for client in nfs.CLIENTS) else None


def locked_by_others(lab, work):
    """Does the other client see the lock that the holder believes to have?"""
    watcher = next(client for client in nfs.CLIENTS if client != work.client)
    return '"locked": true' in lab.exec(watcher, f"{nfs.LOAD} locked --file {work.directory}/locker")


def finish(lab, workers, name, deaths=1, **more):
    """Locks of NFSv4 are still held, which the other client confirms; of NFSv3's it is written down."""
    held = {work.version: locked_by_others(lab, work) for work in workers.works}
    workers.finish(name, deaths, v3_lock_held=held.get("3"), **more)
    assert held.get("4.2", True), "the lock of NFSv4.2 is gone"


def test_power_failure_and_return(nfs_lab):
    """3.24.7, figure 70: the server in use loses power, the other one serves. The lost one returns, DRBD brings it up to
    date in the background, with what has changed only, while the clients go on."""
    lab = nfs_lab
    dead = wait_in_use(lab)
    with nfs.all_kinds(lab) as workers:
        began = nfs.now()
        lab.command("crash", dead, "--hold")
        alive = wait_in_use(lab, nfs.other(dead))
        serving = nfs.now() - began
        wait_moved(lab, alive)
        workers.wait(since=nfs.now())
        lab.command("boot", dead)
        harness.wait_for("both disks are in sync again", lambda: nfs.in_sync(lab, alive), nfs.RECOVER, 1.0)
        workers.wait(since=nfs.now())
        resynchronised = nfs.resynchronised(lab, alive)
        assert wait_in_use(lab) == alive, "it moved back by itself"
        size = nfs.size_kb(lab, alive)
        assert 0 < resynchronised < size / 2, f"{resynchronised} KB of {size} KB were copied"
        finish(lab, workers, "the server in use loses power, and returns", serving_s=round(serving, 1),
               resynchronised_kb=resynchronised)


def test_nfsd_ends(nfs_lab):
    """nfsd ends while the node lives; then it is shot, with the programs that it needs. It is started again."""
    lab = nfs_lab
    with nfs.all_kinds(lab) as workers:
        for how in ("echo 0 > /proc/fs/nfsd/threads", "kill -9 $(pgrep -x 'nfsd|rpc.mountd|nfsdcld')"):
            name = wait_in_use(lab)
            lab.exec(name, how)
            harness.wait_for("Pacemaker has noticed", lambda name=name: failures(lab, name), nfs.RECOVER)
            wait_in_use(lab)
            workers.wait(since=nfs.now())
            lab.exec(name, "crm_resource --cleanup -r storage-server")
        finish(lab, workers, "nfsd ends, and is shot", deaths=2)


def failures(lab, name):
    return "storage-server" in lab.exec(name, "crm_mon -1 --include=none,failures", check=False)


def test_ports_cut(nfs_lab):
    """The server in use hears nobody any more, the power switch neither: it is fenced. (If it could still reach that one
    it would win: the server that has the content fences first, so that a cut between the servers moves nothing.) The other
    one serves, or, where its promotion took longer than the start of the fenced one, that one again."""
    lab = nfs_lab
    name = wait_in_use(lab)
    with nfs.all_kinds(lab) as workers:
        boots = nfs.boot_id(lab, name)
        lab.exec(name, "printf '#!/bin/sh\\nexit 1\\n' > /usr/sbin/fence_lab")  # a reboot brings it back
        for port in ("eth0", "eth1"):
            lab.command("link", name, port, "down")
        harness.wait_for(f"{name} is fenced", lambda: nfs.boot_id(lab, name) not in ("", boots), nfs.RECOVER)
        for port in ("eth0", "eth1"):
            lab.command("link", name, port, "up")
        harness.wait_for("the clients are on the server in use", lambda: on_it(lab), nfs.RECOVER)
        workers.wait(since=nfs.now())
        alive = wait_in_use(lab)
        finish(lab, workers, "both ports of the server in use are cut", moved=alive != name)


def test_port_to_clients_cut(nfs_lab):
    """Only the LAN of the clients is cut for a while: the servers still hear each other and nobody takes over. The clients
    wait, and go on."""
    lab = nfs_lab
    name = wait_in_use(lab)
    with nfs.all_kinds(lab) as workers:
        lab.command("link", name, "eth0", "blackhole")
        time.sleep(4)  # what is under test is a fault of that length
        lab.command("link", name, "eth0", "up")
        workers.wait(since=nfs.now())
        finish(lab, workers, "the port to the clients is cut for 4 s", deaths=0, moved=wait_in_use(lab) != name)


def test_frozen_and_thawed_late(nfs_lab):
    """The server in use stands still, and wakes up when the other one already waits for its end: what it acknowledges then
    must be on the other one, too. It is fenced; in between nobody loses anything."""
    lab = nfs_lab
    name = wait_in_use(lab)
    other = nfs.other(name)
    with nfs.all_kinds(lab) as workers:
        boots = nfs.boot_id(lab, name)
        with nfs.fencing_delayed(lab, other, 8):
            lab.command("freeze", name)
            harness.wait_for(f"{other} has lost {name}", lambda: nfs.has_lost(lab, other, name), nfs.RECOVER)
            lab.command("thaw", name)
            # in this time the thawed one believes to be the server in use
            thawed = nfs.drbd(lab, name)
        harness.wait_for("the clients are on the server in use", lambda: on_it(lab), nfs.RECOVER)
        workers.wait(since=nfs.now())
        harness.wait_for("both servers are whole", lambda: nfs.is_whole(lab), nfs.RECOVER, 1.0)
        alive = wait_in_use(lab)
        if alive == other:
            assert nfs.boot_id(lab, name) != boots, f"{name} was not fenced"
        # finish() compares the disks: what the thawed one has acknowledged is on the other one, too
        finish(lab, workers, "the server in use is frozen, and thawed late", thawed=thawed.get("cs"), in_use=alive == other)


def test_both_lost_last_returns(nfs_lab):
    """The standby is lost, the server in use knows that and goes on, and is lost, too. It returns, alone: it knows that
    nobody has later writes, and serves. Then the other one returns."""
    lab = nfs_lab
    name = wait_in_use(lab)
    with nfs.all_kinds(lab) as workers:
        lab.command("crash", nfs.other(name), "--hold")
        harness.wait_for(f"{name} goes on alone", lambda: nfs.seen(lab, name).get("ds") == "UpToDate/Outdated", nfs.RECOVER)
        workers.wait(since=nfs.now())
        lab.command("crash", name, "--hold")
        lab.command("boot", name)
        wait_in_use(lab, name)
        workers.wait(since=nfs.now())
        lab.command("boot", nfs.other(name))
        harness.wait_for("both disks are in sync again", lambda: nfs.in_sync(lab, name), nfs.RECOVER, 1.0)
        finish(lab, workers, "both servers are lost one after the other, the last one returns")


def test_both_lost_together(nfs_lab):
    """Both are lost at once and one returns: the other one could have later writes, so it does not serve until somebody who
    knows says so, as docs/nfs.md tells. Clients wait meanwhile. Then the other one returns."""
    lab = nfs_lab
    name = wait_in_use(lab)
    with nfs.all_kinds(lab) as workers:
        lab.command("crash", nfs.other(name), "--hold")
        lab.command("crash", name, "--hold")
        lab.command("boot", name)
        harness.wait_for(f"the disk of {name} is there", lambda: nfs.seen(lab, name).get("ds") == "Consistent/DUnknown",
                         nfs.RECOVER)
        harness.wait_for("the cluster has nothing more to do", lambda: nfs.is_idle(lab, name), nfs.RECOVER)
        assert nfs.seen(lab, name)["ro"].startswith("Secondary"), "promoted without knowing of later writes"
        lab.exec(name, "drbdsetup disk-options 0 --fencing=dont-care && drbdadm primary content && "
                 "drbdadm secondary content && drbdadm adjust content")
        wait_in_use(lab, name)
        workers.wait(since=nfs.now())
        lab.command("boot", nfs.other(name))
        harness.wait_for("both disks are in sync again", lambda: nfs.in_sync(lab, name), nfs.RECOVER, 1.0)
        finish(lab, workers, "both servers are lost at once, one returns")


def test_planned_moves(nfs_lab):
    """The administrator moves the content to the other server and back, by standby and by a constraint."""
    lab = nfs_lab
    name = wait_in_use(lab)
    other = nfs.other(name)
    with nfs.all_kinds(lab) as workers:
        lab.exec(name, f"crm node standby {name}")
        wait_in_use(lab, other)
        wait_moved(lab, other)
        workers.wait(since=nfs.now())
        lab.exec(other, f"crm node online {name}")
        harness.wait_for("both disks are in sync again", lambda: nfs.in_sync(lab, other), nfs.RECOVER, 1.0)
        lab.exec(other, f"crm resource move storage {name} force")  # as docs/nfs.md says
        wait_in_use(lab, name)
        wait_moved(lab, name)
        workers.wait(since=nfs.now())
        lab.exec(name, "crm resource clear storage")
        finish(lab, workers, "moved by standby and back by a constraint", deaths=2)


def test_full_disk(nfs_lab):
    """The application that fills the disk gets ENOSPC. Nobody takes over, and those that overwrite go on."""
    lab = nfs_lab
    name = wait_in_use(lab)
    modes = ("reader", "opener", "writer")
    with nfs.Workers(lab, nfs.Work(lab, "t1", "4.2", modes), nfs.Work(lab, "t2", "3", modes)) as workers:
        harness.wait_for("the writers have no new blocks to ask for",
                         lambda: all(work.states()[0]["writer"]["operations"] > nfs.RECORDS for work in workers.works))
        for client, version in (("t1", "4.2"), ("t2", "3")):
            out = lab.exec(client, f"dd if=/dev/zero of={nfs.MOUNTS[version]}/full bs=1M conv=fsync 2>&1", check=False)
            assert "No space left on device" in out, out
        workers.wait(since=nfs.now())
        lab.exec("t1", f"rm {nfs.MOUNTS['4.2']}/full")
        workers.wait(since=nfs.now())
        assert wait_in_use(lab) == name
        workers.finish("the disk is full for a while")
