# SPDX-License-Identifier: GPL-2.0-or-later
"""Small helpers for the machine that the lab runs on: commands, progress, network namespaces, processes."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time

CLONE_NEWNET = 0x40000000
PR_SET_PDEATHSIG = 1
NETNS_DIR = "/run/netns"
libc = ctypes.CDLL(None, use_errno=True)


class LabError(Exception):
    """Something the user can do something about; the text says what."""


def end_with_parent():
    """A killed `up` leaves none of its helpers behind."""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def run(*command, check=True, quiet=True, text=None, **options):
    """Runs a command and returns its standard output. A failure is a LabError with the command's own message."""
    done = subprocess.run([str(word) for word in command], input=text, text=True, errors="replace",
                          stdout=subprocess.PIPE if quiet else None,
                          stderr=subprocess.PIPE if quiet else None, preexec_fn=end_with_parent, **options)
    if check and done.returncode != 0:
        raise LabError(f"{' '.join(map(str, command))}: {(done.stderr or '').strip() or done.returncode}")
    return done.stdout or ""


class Progress:
    """Lines with the seconds since the start, on standard error so that standard output stays for programs."""

    def __init__(self):
        self.start = time.monotonic()

    def seconds(self):
        return time.monotonic() - self.start

    def say(self, text):
        try:
            print(f"[{self.seconds():6.1f} s] {text}", file=sys.stderr, flush=True)
        except OSError:
            pass                                    # the terminal is gone; what is to be taken down still is


def socket_in(namespace, family=socket.AF_INET, kind=socket.SOCK_STREAM):
    """A socket that belongs to the named network namespace; the caller itself stays where it is."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        there = os.open(f"{NETNS_DIR}/{namespace}", os.O_RDONLY)
    except OSError as error:
        os.close(home)
        raise LabError(f"network namespace {namespace}: {error.strerror} (is the lab up?)") from error
    try:
        if libc.setns(there, CLONE_NEWNET) != 0:
            raise LabError(f"cannot enter network namespace {namespace}: {os.strerror(ctypes.get_errno())}")
        try:
            return socket.socket(family, kind)
        finally:
            libc.setns(home, CLONE_NEWNET)
    finally:
        os.close(there)
        os.close(home)


def inside(namespace):
    """The words before a command that make it run in the network namespace."""
    return ["nsenter", f"--net={NETNS_DIR}/{namespace}", "--"]


def processes():
    """Every process as (pid, process group, session, command line, inode of its network namespace)."""
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/stat", encoding="utf-8", errors="replace") as stat:
                fields = stat.read().rpartition(")")[2].split()
            with open(f"/proc/{entry}/cmdline", "rb") as cmdline:
                words = cmdline.read().replace(b"\0", b" ").decode(errors="replace")
            namespace = os.stat(f"/proc/{entry}/ns/net").st_ino
        except (OSError, ValueError):
            continue                    # it has just ended
        if fields[0] != "Z":
            yield int(entry), int(fields[2]), int(fields[3]), words, namespace


def wait_until(condition, seconds, interval=0.05):
    """Waits until condition() is true; returns its value, or the last false one when the time is over."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value or time.monotonic() >= deadline:
            return value
        time.sleep(interval)


def write_file(path, text, mode=0o644, owner=None):
    """Writes a file with its directories; owner: (uid, gid)."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    data = text.encode() if isinstance(text, str) else text
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    os.chmod(path, mode)
    if owner:
        os.chown(path, *owner)
