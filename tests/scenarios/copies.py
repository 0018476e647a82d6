# SPDX-License-Identifier: GPL-2.0-or-later
"""Two file servers that both serve, read-only, what is published on one of them (thesis 3.15.3, figure 42), and one
client. A lab without cluster software: has-nfs-publish, nfsd and nfshad need none."""

import json

import harness
import nfs

CLIENT = "t1"
SOURCE = "/srv/source"
MOUNTS = {"4.2": "/mnt/copies4", "3": "/mnt/copies3"}
STATE = "/srv/state"
LINES = "10.1.0.0/16(ro,fsid=7,no_subtree_check,no_root_squash)"
FILES = 40

PUBLISH = """\
name {name}
mode image
directory {export}
peer {peer} {address}
key /etc/has/publish.key
state {state}
size 24
batch 1 2
"""

# Each server: the state on the data disk, a key that is bound to one command, and NFS with the settings of docs/nfs.md.
MAKE = "mkfs.ext4 -q -F /dev/ubdb\n"
SET_UP = """
set -e
mkdir -p {state} {export} /etc/has; mount /dev/ubdb {state}
cp /root/.ssh/has_lab /etc/has/publish.key; cp /root/.ssh/has_lab_hosts /root/.ssh/known_hosts
echo "restrict,command=\\"/usr/sbin/has-nfs-publish receive {peer}\\" $(cat /root/.ssh/has_lab.pub)" > /root/.ssh/authorized_keys
cat > /etc/has/publish.conf << 'END'
{conf}END
printf '[nfsd]\\nlease-time=10\\ngrace-time=10\\n' > /etc/nfs.conf.d/copies.conf
"""


def configure(lab, name, first=False):
    """The server's files; a node's root is memory, so they are gone after a power failure."""
    peer = nfs.other(name)
    conf = PUBLISH.format(name=name, export=nfs.EXPORT, peer=peer, address=nfs.ADDRESS[peer], state=STATE)
    if name == "m1":
        conf += f"source {SOURCE}\n"
    lab.exec(name, (MAKE if first else "") + SET_UP.format(conf=conf, state=STATE, export=nfs.EXPORT, peer=peer))


def set_up(lab):
    """Publishes the first version, and both servers serve it."""
    for name in nfs.SERVERS:
        configure(lab, name, True)
    lab.exec("m1", f"mkdir -p {SOURCE} && cd {SOURCE} && for n in $(seq {FILES}); do "
                   f"{nfs.LOAD} fill --file $n --records 16 || exit 1; done; {nfs.LOAD} fill --file reader --records 1024")
    for name in reversed(nfs.SERVERS):
        lab.exec(name, "has-nfs-publish init")
    publish(lab)
    for name in nfs.SERVERS:
        serve(lab, name)


def publish(lab):
    lab.exec("m1", "has-nfs-publish publish")


def serve(lab, name):
    lab.exec(name, f"mountpoint -q {STATE} || mount /dev/ubdb {STATE}; mountpoint -q {nfs.EXPORT} || has-nfs-publish switch; "
                   f"/etc/init.d/nfsserver start && exportfs -o {LINES[LINES.index('(') + 1:-1]} 10.1.0.0/16:{nfs.EXPORT}")


def restart(lab, name):
    """A server that lost power is there again, and serves."""
    lab.command("boot", name)
    configure(lab, name)
    serve(lab, name)


def group(lab):
    """The client's only group as its nfshad sees it."""
    found = nfs.status(lab, CLIENT)["groups"]
    if len(found) != 1:
        raise harness.Failed(f"{CLIENT} has {len(found)} groups: {json.dumps(found)}")
    return found[0]


def entry(lab, name):
    """How the client sees a server of the group."""
    return next(server for server in group(lab)["servers"] if name in (server["name"], server["address"])
                or nfs.ADDRESS[name] in (server["name"], server["address"]))


def current(lab):
    return next((name for name in nfs.SERVERS if group(lab)["current"] in (name, nfs.ADDRESS[name])), None)


def wait_pair(lab):
    """Both servers are up and proven to serve the same."""
    harness.wait_for("both servers serve the same", lambda: all(
        (entry(lab, name)["health"], entry(lab, name)["identity"]) == ("up", "same") for name in nfs.SERVERS), 60)
