# SPDX-License-Identifier: GPL-2.0-or-later
"""What the scenarios of HA-NFS share: the file servers as DRBD and nfsd tell of them, mounts on the clients, and work on
these mounts, every acknowledged write of which is checked afterwards. The lab is that of tests/lab/storage.conf."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import time

import harness
import trees

SERVERS = ("m1", "m2")
CLIENTS = ("t1", "t2")
ADDRESS = {"m1": "10.1.0.1", "m2": "10.1.0.2"}
EXPORT = "/srv/content"
SOURCE = f"m1,m2:{EXPORT}"
MOUNTS = {"4.2": "/mnt/v4", "3": "/mnt/v3"}
LOAD = "/usr/lib/has-lab/nfs_load"
LABS = pathlib.Path(os.environ.get("HAS_LAB_DIR", "/run/has-lab"))
DRBD_META = 1 << 20  # bytes at the end of the disk, not less than DRBD's own
RECORDS = 256  # of each file
RECOVER = 300  # s, for a server that has died to be replaced: on a loaded machine, too


def other(server):
    return "m2" if server == "m1" else "m1"


def up(lab):
    return [node["name"] for node in lab.status()["nodes"] if node["up"]]


SEEN = f"cat /proc/drbd; echo threads $(cat /proc/fs/nfsd/threads); findmnt -n -o TARGET {EXPORT}; exportfs -s; nft list tables"


def seen(lab, name):
    """A server: {"cs": "Connected", "ro": "Primary/Secondary", "ds": "UpToDate/UpToDate", "oos": "0", "serves": bool}. It
    serves when nfsd runs, the content is mounted and exported, and no rule shuts the port."""
    text = lab.exec(name, SEEN, check=False)
    lines = text.split("\n")
    found = dict(word.split(":", 1) for word in text.split() if word.partition(":")[0] in ("cs", "ro", "ds", "oos"))
    found["serves"] = not any(word in text for word in ("threads 0", "has_nfs")) and "threads " in text and EXPORT in lines \
        and any(line.startswith(f"{EXPORT} ") for line in lines)
    return found


def drbd(lab, name):
    return seen(lab, name)


def server(lab):
    """The server in use, or None; fails when both are primary."""
    there = up(lab)
    servers = {name: seen(lab, name) for name in SERVERS if name in there}
    found = [name for name, what in servers.items() if what.get("ro", "").startswith("Primary")]
    if len(found) > 1:
        raise harness.Failed(f"two primaries: {servers}")
    return found[0] if found and servers[found[0]]["serves"] else None


def in_sync(lab, name):
    return seen(lab, name).get("ds") == "UpToDate/UpToDate"


def both_ready(lab):
    """The server in use, when both disks are in sync."""
    name = server(lab)
    return name if name and all(in_sync(lab, each) for each in SERVERS) else None


def is_idle(lab, name):
    """Pacemaker has nothing left to do, as that node sees it."""
    return "idle" in lab.exec(name, "crm_resource --wait --timeout=20s && echo idle", check=False)


def is_whole(lab):
    """Both servers could take over from each other, and Pacemaker has nothing left to do. What it complains of is wiped: on
    a loaded machine a monitor is late now and then."""
    text = lab.exec(SERVERS[0], "crm_mon -1 -r --include=none,nodes,resources,failures", check=False)
    if "Failed" in text:
        lab.exec(SERVERS[0], "crm_resource --cleanup", check=False)
    complaints = [word for word in ("UNCLEAN", "pending", "OFFLINE", "Stopped", "Failed", "standby", "Starting", "Stopping",
                                    "Migrating") if word in text]
    if complaints or "Started" not in text:
        raise harness.Failed(f"Pacemaker: {complaints}: {text[-1500:]}")
    name = both_ready(lab)
    # the connections to the clients are on the other server, as the CIB wants it: this one may be lost
    together = [client for client in CLIENTS if name and re.search(rf"\* {client}\s.*Started {name}$", text, re.MULTILINE)]
    if together:
        raise harness.Failed(f"{name} serves the content and has the connections to {together}")
    return name


def make_whole(lab):
    """Every cable and every node, no complaint of Pacemaker's, nothing that pins the server, both disks in sync."""
    status = lab.status()
    for lan in status["lans"]:
        lab.command("lan", lan, "up")
    for node in status["nodes"]:
        for port in node.get("links", {}):
            lab.command("link", node["name"], port, "up")
        if not node["up"]:
            lab.command("boot", node["name"])
    text = lab.exec(SERVERS[0], "crm_mon -1 --include=none,nodes", check=False)
    for name in SERVERS:
        if f"{name}: standby" in text:
            lab.exec(SERVERS[0], f"crm node online {name}")
    harness.wait_for("both file servers are whole", lambda: is_whole(lab), RECOVER, 1.0)


def mount(lab, client, version, source=SOURCE, fstype="nfsha", options="", directory=None):
    lab.exec(client, mount_command(version, source, fstype, options, directory))


def mount_command(version, source=SOURCE, fstype="nfsha", options="", directory=None):
    directory = directory or MOUNTS[version]
    options = f"vers={version}" + (f",{options}" if options else "")
    return f"mkdir -p {directory}; mountpoint -q {directory} || mount -t {fstype} -o {options} {source} {directory}"


def mount_all(lab):
    """Both versions on every client."""
    for client in CLIENTS:
        lab.exec(client, " && ".join(f"{{ {mount_command(version)}; }}" for version in MOUNTS))


def status(lab, client):
    """What the client's nfshad says."""
    text = lab.exec(client, "hasctl --json nfs status", check=False)
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise harness.Failed(f"nfshad of {client}: {text[-300:]}") from error


def current(lab, client):
    """The server that the client's only group uses."""
    groups = status(lab, client)["groups"]
    return groups[0]["current"] if groups and groups[0]["state"] == "steady" else None


def is_on(lab, client, name):
    """All groups of the client are steady on that server."""
    groups = status(lab, client)["groups"]
    return groups and all((group["state"], group["current"]) == ("steady", name) or
                          (group["state"], group["current"]) == ("steady", ADDRESS[name]) for group in groups)


def boot_id(lab, node):
    text = lab.exec(node, "cat /proc/sys/kernel/random/boot_id", check=False).strip()
    return text if len(text) == 36 else ""


def has_lost(lab, node, other_node):
    """Corosync on the node has lost the other one."""
    text = lab.exec(node, "corosync-quorumtool -l", check=False)
    return node in text and other_node not in text


@contextlib.contextmanager
def fencing_delayed(lab, node, seconds):
    """The node's fence agent works so much later, as one does that waits for a slow power switch."""
    lab.exec(node, f"sed -i '2i [ $# -gt 0 ] || sleep {seconds}' /usr/sbin/fence_lab")
    try:
        yield
    finally:
        lab.exec(node, "sed -i '/^.*sleep /d' /usr/sbin/fence_lab", check=False)


def resynchronised(lab, name):
    """KB that the last resynchronisation copied from this server, as DRBD's log tells."""
    found = re.findall(r"will sync (\d+) KB", lab.exec(name, "dmesg"))
    return int(found[-1]) if found else 0


def size_kb(lab, name):
    return int(lab.exec(name, "blockdev --getsize64 /dev/drbd0")) // 1024


def disks_differ(lab):
    """The first difference of the servers' disks as cmp(1) tells it, or ''. DRBD's own part at the end is not compared."""
    images = [LABS / lab.name / "nodes" / name / "data.img" for name in SERVERS]
    size = images[0].stat().st_size - DRBD_META
    return subprocess.run(["cmp", "-n", str(size), *map(str, images)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False).stdout


def compare_disks(lab):
    """Bit by bit the same is on both: no server has acknowledged what the other one does not have. Nobody may write now."""
    lab.exec(server(lab), "sync")
    harness.wait_for("both disks have the same contents", lambda: not disks_differ(lab) or None, 60, 1.0)


class Work:
    """Processes of all kinds on one mount of one client, from start() to stop()."""

    MODES = {"reader": 5000, "opener": 10000, "writer": 10000, "database": 10000, "locker": 20000}  # µs between operations
    WRITERS = ("writer", "database", "locker")

    def __init__(self, lab, client, version, modes=tuple(MODES), trees=False, directory=None, count=None):
        self.lab, self.client, self.version, self.modes, self.trees = lab, client, version, modes, trees
        self.directory = f"{directory or MOUNTS[version]}/work-{client}-{version}"
        self.work = f"/var/log/work-{version}"
        self.name = f"v{version} on {client}"
        self.figures = {}

    def exec(self, shell, check=True):
        return self.lab.exec(self.client, shell, check=check)

    def file(self, mode):
        return f"{self.directory}/{mode}"

    def start(self):
        lines = [f"rm -rf {self.work}; mkdir -p {self.work} {self.directory} && touch {self.work}/go || exit 1"]
        for mode in self.modes:
            if mode not in self.WRITERS:
                lines.append(f"{LOAD} fill --file {self.file(mode)} --records {RECORDS} || exit 1")
        for mode in self.modes:
            log = f"--log {self.work}/{mode}.log" if mode in self.WRITERS else ""
            lines.append(f"setsid {LOAD} {mode} --file {self.file(mode)} --interval-us {self.MODES[mode]} "
                         f"--records {RECORDS} {log} "
                         f"--state {self.work}/{mode}.state > {self.work}/{mode}.out 2> {self.work}/{mode}.err "
                         f"< /dev/null & echo $! > {self.work}/{mode}.pid")
        if self.trees:
            other = next(directory for version, directory in MOUNTS.items() if version != self.version)
            lines.append(trees.start(self.directory, f"{other}/{pathlib.Path(self.directory).name}", self.work))
        self.exec("\n".join(lines))
        return self

    def states(self):
        """By mode: operations, errors, corrupt, at; and the client's own time."""
        text = self.exec(f"cd {self.work}; date +%s.%N; for m in {' '.join(self.modes)}; do cat $m.state; done")
        lines = text.split("\n")
        try:
            return {mode: json.loads(line) for mode, line in zip(self.modes, lines[1:])}, float(lines[0])
        except (json.JSONDecodeError, ValueError) as error:
            raise harness.Failed(f"{self.name}: {text[-300:]}") from error

    def going(self, since=0.0, fresh=1.0):
        """Each kind of work has done something a moment ago, and (epoch) since then."""
        states, now = self.states()
        return all(state["at"] > max(since, now - fresh) for state in states.values())

    def wait(self, deadline=RECOVER, since=0.0):
        harness.wait_for(f"the work of {self.name} goes on", lambda: self.going(since), deadline, 0.5)

    def waiting(self):
        """Processes of the client in uninterruptible sleep, each with where it is."""
        return self.exec("for p in /proc/[0-9]*; do grep -q '^State:.D' $p/status 2> /dev/null && "
                         "echo $(cat $p/comm) $(tr '\\n' ' ' < $p/stack | cut -c-200); done; true", check=False).strip()

    def stop(self):
        """Ends everything in order and returns the figures by mode."""
        self.exec(f"cd {self.work}; rm -f go; kill -TERM " + " ".join(f"$(cat {mode}.pid)" for mode in self.modes))
        try:
            harness.wait_for(f"the work of {self.name} ends", self.has_ended, RECOVER, 0.5)
        except harness.Failed as error:
            raise harness.Failed(f"{error}\n{self.waiting()}\n{self.exec(f'tail {self.work}/trees.*', check=False)}") from error
        for mode in self.modes:
            text = self.exec(f"cat {self.work}/{mode}.out {self.work}/{mode}.err", check=False)
            try:
                self.figures[mode] = json.loads(text.split("\n")[0])
            except json.JSONDecodeError as error:
                raise harness.Failed(f"{self.name}: {mode}: {text[-500:]}") from error
        if self.trees:
            self.figures["trees"] = trees.figures(self.exec, self.work)
        return self.figures

    def has_ended(self):
        every = [*self.modes, *(["trees"] if self.trees else [])]
        still = self.exec(f"cd {self.work}; for m in {' '.join(every)}; do kill -0 $(cat $m.pid) 2> /dev/null && echo $m; done; true")
        if still:
            raise harness.Failed(f"{' '.join(still.split())} still there")
        return True

    def kill(self):
        self.exec(f"cd {self.work} 2> /dev/null && rm -f go && for p in *.pid; do kill -9 -$(cat $p); done", check=False)

    def verify(self, node, directory):
        """Every acknowledged write, read on a node from a directory: {"acknowledged", "lost", "corrupt"} summed up."""
        total = {"acknowledged": 0, "lost": 0, "corrupt": 0}
        logs = self.work
        if node != self.client:
            logs = self.hand_over(node)
        for mode in self.modes:
            if mode not in self.WRITERS:
                continue
            text = self.lab.exec(node, f"{LOAD} verify --file {directory}/{mode} --log {logs}/{mode}.log", check=False)
            try:
                found = json.loads(next(line for line in text.split("\n") if line.startswith("{")))
            except StopIteration as error:
                raise harness.Failed(f"{self.name}: verify {mode} on {node}: {text[-500:]}") from error
            if found["lost"] or found["corrupt"]:
                raise harness.Failed(f"{self.name}: {mode} on {node}: {text[-1500:]}")
            for key in total:
                total[key] += found[key]
        return total

    def hand_over(self, node):
        """The acknowledgements of the client, for a node to read. /var/log of a node is a directory of the host's."""
        logs = pathlib.Path(os.environ.get("HAS_LAB_LOGS", "/var/log/has-lab")) / self.lab.name
        name = f"acknowledged-{self.client}-{self.version}"
        shutil.rmtree(logs / node / name, ignore_errors=True)
        shutil.copytree(logs / self.client / pathlib.Path(self.work).name, logs / node / name,
                        ignore=shutil.ignore_patterns("*.state", "go"))
        return f"/var/log/{name}"


class Workers:
    """Work on several mounts at once, and what is to be said of it at the end."""

    def __init__(self, lab, *works):
        self.lab, self.works = lab, works

    def __enter__(self):
        for work in self.works:
            work.start()
        self.wait()
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            for work in self.works:
                work.kill()

    def wait(self, deadline=RECOVER, since=0.0):
        for work in self.works:
            work.wait(deadline, since)

    def finish(self, name, deaths=0, **more):
        """Everything has ended, nothing was lost, nothing was an error, nothing hangs. The gaps are for the report. deaths:
        how often a server ended or was left while it served, each of which excuses what nfs-ha(7) excepts once."""
        gaps = {}
        for work in self.works:
            for mode, figures in work.stop().items():
                if mode != "trees":
                    gaps[f"{work.version} {mode}"] = round(figures["max_gap_ms"])
        on = harness.wait_for("a server in use", lambda: server(self.lab), RECOVER)
        acknowledged = 0
        for work in self.works:
            acknowledged += work.verify(work.client, work.directory)["acknowledged"]
            work.verify(on, work.directory.replace(work.directory.split("/work-")[0], EXPORT))
        harness.wait_for("both servers are in sync", lambda: both_ready(self.lab), RECOVER, 1.0)
        compare_disks(self.lab)
        harness.record(f"nfs: {name}", acknowledged=acknowledged, lost=0, gaps_ms=gaps,
                       trees={work.name: work.figures["trees"] for work in self.works if work.trees}, **more)
        for work in self.works:
            for mode, figures in work.figures.items():
                if mode == "trees":
                    trees.check(work.name, figures, deaths)
                else:
                    assert figures["errors"] == 0, f"{work.name}: {figures}"
                    assert figures["operations"] > 0, f"{work.name}: {figures}"
            stuck = harness.wait_for(f"no process of {work.client} hangs", lambda work=work: not work.waiting() or "", 20)
            assert stuck is True
        return gaps


def all_kinds(lab):
    """The usual work: NFSv4.2 on t1, NFSv3 on t2, trees on both."""
    return Workers(lab, Work(lab, "t1", "4.2", trees=True), Work(lab, "t2", "3", trees=True))


def now():
    """The time of the nodes' clocks, which is the host's."""
    return time.time()
