# SPDX-License-Identifier: GPL-2.0-or-later
"""The peers of tests/bench/nfs: how the client's mount gets from a server that is lost to the other one."""

import datetime
import json
import pathlib

import harness
from nfs_world import EXPORT, MOUNT, SERVERS

HERE = pathlib.Path(__file__).resolve().parent
PROBE = {"interval": 20, "timeout": 60, "fall": 2}
FLOATING = "10.1.0.200"
MOVER = "/run/nfs_mover.py"
LOG = "/var/log/has/nfshad.log"
SERIES = "/sys/module/sunrpc/parameters/failover"  # the sign that the kernel has it
STARTED = "moving from "  # what nfshad says when it has decided


def other(server):
    return next(name for name in SERVERS if name != server)


def named(address):
    """The server with that address."""
    return next((name for name, other_address in SERVERS.items() if other_address == address), None)


def epoch(stamp):
    """The time of a line in a log of libqb: "Nov 21 17:28:22.526"."""
    year = datetime.datetime.now().year
    form = "%Y %b %d %H:%M:%S.%f" if "." in stamp else "%Y %b %d %H:%M:%S"
    return datetime.datetime.strptime(f"{year} {stamp}", form).timestamp()


def options(version, *more):
    """Mount options of that version. The locks of NFSv3 play no part here."""
    return ",".join([f"vers={version}", *(["nolock"] if version == "3" else []), *more])


class Peer:
    """What all peers share."""

    name = None
    setting = ""
    unmount_shell = f"umount -f {MOUNT} 2>/dev/null || umount -f -l {MOUNT} 2>/dev/null; true"

    def __init__(self, world):
        self.world = world

    def available(self):
        """Whether this client can be such a peer."""
        return True

    def mount(self, version):
        """Mounts, so that m1 is the server in use."""
        raise NotImplementedError

    def unmount(self):
        self.world.on_client(self.unmount_shell)

    def server(self):
        """The server in use."""
        raise NotImplementedError

    def ready(self):
        """Whether the other server could take over."""
        return True

    def armed(self):
        """Called before the load begins."""

    def move(self, target):
        """A planned move, commanded now."""
        raise NotImplementedError

    def decided(self, since):
        """When the move was decided (epoch), or None: nobody tells."""
        return None

    def lost(self, fault, victim):
        """Called when that fault has just happened."""

    def took_over(self, victim):
        """Called when the fault is over, before the victim is mended."""

    def mended(self, victim):
        """Called when the victim serves again."""


class Transports(Peer):
    """mount.nfsha: the kernel's transports tell which server is used."""

    mount_options = ()
    configuration = ""
    replication = "shared"

    def mount(self, version):
        servers = ",".join(SERVERS.values())  # the names have IPv6 addresses, too, which mainline cannot move
        self.world.on_client(
            f"mkdir -p {MOUNT} {pathlib.Path(LOG).parent}; kill $(pidof nfshad) 2>/dev/null; "
            "while pidof nfshad >/dev/null; do sleep 0.05; done; "
            f"cat >/etc/nfshad.conf <<'END'\n{self.configuration}END\n"
            f"mount -t nfsha -o {options(version, f'replication={self.replication}', *self.mount_options)} "
            f"{servers}:{EXPORT} {MOUNT}")

    def server(self):
        text = self.world.on_client("cat /sys/kernel/sunrpc/xprt-switches/switch-*/xprt-*-tcp/dstaddr")
        used = {line.strip() for line in text.splitlines()} & set(SERVERS.values())
        return named(used.pop()) if len(used) == 1 else None


class Daemon(Transports):
    """nfshad, which uses what every kernel has."""

    name = "nfsha, nfshad"
    setting = "probe {interval} timeout={timeout} fall={fall}".format(**PROBE)
    mount_options = ("failover=daemon",)
    series = "no"

    @property
    def configuration(self):
        return f"{self.setting} rise=3\nerrorlog {LOG}\nseries {self.series}\n"

    def status(self):
        text = self.world.on_client("hasctl --json nfs status")
        try:
            return json.loads(text)["groups"][0]
        except (json.JSONDecodeError, KeyError, IndexError) as error:
            raise harness.Failed(f"hasctl nfs status printed no group: {text[-300:]}") from error

    def server(self):
        return named(self.status()["current"])

    def ready(self):
        return all(server["health"] == "up" and server["identity"] == "same" for server in self.status()["servers"])

    def move(self, target):
        """With patience: on a busy machine a probe may have been late a moment ago."""
        self.world.on_client(
            f"for try in 1 2 3 4 5; do hasctl nfs switch {SERVERS[target]} && exit; sleep 0.2; done; false")

    def decided(self, since):
        """The last one since: nfshad may have tried before. Its log counts in the kernel's ticks, 10 ms in the lab."""
        lines = [line for line in self.world.on_client(f"tail -n 200 {LOG}").splitlines() if STARTED in line]
        return next((when for when in (epoch(" ".join(line.split()[:3])) for line in reversed(lines)) if when >= since),
                    None)


def has_series(world):
    return world.on_client(f"test -e {SERIES} && echo yes", check=False).strip() == "yes"


class Both(Daemon):
    """nfshad where the kernel has the series: it probes and decides, the kernel moves."""

    name = "nfsha, nfshad and series"
    mount_options = ("failover=auto",)
    series = "yes"

    def available(self):
        return has_series(self.world)


class Series(Transports):
    """The kernel alone: a server is lost when a call was not answered timeo x (retrans + 1)."""

    name = "nfsha, kernel series"
    setting = "timeo=2,retrans=1"
    mount_options = ("failover=kernel", "timeo=2", "retrans=1")
    configuration = ""

    def available(self):
        return has_series(self.world)

    def move(self, target):
        self.world.on_client("for file in /sys/kernel/sunrpc/xprt-switches/switch-*/xprt-*-tcp/failover; "
                             f"do echo {SERVERS[target]} >$file; done")


class Floating(Peer):
    """A plain mount of an address that is moved at once: nothing is fenced, promoted or started."""

    name = "plain mount, address moved at once"
    setting = Daemon.setting
    at = None

    def mount(self, version):
        text = (HERE / "nfs_mover.py").read_text(encoding="utf-8")
        for server in SERVERS:
            self.world.lab.exec(server, f"ip address del {FLOATING}/32 dev eth0 2>/dev/null; "
                                        f"cat >{MOVER} <<'END'\n{text}END", check=True)
        self.at = "m1"
        self.world.lab.exec("m1", f"ip address add {FLOATING}/32 dev eth0")
        self.world.on_client(f"mkdir -p {MOUNT}; ip neigh flush to {FLOATING}; "
                             f"mount -t nfs -o {options(version)} {FLOATING}:{EXPORT} {MOUNT}")

    def server(self):
        return self.at

    def armed(self):
        text = (HERE / "nfs_mover.py").read_text(encoding="utf-8")
        self.world.lab.exec(other(self.at),
                            f"cat >{MOVER} <<'END'\n{text}END\n"
                            "kill $(cat /run/mover.pid 2>/dev/null) 2>/dev/null; "
                            f"setsid python3 {MOVER} --watch {SERVERS[self.at]} --take {FLOATING} "
                            f"--interval {PROBE['interval']} --timeout {PROBE['timeout']} --fall {PROBE['fall']} "
                            ">/run/mover.json 2>&1 </dev/null & echo $! >/run/mover.pid")

    def move(self, target):
        self.world.lab.exec(target, "kill -USR1 $(cat /run/mover.pid)")
        self.drop(other(target))

    def decided(self, since):
        text = self.world.lab.exec(other(self.at), "cat /run/mover.json")
        try:
            return json.loads(text)["decided"]
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise harness.Failed(f"the address did not move: {text[-300:]}") from error

    def drop(self, server):
        self.world.lab.exec(server, f"ip address del {FLOATING}/32 dev eth0 2>/dev/null; true")

    def lost(self, fault, victim):
        """Where the server is alive it must not answer for the address any more: two would."""
        if fault in ("killed", "cut"):
            self.drop(victim)

    def took_over(self, victim):
        self.at = other(victim)

    def mended(self, victim):
        self.drop(victim)


ALL = {"nfshad": Daemon, "series": Series, "both": Both, "floating": Floating}
