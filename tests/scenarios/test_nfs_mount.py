# SPDX-License-Identifier: GPL-2.0-or-later
"""Mounting from two file servers as an administrator does it (thesis 3.15.2.2): the thesis' own command, a line of
/etc/fstab, what findmnt and df show, umount; and what is refused, with the reason."""

import harness
import nfs

THERE = "/mnt/there"
WRAPPER = "cd /sbin && { [ -e mount.nfs.distrib ] || { mv mount.nfs mount.nfs.distrib && ln -s mount.nfsha mount.nfs; }; }"
UNWRAPPED = "cd /sbin && [ -e mount.nfs.distrib ] && rm -f mount.nfs && mv mount.nfs.distrib mount.nfs"


def is_mounted(lab, client, directory):
    return bool(lab.exec(client, f"findmnt -n {directory}", check=False).strip())


def in_group(lab, client, directory):
    """The client's nfshad knows the mount."""
    return any(mount["directory"] == directory for group in nfs.status(lab, client)["groups"] for mount in group["mounts"])


def look_and_leave(lab, client):
    """What an administrator sees of the mount; and it is gone after umount."""
    name = "mounted.by.test"
    lab.exec(client, f"echo {client} > {THERE}/{name} && cat {THERE}/{name} && rm {THERE}/{name}")
    found = lab.exec(client, f"findmnt -n -o SOURCE,FSTYPE,TARGET {THERE}")
    assert nfs.EXPORT in found and "nfs" in found and THERE in found, found
    size = lab.exec(client, f"df --output=size,target {THERE}").split()
    assert int(size[-2]) > 100_000 and size[-1] == THERE, size
    harness.wait_for("nfshad knows the mount", lambda: in_group(lab, client, THERE), 20)
    lab.exec(client, f"umount {THERE}")
    assert not is_mounted(lab, client, THERE)
    harness.wait_for("nfshad has forgotten the mount", lambda: not in_group(lab, client, THERE), 20)


def test_the_thesis_own_command(nfs_lab):
    """mount -t nfs master-a,master-b:/… with the wrapper in mount.nfs' place; a mount of one server is left to mount.nfs."""
    lab = nfs_lab
    lab.exec("t1", f"mkdir -p {THERE}; {WRAPPER}")
    try:
        lab.exec("t1", f"mount -t nfs {nfs.SOURCE} {THERE}")
        look_and_leave(lab, "t1")
        name = nfs.server(lab)
        lab.exec("t1", f"mount -t nfs {name}:{nfs.EXPORT} {THERE}; ls {THERE}; umount {THERE}")
    finally:
        lab.exec("t1", UNWRAPPED)


def test_fstab(nfs_lab):
    """A line of /etc/fstab, and mount -a; by names and by addresses, IPv4."""
    lab = nfs_lab
    addresses = ",".join(nfs.ADDRESS[name] for name in nfs.SERVERS)
    for source, options in ((nfs.SOURCE, "vers=4.2"), (f"{addresses}:{nfs.EXPORT}", "vers=3,noatime")):
        lab.exec("t2", f"mkdir -p {THERE}; echo '{source} {THERE} nfsha {options},_netdev 0 0' > /etc/fstab; mount -a")
        look_and_leave(lab, "t2")
        lab.exec("t2", f"mount {THERE} && umount {THERE} && : > /etc/fstab")


def test_mounting_is_refused_with_the_reason(nfs_lab):
    """Wrong syntax, servers that are not there, an export that nobody has: an error, and nothing mounted."""
    lab = nfs_lab
    for source, wanted in ((f"m1,:{nfs.EXPORT}", ""), ("m1,m2", ""), (f"m1,nowhere:{nfs.EXPORT}", "nowhere"),
                           (f"10.1.0.201,10.1.0.202:{nfs.EXPORT}", "10.1.0.202"), ("m1,m2:/srv/nothing", "/srv/nothing")):
        out = lab.exec("t1", f"mkdir -p {THERE}; mount -t nfsha {source} {THERE}; echo status $?", check=False)
        assert "status 0" not in out and wanted in out and len(out.strip().split("\n")) > 1, out
        assert not is_mounted(lab, "t1", THERE)


def test_mounting_while_a_server_is_down(nfs_lab):
    """The first one of the list is off: the other one is mounted, within seconds."""
    lab = nfs_lab
    harness.wait_for("a server in use", lambda: nfs.server(lab))
    standby = nfs.other(nfs.server(lab))
    lab.command("crash", standby, "--hold")
    lab.exec("t1", f"mkdir -p {THERE}; timeout 20 mount -t nfsha {standby},{nfs.other(standby)}:{nfs.EXPORT} {THERE}")
    look_and_leave(lab, "t1")
    lab.command("boot", standby)
