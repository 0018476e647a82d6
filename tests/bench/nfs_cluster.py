# SPDX-License-Identifier: GPL-2.0-or-later
"""End to end, for tests/bench/nfs: the file servers are a cluster with Pacemaker, fencing and DRBD, from
tests/lab/storage.conf. What the client notices is the client's part and all of the servers' part."""

import re

import harness
import nfs_peers as peers
import nfs_priority
from nfs_world import CLIENT, EXPORT, LOAD, READ_FILE, SERVERS, WRITE_FILE

CONFIG = harness.TOP / "tests" / "lab" / "storage.conf"
GROUP = "storage"
ADDRESS = "bench-address"
SYNCED = "ds:UpToDate/UpToDate"
TAKEN_OVER_S = 120
# Of each step of a take-over: what Pacemaker's log says when it is done.
STAGES = (("fenced", r"Operation 'reboot' .*targeting {victim} .*: (OK|ok|complete)"),
          ("promoted", r"Result of promote operation for storage-drbd on {server}: ok"),
          ("mounted", r"Result of start operation for storage-fs on {server}: ok"),
          ("serves", r"Result of start operation for storage-server on {server}: ok"),
          ("address", r"Result of start operation for bench-address on {server}: ok"))
STAMP = re.compile(r"^(\w{3} \d{2} \d{2}:\d{2}:\d{2}(?:\.\d+)?)")


class Cluster:
    """The lab with the cluster; the bench mounts by itself."""

    load = LOAD

    def __init__(self, name):
        self.lab = harness.Lab(name)

    def up(self):
        text = CONFIG.read_text(encoding="utf-8")
        path = harness.BUILD / f"bench-{self.lab.name}.conf"
        path.write_text(re.sub(r"^\s*mount(_options)? = .*\n", "", text, flags=re.MULTILINE), encoding="utf-8")
        self.lab.down()
        self.lab.up(2, 1, False, "--config", str(path))
        nfs_priority.favour(self.lab.name)
        server = harness.wait_for("a server serves, the other is in sync", self.ready, 120)
        self.lab.exec(server, "\n".join(f"{LOAD} fill --file {EXPORT}/{file}" for file in (READ_FILE, WRITE_FILE)))

    def down(self):
        self.lab.down()

    def crash(self, server):
        nfs_priority.let_go(self.lab.name, server)
        self.lab.command("crash", "--hold", server)

    def boot(self, server):
        self.lab.command("boot", server)
        nfs_priority.favour(self.lab.name, server)

    def on_client(self, shell, check=True):
        return self.lab.exec(CLIENT, shell, check=check)

    def forget(self, server):
        """A server that begins to serve knows the clients' state from the disk, and nothing else."""

    def server(self):
        """The master that serves, or None."""
        for server in SERVERS:
            try:
                serves = f"mountpoint -q {EXPORT} && [ $(cat /proc/fs/nfsd/threads) -gt 0 ] && echo yes"
                if self.lab.exec(server, serves, check=False).strip() == "yes":
                    return server
            except harness.Failed:
                pass
        return None

    def ready(self):
        """The master that serves when the other one could take over, else None."""
        server = self.server()
        if server is None or SYNCED not in self.lab.exec(server, "cat /proc/drbd", check=False):
            return None
        text = self.lab.exec(server, "crm_mon -1", check=False)
        online = re.search(r"Online: \[(.*)\]", text)
        quiet = "Failed" not in text and "pending" not in text
        return server if online and all(name in online.group(1).split() for name in SERVERS) and quiet else None

    def move(self, target):
        """The administrator's order, with all that it does until the other server serves."""
        self.lab.exec(target, f"crm_resource --move -r {GROUP} -N {target}")
        harness.wait_for(f"{target} serves", lambda: self.server() == target, TAKEN_OVER_S)

    def taken_over(self, victim):
        """Waits until the other server serves."""
        harness.wait_for(f"{peers.other(victim)} serves", lambda: self.server() == peers.other(victim), TAKEN_OVER_S)

    def stages(self, server, victim, since):
        """When each step was done, in s since then, as far as the log of Pacemaker on the new server tells."""
        text = self.lab.exec(server, "tail -n 4000 /var/log/pacemaker/pacemaker.log")
        found = {}
        for line in text.splitlines():
            match = STAMP.match(line)
            when = peers.epoch(match.group(1)) if match else 0
            for name, pattern in STAGES if when >= int(since) else ():
                if re.search(pattern.format(victim=victim, server=server), line):
                    found[name] = round(when - since, 2)
        return found


class Address(peers.Peer):
    """A plain mount of a floating address, the last one of the group with the server."""

    name = "plain mount, IPaddr2"
    setting = "Pacemaker moves it"

    def mount(self, version):
        server = self.world.server()
        self.world.lab.exec(server, f"crm -F configure primitive {ADDRESS} ocf:heartbeat:IPaddr2 "
                                    f"params ip={peers.FLOATING} cidr_netmask=24 nic=eth0 op monitor interval=5s && "
                                    f"crm -F configure modgroup {GROUP} add {ADDRESS}")
        self.world.on_client(f"mkdir -p {peers.MOUNT}; ip neigh flush to {peers.FLOATING}")
        harness.wait_for("the floating address is mounted", lambda: self.try_mount(version), 60, 1)

    def try_mount(self, version):
        return "mounted" in self.world.on_client(
            f"timeout 10 mount -t nfs -o {peers.options(version)} {peers.FLOATING}:{EXPORT} {peers.MOUNT} && "
            "echo mounted", check=False)

    def unmount(self):
        super().unmount()
        server = self.world.server()
        if server:
            self.world.lab.exec(server, f"crm_resource --resource {ADDRESS} --set-parameter target-role --meta "
                                        f"--parameter-value Stopped; crm_resource --wait; "
                                        f"crm -F configure delete {ADDRESS}", check=False)

    def server(self):
        return self.world.server()


class Has(peers.Daemon):
    """nfshad, with what only one server serves at a time."""

    replication = "standby"

    def ready(self):
        return self.status()["state"] == "steady"


class HasSeries(peers.Both):
    """The kernel series moves at its own time-outs; nfshad tells it, too."""

    replication = "standby"

    def ready(self):
        return self.status()["state"] == "steady"


ALL = {"nfshad": Has, "both": HasSeries, "floating": Address}
