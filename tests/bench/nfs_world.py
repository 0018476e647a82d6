# SPDX-License-Identifier: GPL-2.0-or-later
"""The world of tests/bench/nfs: two file servers with disks that are identical block by block, and a client.

Both serve all the time, so that the figures are those of the client's mechanism: nothing has to be promoted, mounted or
started. Each server is a master node, the client a traffic node of a lab without cluster software."""

import json
import shutil
import sys
import time

import harness
import nfs_priority

sys.path.insert(0, str(harness.TOP / "tests" / "lab"))
from haslab import storage  # noqa: E402
from haslab.lab import Lab as Paths  # noqa: E402

SERVERS = {"m1": "10.1.0.1", "m2": "10.1.0.2"}
CLIENT = "t1"
EXPORT = "/srv/content"
MOUNT = "/mnt/content"
DISK_MB = 64
LOAD = "/usr/lib/has-lab/nfs_load"
READ_FILE, WRITE_FILE = "read", "write"
SEEN_MS = 5  # shorter gaps are not told one by one
SETTLE = 1.0  # seconds of load before and after a fault

# The scope is that of both servers, as the agent sets it. Without clients there is no grace that could be ended.
SERVE = f"""
set -e
mkdir -p {EXPORT}
mountpoint -q {EXPORT} || mount /dev/ubdb {EXPORT}
echo 10 >/proc/fs/nfsd/nfsv4leasetime
echo 10 >/proc/fs/nfsd/nfsv4gracetime
mkdir -p /etc/exports.d
echo '{EXPORT} *(rw,no_root_squash,no_subtree_check,sync,fsid=1,insecure)' >/etc/exports.d/bench.exports
unshare -u sh -c 'echo has-nfs >/proc/sys/kernel/hostname; exec /etc/init.d/nfsserver start'
echo Y >/proc/fs/nfsd/v4_end_grace 2>/dev/null || true
"""

MAKE_DISK = f"""
set -e
mkfs.ext4 -q -F -E lazy_itable_init=0,lazy_journal_init=0 /dev/ubdb
mkdir -p {EXPORT}
mount /dev/ubdb {EXPORT}
for file in {READ_FILE} {WRITE_FILE}; do {LOAD} fill --file {EXPORT}/$file; done
umount {EXPORT}
"""


class World:
    """The lab, with the client's node and both servers."""

    def __init__(self, name):
        self.lab = harness.Lab(name)
        self.load = LOAD

    def up(self):
        self.lab.down()
        self.lab.command("up", "--plain", "--masters", "2", "--traffic", "1", "--storage", str(DISK_MB), capture=False)
        self.lab.exec("m1", MAKE_DISK)
        paths = Paths(self.lab.name).load()
        shutil.copyfile(*(storage.image(paths, paths.node(server)) for server in SERVERS))
        for server in SERVERS:
            self.serve(server)
        nfs_priority.favour(self.lab.name)

    def crash(self, server):
        nfs_priority.let_go(self.lab.name, server)
        self.lab.command("crash", "--hold", server)

    def serve(self, server):
        self.lab.exec(server, SERVE)

    def down(self):
        self.lab.down()

    def boot(self, server):
        self.lab.command("boot", server)
        nfs_priority.favour(self.lab.name, server)
        self.serve(server)

    def forget(self, server):
        """That server drops what it knows of the client from before. Linux's client since 4.1 waits 5 s for each open
        file when a server still has its opens; a server that was lost has none: it was started anew, or fenced."""
        self.lab.exec(server,
                      "for client in /proc/fs/nfsd/clients/*/ctl; do echo expire >$client; done 2>/dev/null; true")

    def on_client(self, shell, check=True):
        return self.lab.exec(CLIENT, shell, check=check)


class Workload:
    """A reader and a writer that calls fsync, on the client, until they are stopped."""

    def __init__(self, world):
        self.world = world

    def __enter__(self):
        self.world.on_client("\n".join(
            f"setsid {self.world.load} {mode} --file {MOUNT}/{file} --seconds 600 --gap-ms {SEEN_MS} "
            f">/run/{mode}.json 2>&1 </dev/null &\n"
            f"echo $! >/run/{mode}.pid" for mode, file in (("reader", READ_FILE), ("writer", WRITE_FILE))))
        return self

    def __exit__(self, *_):
        self.world.on_client("kill -KILL $(cat /run/reader.pid /run/writer.pid) 2>/dev/null; true", check=False)

    def stop(self):
        """Ends both, returns what each found."""
        text = self.world.on_client(
            "kill -TERM $(cat /run/reader.pid /run/writer.pid); end=$(($(date +%s) + 60)); "
            "while kill -0 $(cat /run/reader.pid) 2>/dev/null || kill -0 $(cat /run/writer.pid) 2>/dev/null; "
            "do sleep 0.02; [ $(date +%s) -lt $end ] || exit 1; done; cat /run/reader.json /run/writer.json")
        try:
            return {figures["mode"]: figures for figures in map(json.loads, text.splitlines())}
        except json.JSONDecodeError as error:
            raise harness.Failed(f"nfs_load printed no figures: {error}: {text[-300:]}") from error


def settle():
    time.sleep(SETTLE)  # a bench measures over time, it waits for no state
