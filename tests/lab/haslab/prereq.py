# SPDX-License-Identifier: GPL-2.0-or-later
"""What the lab needs from the machine, and from the build; a message says what to install."""

import os
import shutil
import subprocess

from .host import LabError, run
from .lab import CACHE, TOP

PROGRAMS = {"ip": "iproute2", "nsenter": "util-linux", "busybox": "busybox-static", "nginx": "nginx-light",
            "corosync": "corosync", "pacemakerd": "pacemaker", "crm_mon": "pacemaker-cli-utils", "crm": "crmsh",
            "ipvsadm": "ipvsadm", "sysctl": "procps", "mkfs.ext4": "e2fsprogs", "dpkg": "dpkg"}
# of a lab whose masters are file servers
STORAGE = {"rpc.nfsd": "nfs-kernel-server", "mount.nfs": "nfs-common", "rpcbind": "rpcbind", "drbdmeta": "drbd-utils",
           "rsync": "rsync", "sshd": "openssh-server", "ssh-keygen": "openssh-client",
           "iptables": "iptables", "nft": "nftables", "ss": "iproute2"}
AGENTS = "/usr/lib/ocf/resource.d/heartbeat"


def check(plain):
    if os.geteuid() != 0:
        raise LabError("the lab makes network namespaces and tap devices: run it as root")
    if not os.path.exists("/dev/net/tun"):
        raise LabError("/dev/net/tun is missing: modprobe tun")
    missing = absent(PROGRAMS)
    if not os.path.isdir(AGENTS):
        missing.add("resource-agents")
    require(missing)
    if not plain:
        remoted()


def check_storage():
    """What else the file servers and their clients need."""
    require(absent(STORAGE))


def absent(programs):
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    return {package for program, package in programs.items() if not shutil.which(program, path=path)}


def require(missing):
    if missing:
        raise LabError(f"the lab needs some packages: apt-get install --no-install-recommends "
                       f"{' '.join(sorted(missing))}")


def apt_get(directory, *words):
    return subprocess.run(["apt-get", "-q", *words], cwd=directory, text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def remoted():
    """pacemaker-remoted of the installed version. Its package conflicts with pacemaker, so it is unpacked only."""
    version = run("dpkg-query", "-W", "-f", "${Version}", "pacemaker")
    directory = os.path.join(CACHE, f"pacemaker-remote-{version.replace(':', '_')}")
    program = os.path.join(directory, "usr/sbin/pacemaker-remoted")
    if os.path.exists(program):
        return program
    work = directory + ".new"
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work)
    download = ("-o", "APT::Sandbox::User=root", "download", f"pacemaker-remote={version}")
    done = apt_get(work, *download)
    if done.returncode != 0:  # an image without package lists, or with old ones
        apt_get(work, "update")
        done = apt_get(work, *download)
    if done.returncode != 0:
        raise LabError(f"cannot download pacemaker-remote={version}, not even after apt-get update:\n"
                       f"{done.stdout.strip()}")
    archive = next(name for name in os.listdir(work) if name.endswith(".deb"))
    run("dpkg-deb", "-x", os.path.join(work, archive), work)
    os.rename(work, directory)
    return program


def build_dir():
    return os.path.abspath(os.environ.get("HAS_BUILD", os.path.join(TOP, "build")))


def tool(name):
    """A program of the lab that the build makes."""
    path = os.path.join(build_dir(), "tests", "lab", name)
    if not os.path.exists(path):
        raise LabError(f"{path} is missing: build HAS first (./has-lab does it, or: ./configure && make; "
                       "HAS_BUILD names the build directory when it is not build/)")
    return path


def check_stage(stage, plain):
    """The staged installation (make install DESTDIR=STAGE) that is laid over the nodes' root."""
    if not os.path.isdir(os.path.join(stage, "usr")):
        if plain:
            return
        raise LabError(f"no staged HAS at {stage}: make install DESTDIR={stage} (./has-lab does it)")
    for name in ("bin", "sbin", "lib"):
        if os.path.isdir(os.path.join(stage, name)) and os.path.islink("/" + name):
            raise LabError(f"{stage}/{name} would hide /{name} of the nodes: configure with --prefix=/usr")
