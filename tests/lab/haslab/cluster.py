# SPDX-License-Identifier: GPL-2.0-or-later
"""One file makes the cluster: has.conf, from which the staged hasctl renders what each node gets."""

import os
import re
import shutil

from . import storage
from .files import cluster_owner
from .host import LabError, run, write_file
from .lab import LAB_SOURCE, Node

PLACE = "@NODES@"
# Corosync's token in ms. Debian's kernel forks at half the speed: a node that starts agents is late with the token.
TOKEN = {"lab": 1000, "debian": 2000}
TEMPLATE = os.path.join(LAB_SOURCE, "has.conf")
INSTALLED = {"tcd.conf": "etc/has/tcd.conf", "tmd.conf": "etc/has/tmd.conf", "cvipd.conf": "etc/has/cvipd.conf",
             "erd.conf": "etc/erd.conf", "nfshad.conf": "etc/nfshad.conf", "nfs.conf": "etc/nfs.conf.d/has.conf",
             "drbd.res": "etc/drbd.d/has.res",
             "corosync.conf": "etc/corosync/corosync.conf"}
LANS = {"lan1": "10.1.0.0/24", "lan2": "10.2.0.0/24"}


def sections(nodes, networks):
    """The node sections of has.conf."""
    lines = []
    for node in nodes:
        addresses = [address for network in networks
                     for address in (node.address(network["lan"]), node.address6(network["lan"]))]
        lines.append(f"{node.role} \"{node.name}\" {{ addresses = {{ " +
                     ", ".join(f'"{address}"' for address in addresses) + " } }")
        lines.append(f"fencing \"{node.name}\" {{ agent = \"fence_lab\" }}")
    return "\n".join(lines)


def blocks(text, kind):
    """(title, body) of each section of a kind; enough of libconfuse's syntax to find names and addresses."""
    text = re.sub(r"(#|//)[^\n]*|/\*.*?\*/", "", text, flags=re.DOTALL)
    for match in re.finditer(rf"^\s*{kind}\s+[\"']?([\w.-]+)[\"']?\s*\{{", text, flags=re.MULTILINE):
        depth, at = 1, match.end()
        while depth and at < len(text):
            depth += {"{": 1, "}": -1}.get(text[at], 0)
            at += 1
        yield match.group(1), text[match.end():at]


def networks_of(path, text):
    """The networks of the file, each with its LAN of the lab, its port, and that port's twin or None."""
    networks = []
    for name, body in blocks(text, "network"):
        lan = next((lan for lan, prefix in LANS.items() if prefix in body), None)
        ports = {key: re.search(rf"\b{key}\s*=\s*[\"']?(\w+)", body) for key in ("interface", "twin")}
        if lan is None or ports["interface"] is None:
            raise LabError(f"{path}: network {name}: the lab's networks are {' and '.join(LANS.values())}, "
                           f"and each names its interface")
        networks.append({"lan": lan, **{key: match and match.group(1) for key, match in ports.items()}})
    if sorted((network["lan"], network["interface"], network["twin"]) for network in networks) not in (
            [("lan1", "eth0", None), ("lan2", "eth1", None)], [("lan1", "eth0", "eth1")]):
        raise LabError(f"{path}: in the lab eth0 is in {LANS['lan1']}, and eth1 is in {LANS['lan2']} or is eth0's twin")
    return networks


def read_config(path, masters, traffic, kernel, disk):
    """Returns (text of has.conf, its nodes, its CVIP, its networks, its storage) of a file of the user's, or of the lab's
    own. disk: MB of a data disk, or None."""
    with open(path, encoding="utf-8") as file:
        text = file.read().replace("@TOKEN@", str(TOKEN[kernel]))
    networks = networks_of(path, text)
    if PLACE in text.splitlines():
        nodes = [Node(f"m{n}", "master", n) for n in range(1, masters + 1)]
        nodes += [Node(f"t{n}", "traffic", n + 10) for n in range(1, traffic + 1)]
        text = text.replace(f"\n{PLACE}\n", f"\n{sections(nodes, networks)}\n")
    else:
        nodes = [node_of(path, role, name, body) for role in ("master", "traffic")
                 for name, body in blocks(text, role)]
    return text, nodes, cvip_of(path, text), networks, storage.of_config(path, (body for _, body in blocks(text, "storage")), disk)


def node_of(path, role, name, body):
    """A node of the user's file; the lab's networks are fixed, so its addresses must fit."""
    match = re.search(r"10\.1\.0\.(\d+)\b", body)
    if not match:
        raise LabError(f"{path}: node {name}: the lab's LAN 1 is 10.1.0.0/24, LAN 2 10.2.0.0/24; "
                       f"give it 10.1.0.N, 10.2.0.N, fd00:1::N with one N")
    return Node(name, role, int(match.group(1)))


def cvip_of(path, text):
    for _, body in blocks(text, "cvip"):
        found = {"ipv4": re.search(r"10\.1\.0\.\d+", body), "ipv6": re.search(r"fd00:1:[0-9a-f:]+", body)}
        return {family: match.group() for family, match in found.items() if match}
    raise LabError(f"{path}: it has no cvip section")


def hasctl(lab, *words):
    return run(os.path.join(lab.state["stage"], "usr/bin/hasctl"), *words)


def write(lab, text):
    """Renders has.conf and puts each file where its node finds it."""
    conf = lab.path("cluster/etc/has/has.conf")
    rendered = lab.path("rendered")
    write_file(conf, text)
    hasctl(lab, "config", "render", "-c", conf, "-o", rendered,
           "--templates", os.path.join(lab.state["stage"], "usr/share/has/cib"))
    for node in lab.nodes:
        for name, target in INSTALLED.items():
            source = os.path.join(rendered, node.name, name)
            if os.path.exists(source):
                target = lab.node_dir(node, "files", target)
                os.makedirs(os.path.dirname(target), exist_ok=True)
                shutil.copyfile(source, target)
    keys = lab.path("cluster/etc/has/keys")
    hasctl(lab, "key", "generate", keys)
    os.chown(keys, lab.state["has_uid"], lab.state["has_uid"])
    write_cib(lab, os.path.join(rendered, "cib.crm"))


def write_cib(lab, commands):
    """The CIB as the masters find it on their disks, loaded by crmsh as an administrator would do it.

    Offline, on this machine: it takes half a second here and five in a node. Forced, since the agents of HAS are
    installed in the nodes only."""
    cib = lab.path("cib.xml")
    environment = dict(os.environ, CIB_file=cib)
    write_file(cib, run("cibadmin", "--empty"))
    run("crm", "--force", "configure", "load", "update", commands, env=environment)
    checked = run("crm_verify", "--xml-file", cib, check=False)
    with open(cib, encoding="utf-8") as file:
        text = file.read()
    if "<primitive" not in text:
        raise LabError(f"crm loaded nothing from {commands}; {checked}")
    for master in lab.masters():
        write_file(lab.node_dir(master, "disk/pacemaker/cib/cib.xml"), text, 0o600, cluster_owner())
