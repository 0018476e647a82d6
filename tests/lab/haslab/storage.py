# SPDX-License-Identifier: GPL-2.0-or-later
"""What makes file servers of the masters: a data disk of each, which survives a power failure, and keys for ssh."""

import os
import re
import shlex
import shutil
import struct

from .host import LabError, run, write_file
from .lab import LAB_SOURCE

KINDS = ("drbd", "shared", "copies")
PLAIN = "plain"                                     # disks were asked for, but has.conf says nothing of them
DISK_MB = 384
LARGEST_MB = 65536
META_BLOCK, META_LOG = 8, 64                        # sectors of DRBD's superblock, at the end, and of its activity log
META_BITMAP = 1 << 18                               # sectors for which it has 8 sectors of bitmap
META_KB = 1024                                      # DRBD's own part at the end of the device, more than it needs
META_MINOR = 1047                                   # of no device: drbdmeta refuses one that is in use
GENERATION = "3A5C0DE5A5C0DE50"                     # of DRBD's data: the same on both, so that they need no first sync
SSHD = """\
# The masters' own: as root with the lab's key only.
Port 22
HostKey /etc/ssh/has_lab_host_key
PermitRootLogin prohibit-password
PasswordAuthentication no
UsePAM no
StrictModes no
Subsystem sftp internal-sftp
"""
# The root of a node is an overlay, which nobody can export, not even as the root of NFSv4's names: software makes
# /srv a part of this directory on the node's disk. For clients nothing is different.
NFS_ROOT = "[exports]\nrootdir=/var/lib/nfsroot\n"
SSH = """\
Host *
    IdentityFile /root/.ssh/has_lab
    UserKnownHostsFile /root/.ssh/has_lab_hosts
    BatchMode yes
    ConnectTimeout 5
"""


def of_config(path, bodies, asked):
    """What the storage section of has.conf and --storage say together: {"kind", "mb"}; kind is '' without any."""
    bodies = list(bodies)
    match = re.search(r"\bkind\s*=\s*[\"']?(\w+)", bodies[0]) if bodies else None
    kind = match.group(1) if match else PLAIN if asked else ""
    if kind not in (*KINDS, PLAIN, ""):
        raise LabError(f"{path}: storage: kind {kind}: the lab knows {', '.join(KINDS)}")
    if bodies and not match:
        raise LabError(f"{path}: storage: which kind? The lab knows {', '.join(KINDS)}")
    return {"kind": kind, "mb": (asked or DISK_MB) if kind else 0}


def image(lab, node):
    """The file that is the node's data disk. Storage that both masters reach is one file."""
    return lab.path("shared.img") if lab.state["storage"]["kind"] == "shared" else lab.node_dir(node, "data.img")


def ubd(lab, node):
    """The data disk as words of the kernel's command line (c: the file is not locked, both may open it)."""
    if node.role != "master" or not lab.state["storage"]["kind"]:
        return []
    return [f"ubdb{'c' if lab.state['storage']['kind'] == 'shared' else ''}={image(lab, node)}"]


def make_disks(lab):
    """A data disk for each master. DRBD's are made once and copied: they are the same to the last bit, as after a first
    synchronisation, which would take its time at each `lab up`."""
    kind, size = lab.state["storage"]["kind"], lab.state["storage"]["mb"]
    first = None
    for master in lab.masters() if kind else []:
        path = image(lab, master)
        if first is not None and kind != PLAIN:
            if path != first:
                run("cp", "--sparse=always", first, path)
            continue
        with open(path, "wb") as file:
            file.truncate(size << 20)
        if kind in KINDS:
            make_file_system(path, (size << 10) - (META_KB if kind == "drbd" else 0))
        if kind == "drbd":
            make_metadata(path)
        first = path


def make_file_system(path, kilobytes):
    run("mkfs.ext4", "-q", "-F", "-m", "0", "-b", "4096", "-E", "nodiscard", path, f"{kilobytes}k")


def make_metadata(path):
    """DRBD's metadata: this data is consistent and up to date, and so is the other node's with the same generation.
    drbdmeta notes in /var/lib/drbd what it did: not in this machine's."""
    meta = f"drbdmeta --force {META_MINOR} v08 {shlex.quote(path)} internal"
    run("unshare", "--mount", "sh", "-ec",
        f"mount -t tmpfs drbd /var/lib/drbd; {meta} create-md; {meta} set-gi {GENERATION}:0:0:0:1:1")
    sectors = os.path.getsize(path) // 512
    with open(path, "r+b") as file:
        # la_size, the first word: what is larger than at the last start would be resynchronised (drbd_meta_data.h)
        file.seek((sectors - META_BLOCK) * 512)
        file.write(struct.pack(">Q", sectors - META_BLOCK - META_LOG - -(-sectors // META_BITMAP) * 8))


def write_files(lab):
    """Files of all nodes: an init script, as the nodes have no systemd to start the server's programs, and keys."""
    if not lab.state["storage"]["kind"]:
        return
    top = lab.path("cluster")
    script = f"{top}/etc/init.d/nfsserver"
    os.makedirs(os.path.dirname(script), exist_ok=True)
    shutil.copyfile(os.path.join(LAB_SOURCE, "node/nfsserver"), script)
    os.chmod(script, 0o755)
    write_file(f"{top}/etc/exports", "# Pacemaker exports\n")
    write_file(f"{top}/etc/nfs.conf.d/has-lab.conf", NFS_ROOT)
    write_file(f"{top}/etc/ssh/sshd_config", SSHD)
    make_key(f"{top}/etc/ssh/has_lab_host_key")
    make_key(f"{top}/root/.ssh/has_lab")
    shutil.copyfile(f"{top}/root/.ssh/has_lab.pub", f"{top}/root/.ssh/authorized_keys")
    write_file(f"{top}/root/.ssh/config", SSH, 0o600)
    with open(f"{top}/etc/ssh/has_lab_host_key.pub", encoding="ascii") as file:
        key = " ".join(file.read().split()[:2])
    hosts = [f"{name} {key}" for master in lab.masters()
             for name in (master.name, *(master.address(lan) for lan in ("lan1", "lan2")),
                          *(master.address6(lan) for lan in ("lan1", "lan2")))]
    write_file(f"{top}/root/.ssh/has_lab_hosts", "\n".join(hosts) + "\n", 0o600)
    os.chmod(f"{top}/root/.ssh", 0o700)


def make_key(path):
    os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "has-lab", "-f", path)
