# SPDX-License-Identifier: GPL-2.0-or-later
"""What the scenarios, the demo and the benches share: the lab as an object, waiting for a state, client load, and the
report of figures. Everything goes through the command tests/lab/lab, as an administrator would use it."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("HAS_BUILD", TOP / "build"))
REPORT = pathlib.Path(os.environ.get("HAS_REPORT", BUILD / "report"))
LAB = TOP / "tests" / "lab" / "lab"
LOAD = BUILD / "tests" / "lab" / "load"
FLOW = BUILD / "tests" / "lab" / "flow"

PATIENT = 5000  # ms a person waits; a request that takes longer is lost
BRISK = 300  # ms, for the figures of a fault: what takes longer was noticed

CVIP = {"ipv4": "10.1.0.100", "ipv6": "fd00:1::100"}
CLIENTS = {"ipv4": "192.0.2.64+128", "ipv6": "2001:db8:2:1::1+1000"}  # so many that every bucket has some


class Failed(AssertionError):
    """A command in the lab went wrong, or a state was not reached in time."""


def end_in_order():
    """Lets SIGTERM and SIGHUP end this program as Ctrl-C does, so that its lab is taken down. nohup(1) still works."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)


def wait_for(what, condition, deadline=60.0, pause=0.2):
    """Waits until condition() is true and returns its value; says what was waited for when time is over."""
    end = time.monotonic() + deadline
    last = None
    while time.monotonic() < end:
        try:
            last = condition()
        except Failed as error:
            last = error
        else:
            if last:
                return last
        time.sleep(pause)
    raise Failed(f"not reached within {deadline:.0f} s: {what} (last seen: {last!r})")


class Lab:
    """A running laboratory."""

    def __init__(self, name):
        self.name = name

    def command(self, *words, check=True, timeout=300, capture=True):
        try:
            done = subprocess.run(
                [str(LAB), "--lab", self.name, *words],
                stdout=subprocess.PIPE if capture else None,
                stderr=subprocess.STDOUT if capture else None,
                text=True,
                timeout=timeout,
            )
        except subprocess.TimeoutExpired as error:
            raise Failed(f"lab {' '.join(words)}: no end within {timeout} s") from error
        if check and done.returncode != 0:
            raise Failed(f"lab {' '.join(words)}: exit {done.returncode}: {(done.stdout or '').strip()[-800:]}")
        return done.stdout or ""

    def up(self, masters=2, traffic=4, capture=True, *more):
        self.command("up", "--masters", str(masters), "--traffic", str(traffic), *more, capture=capture)

    def down(self):
        self.command("down", check=False)

    def exec(self, node, shell, check=True):
        return self.command("exec", node, "--", "sh", "-c", shell, check=check)

    def client(self, *words, check=True):
        return self.command("client", "--", *words, check=check)

    def status(self):
        return json.loads(self.command("status", "--json"))

    def owner(self, family="ipv4"):
        """The master that serves the CVIP (with several active ones, the one that has most clients), or None."""
        return self.status()["cvip"][family]

    def ask(self, question, master=None):
        """The answer of the traffic manager on that master, or on the one that has the CVIP."""
        master = master or wait_for("an owner of the CVIP", self.owner, 30)
        answer = self.exec(master, f"hasctl --json {question}")
        try:
            return json.loads(answer)
        except json.JSONDecodeError as error:
            raise Failed(f"hasctl {question} on {master} printed no JSON: {answer[-300:]}") from error

    def nodes(self, master=None):
        """The traffic nodes by name."""
        return {node["name"]: node for node in self.ask("nodes", master)["nodes"]}

    def services(self, master=None):
        return self.ask("services", master)["services"]

    def active(self, master=None):
        return sorted(name for name, node in self.nodes(master).items() if node["state"] == "active")

    def wait_active(self, names, deadline=120.0, master=None):
        names = sorted(names)
        wait_for(f"active traffic nodes {names}", lambda: self.active(master) == names, deadline)

    def load(self, **options):
        return Load(self, **options)


class Program:
    """A program on the client host that runs in the background until it is stopped, and then prints figures."""

    def __init__(self, lab, *words):
        self.process = subprocess.Popen(
            [str(LAB), "--lab", lab.name, "client", "--", *map(str, words)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
        self.program = str(words[0])
        self.began = time.monotonic()

    def is_there(self):
        """The lab's command has become the program, which knows how to end."""
        cmdline = pathlib.Path(f"/proc/{self.process.pid}/cmdline").read_bytes()
        return cmdline.startswith(self.program.encode() + b"\0") or self.process.poll() is not None

    def ran(self, seconds):
        """Whether the load has gone on for so long."""
        return time.monotonic() - self.began >= seconds

    def stop(self):
        """Ends the program and returns its figures."""
        wait_for(f"{self.program} has begun", self.is_there, 20)
        if self.process.returncode is None:
            os.killpg(self.process.pid, 2)
        try:
            out, err = self.process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, 9)
            out, err = self.process.communicate()
        try:
            return json.loads(out)
        except json.JSONDecodeError as error:
            raise Failed(f"{self.process.args[5]} printed no figures: {error}: {out[-300:]} {err[-300:]}") from error

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            os.killpg(self.process.pid, 9)
            self.process.wait()


def targets(families):
    """Options of the load programs: the CVIP in each family, with many client addresses."""
    return [word for family in families
            for word in ("--address", CVIP[family], "--source", CLIENTS[family])]


class Load(Program):
    """Client load: a new connection every interval ms, each with its own timeout. With `families` the CVIP's addresses
    in turn, from many client addresses."""

    def __init__(self, lab, family="ipv4", interval=10, timeout=PATIENT, path="/", address=None, families=()):
        super().__init__(lab, LOAD, *(targets(families) or ("--address", address or CVIP[family])),
                         "--interval", interval, "--timeout", timeout, "--path", path, "--duration", "7200")


class Flows(Program):
    """Long transfers over both families from many client addresses, every byte checked; see tests/lab/flow.c."""

    def __init__(self, lab, count=32, life=0, patience=90):
        self.count = count
        self.state = pathlib.Path(tempfile.mkdtemp(prefix="has-flows-")) / "state"
        super().__init__(lab, FLOW, *targets(CVIP), "--flows", count, "--patience", patience, "--state", self.state,
                         *(("--life", life) if life else ()))

    def now(self):
        """How they stand: open, opened, lost, silence_ms, bytes."""
        try:
            return json.loads(self.state.read_text(encoding="utf-8"))
        except (FileNotFoundError, json.JSONDecodeError) as error:
            raise Failed(f"flows: {error}") from error

    def flowing(self):
        """Every one is open, and has had bytes a moment ago; or one is lost, and waiting makes it no better."""
        now = self.now()
        return now["lost"] > 0 or (now["open"] == self.count and now["silence_ms"] < 500)

    def wait(self, deadline=90):
        wait_for("all long transfers go on", self.flowing, deadline)
        return self

    def stop(self):
        figures = super().stop()
        shutil.rmtree(self.state.parent, ignore_errors=True)
        return figures


def record(name, **figures):
    """Adds a scenario's figures to the report (JSON lines, and printed)."""
    REPORT.mkdir(parents=True, exist_ok=True)
    with open(REPORT / "figures.jsonl", "a", encoding="utf-8") as out:
        out.write(json.dumps({"name": name, **figures}) + "\n")
    print(f"  {name}: " + ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in figures.items()))
