# SPDX-License-Identifier: GPL-2.0-or-later
"""The nodes' kernel: Debian's stock one, or the lab's own, built once and kept by a hash of its inputs."""

import glob
import hashlib
import os
import shutil
import subprocess
import tempfile
import time

from .host import LabError, run
from .lab import CACHE, LAB_SOURCE

SERIES = "6.12"
SOURCE = f"/usr/src/linux-source-{SERIES}.tar.xz"
PACKAGE = f"linux-source-{SERIES}"
CONFIG = os.path.join(LAB_SOURCE, "kernel", f"uml-{SERIES}.config")
NFS_SERIES = os.path.normpath(os.path.join(LAB_SOURCE, "..", "..", "nfs-ha", "kernel", "patches", SERIES))
STOCK = "/usr/bin/linux.uml"
STOCK_MODULES = "/usr/lib/uml/modules"
TOOLS = {"flex": "flex", "bison": "bison", "bc": "bc", "make": "build-essential", "gcc": "build-essential",
         "patch": "patch", "xz": "xz-utils"}


def patches():
    """The lab's own, then the NFS client's failover (nfs-ha/kernel), a quilt series."""
    with open(os.path.join(NFS_SERIES, "series"), encoding="utf-8") as file:
        names = [line.split()[0] for line in file if line.strip() and not line.startswith("#")]
    return sorted(glob.glob(os.path.join(LAB_SOURCE, "kernel", "*.patch"))) + [os.path.join(NFS_SERIES, name) for name in names]


def fingerprint():
    """Names a kernel by what it is made of: source version, configuration, patches."""
    version = run("dpkg-query", "-W", "-f", "${Version}", PACKAGE, check=False)
    if not version or not os.path.exists(SOURCE):
        raise LabError(f"the lab's kernel is built from {SOURCE}: apt-get install {PACKAGE}")
    digest = hashlib.sha256(version.encode())
    for path in [CONFIG, *patches()]:
        with open(path, "rb") as file:
            digest.update(b"\0" + file.read())
    return digest.hexdigest()[:16]


def cached():
    return os.path.join(CACHE, f"kernel-{fingerprint()}", "linux")


def find(kind, progress):
    """Returns (kernel, its modules or '', can it lose its carrier?), building it when it is missing."""
    if kind == "debian":
        if not os.path.exists(STOCK):
            raise LabError("Debian's UML kernel is missing: apt-get install user-mode-linux")
        return STOCK, STOCK_MODULES, False
    path = cached()
    if not os.path.exists(path):
        progress.say("the lab's kernel is not built yet (this happens once)")
        build(progress)
    return path, "", True


def build(progress):
    """Builds the kernel into the cache. Two builds at once do not disturb each other: the last rename wins."""
    target = os.path.dirname(cached())
    if os.path.exists(os.path.join(target, "linux")):
        progress.say(f"the kernel is there: {target}/linux")
        return
    missing = {package for tool, package in TOOLS.items() if not shutil.which(tool)}
    if missing:
        raise LabError(f"to build the lab's kernel: apt-get install {' '.join(sorted(missing))}")
    os.makedirs(CACHE, exist_ok=True)
    work = tempfile.mkdtemp(prefix="build-", dir=CACHE)
    try:
        compile_in(work, progress)
        os.makedirs(target, exist_ok=True)
        os.rename(os.path.join(work, "linux.new"), os.path.join(target, "linux"))
    finally:
        shutil.rmtree(work, ignore_errors=True)
    progress.say(f"the kernel is ready: {target}/linux")


def compile_in(work, progress):
    log = os.path.join(CACHE, "kernel-build.log")
    tree = os.path.join(work, PACKAGE)
    objects = os.path.join(work, "objects")
    with open(log, "w", encoding="utf-8"):
        pass
    step(progress, log, "unpacking its source", ["tar", "-C", work, "-xf", SOURCE])
    for patch in patches():
        step(progress, log, f"applying {os.path.basename(patch)}", ["patch", "-d", tree, "-p1", "-i", patch])
    step(progress, log, "configuring", ["make", "-C", tree, "ARCH=um", f"O={objects}",
                                        f"KCONFIG_ALLCONFIG={CONFIG}", "allnoconfig"])
    jobs = os.environ.get("HAS_LAB_JOBS") or str(os.cpu_count() or 1)
    step(progress, log, "compiling (5 to 10 minutes on two cores)",
         ["nice", "-n", "5", "make", "-C", objects, "ARCH=um", f"-j{jobs}", "linux"])
    run("strip", "-o", os.path.join(work, "linux.new"), os.path.join(objects, "linux"))


def step(progress, log, text, command):
    """Runs one long command; says every 20 s how far it is."""
    progress.say(f"kernel: {text}")
    with open(log, "a", encoding="utf-8") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        said = time.monotonic()
        try:
            while process.poll() is None:
                time.sleep(0.2)
                if time.monotonic() - said > 20:
                    said = time.monotonic()
                    progress.say(f"kernel: {text}: {last_line(log)}")
        finally:
            if process.poll() is None:
                process.kill()
    if process.returncode != 0:
        raise LabError(f"kernel: {text} failed; see {log}:\n{last_line(log)}")


def last_line(path):
    with open(path, "rb") as file:
        file.seek(max(0, os.path.getsize(path) - 400))
        lines = file.read().decode(errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")[:90]
