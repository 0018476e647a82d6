# SPDX-License-Identifier: GPL-2.0-or-later
"""A node as a machine: its power and its kernel's console. (Its cables: cables.py.)"""

import os
import shutil
import signal
import socket
import struct
import subprocess

from . import network, storage
from .host import NETNS_DIR, LabError, inside, libc, processes, run, socket_in, wait_until
from .lab import PORTS

MCONSOLE_MAGIC = 0xCAFEBABE
# BogoMIPS go into the load index: all nodes measure the same, whatever the host does while they boot
LOOPS = "lpj=20000000"
# drivers that are built in make devices that nobody asked for
# The masters' timers are what the lab measures: on a machine with few CPUs neither the web servers' work nor a compiler
# must delay them. More of the CPU alone does not do it, so they also ask for short slices, that is to run at once when
# they wake (Linux 6.12 and later; older kernels ignore it).
MASTER_NICE = -10
MASTER_SLICE = 100_000                            # ns
SYS_SCHED_SETATTR = 314                           # x86_64
DYING_NICE = 10
QUIET_DRIVERS = ["bonding.max_bonds=0", "dummy.numdummies=0", "ifb.numifbs=0"]


def command(lab, node):
    nics = [f"vec{number}:transport=tap,ifname={node.tap(port)},mac={node.mac(port)},depth=128,gro=1"
            for number, port in enumerate(PORTS)]
    return [
        "taskset", "--cpu-list", str(cpu_of(lab, node)),
        lab.state["kernel"], f"umid={node.name}", f"uml_dir={lab.path('uml')}/",
        f"mem={lab.state['memory'][node.role]}", "rootfstype=hostfs", "rootflags=/", "rw",
        f"init={lab.path('init')}", f"has_lab_node={lab.node_dir(node)}",
        f"ubda={lab.node_dir(node, 'disk.img')}", *storage.ubd(lab, node), "con=null", "con0=null,fd:1", LOOPS, *QUIET_DRIVERS, *nics]


def cpu_of(lab, node):
    """All of a node's processes stay on one CPU: they wake each other at each system call, and fork and exec in a
    node take half the time when that needs no other CPU."""
    cpus = sorted(os.sched_getaffinity(0))
    return cpus[[other.name for other in lab.nodes].index(node.name) % len(cpus)]


def namespace_inode(lab):
    try:
        return os.stat(os.path.join(NETNS_DIR, lab.switch)).st_ino
    except FileNotFoundError:
        return None


def group(lab, node):
    """The node's processes on this machine (a UML kernel and its children form one process group)."""
    marks = (f"umid={node.name} ", f"uml_dir={lab.path('uml')}/ ")
    everything = list(processes())
    leaders = {pgid for _, pgid, _, words, _ in everything if all(mark in words for mark in marks)}
    try:
        with open(lab.node_dir(node, "pgid"), encoding="ascii") as file:
            leaders.add(int(file.read()))
    except (FileNotFoundError, ValueError):
        pass
    here = namespace_inode(lab)
    return [pid for pid, pgid, _, _, space in everything if pgid in leaders and space == here]


def powered(lab, node):
    return bool(group(lab, node))


def hurry():
    """Gives this process, and what it starts, a master's priority; without the right to do so it stays as it is."""
    attributes = struct.pack("=IIQiIQQQ", 48, 0, 0, MASTER_NICE, 0, MASTER_SLICE, 0, 0)
    libc.syscall(SYS_SCHED_SETATTR, 0, attributes, 0)


def hurry_session(pid):
    """The same for the session as a whole: where the host groups processes by session (autogroup, sched(7)), as Debian does,
    a process' own priority counts within its session only."""
    try:
        with open(f"/proc/{pid}/autogroup", "w", encoding="ascii") as file:
            file.write(str(MASTER_NICE))
    except OSError:
        pass


def power_on(lab, node):
    """Starts the node's kernel. A node that is on stays as it is."""
    if powered(lab, node):
        return
    shutil.rmtree(lab.path("uml", node.name), ignore_errors=True)
    os.makedirs(lab.path("uml"), exist_ok=True)
    with open(lab.log_dir(node, "console.log"), "ab") as console:
        console.write(b"\n=== power on\n")
        console.flush()
        process = subprocess.Popen(inside(lab.switch) + command(lab, node), stdin=subprocess.DEVNULL,
                                   stdout=console, stderr=console, start_new_session=True, cwd="/",
                                   preexec_fn=hurry if node.role == "master" else None)
    if node.role == "master":
        hurry_session(process.pid)
    with open(lab.node_dir(node, "pgid"), "w", encoding="ascii") as file:
        file.write(str(process.pid))


def power_off(lab, node, seconds=10.0):
    """Takes the power away: no frame leaves the node any more. Returns when all its processes are gone. They give back
    half a gigabyte in many pieces: that waits behind the other nodes, which need the CPU now."""
    dying = set()

    def gone():
        left = group(lab, node)
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
                if pid not in dying:
                    os.setpriority(os.PRIO_PROCESS, pid, DYING_NICE)
                    dying.add(pid)
            except ProcessLookupError:
                pass
        reap()
        return not left

    if not wait_until(gone, seconds, 0.05):
        raise LabError(f"{node.name}: its processes do not end: {group(lab, node)}")


def kernels(lab, node):
    """The node's kernel and its helpers, without the processes that it traces: those run for it only."""
    for pid in group(lab, node):
        try:
            with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
                if any(line.split() == ["TracerPid:", "0"] for line in file):
                    yield pid
        except OSError:
            pass                                    # it has just ended


def freeze(lab, node):
    """Stops the node in the middle of whatever it does. Its clock goes on."""
    if not signal_kernels(lab, node, signal.SIGSTOP):
        raise LabError(f"{node.name} is off")


def thaw(lab, node):
    signal_kernels(lab, node, signal.SIGCONT)


def signal_kernels(lab, node, number):
    found = False
    for pid in kernels(lab, node):
        try:
            os.kill(pid, number)
            found = True
        except ProcessLookupError:
            pass
    return found


def reap():
    """Collects ended children, so that a node that we started does not stay as a zombie."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def mconsole(lab, node, text, timeout=5.0):
    """Sends a command to the node's kernel (UML management console) and returns its answer."""
    with socket_in(lab.switch, socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind("")                               # a name of the kernel's choice, to be answered at
        sock.settimeout(timeout)
        data = text.encode()
        try:
            sock.sendto(struct.pack("<III", MCONSOLE_MAGIC, 2, len(data)) + data.ljust(512, b"\0"),
                        lab.path("uml", node.name, "mconsole"))
            answer = b""
            while True:
                packet = sock.recv(65536)
                failed, more, length = struct.unpack("<III", packet[:12])
                answer += packet[12:12 + length].rstrip(b"\0")
                if not more:
                    break
        except OSError as error:
            raise LabError(f"{node.name}: its kernel does not answer ({error})") from error
    if failed:
        raise LabError(f"{node.name}: {text}: {answer.decode(errors='replace').strip()}")
    return answer.decode(errors="replace")


def kill_everything(lab):
    """Ends every process of the lab: those in its namespaces and those that carry its path. For `down`."""
    spaces = set()
    for name in network.left(lab):
        spaces.add(os.stat(os.path.join(NETNS_DIR, name)).st_ino)
    marks = (f"uml_dir={lab.path('uml')}/ ", f"controller {lab.dir} ")

    def gone():
        everything = list(processes())
        sessions = {session for _, _, session, words, _ in everything if any(mark in words for mark in marks)}
        left = [pid for pid, _, session, words, space in everything
                if (space in spaces or session in sessions) and pid != os.getpid()]
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        reap()
        return not left

    if not wait_until(gone, 10.0, 0.02):
        raise LabError("some of the lab's processes do not end; see: ps ax | grep " + lab.dir)


def memory_mb(lab):
    """Memory that the nodes really use (proportional set size of all their processes and their RAM files)."""
    total = 0
    for node in lab.nodes:
        for pid in group(lab, node):
            try:
                with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
                    total += next(int(line.split()[1]) for line in file if line.startswith("Pss:"))
            except (OSError, StopIteration):
                pass
    return total // 1024


def run_in_client(lab, words):
    return subprocess.run(inside(lab.client) + list(words), check=False).returncode


def clean_uml_files(lab):
    run("rm", "-rf", lab.path("uml"))
