# SPDX-License-Identifier: GPL-2.0-or-later
"""The files that are laid over a node's root: those of the whole cluster, and those of one node."""

import grp
import os
import pwd
import shutil

from . import prereq, storage
from .host import LabError, run, write_file
from .lab import LAB_SOURCE

OWN = "usr/lib/has-lab"
DISK_MB = 64
DISK = ["pacemaker", "corosync", "has", "nfs", "drbd", "nfsroot"]             # below /var/lib; survives a power failure

NGINX = """\
# The lab's web server: names the node that answered.
user www-data;
worker_processes 1;
pid /run/nginx.pid;
error_log /var/log/nginx/error.log;
events { worker_connections 1024; }
http {
    access_log off;
    default_type text/plain;
    keepalive_timeout 5;
    keepalive_requests 1000000;
    server {
        listen 80 backlog=1024;
        listen [::]:80 backlog=1024;
        add_header X-Node $hostname always;
        root /var/www/has-lab;
        location = / { return 200 "$hostname\\n"; }
        location = /echo { return 200 "$hostname $args\\n"; }
        # Seconds long, for requests that are under way while something happens.
        location = /slow { alias /var/www/has-lab/slow; limit_rate 16k; }
        location = /nginx_status { stub_status; }
    }
}
"""


def cluster_owner():
    try:
        return pwd.getpwnam("hacluster").pw_uid, grp.getgrnam("haclient").gr_gid
    except KeyError:
        raise LabError("the user hacluster is missing: apt-get install pacemaker") from None


def add_account(name):
    """/etc/passwd and /etc/group of the nodes: the host's, with the daemons' user."""
    with open("/etc/passwd", encoding="utf-8") as file:
        passwd = file.read()
    with open("/etc/group", encoding="utf-8") as file:
        group = file.read()
    if f"\n{name}:" not in passwd:
        taken = {line.split(":")[2] for line in (passwd + group).splitlines() if line.count(":") > 2}
        number = next(n for n in range(998, 100, -1) if str(n) not in taken)
        passwd += f"{name}:x:{number}:{number}:HAS:/nonexistent:/usr/sbin/nologin\n"
        if f"\n{name}:" not in group:
            group += f"{name}:x:{number}:\n"
    number = next(line.split(":")[2] for line in passwd.splitlines() if line.startswith(f"{name}:"))
    return passwd, group, int(number)


def write_cluster(lab):
    """Files that all nodes share."""
    top = lab.path("cluster")
    passwd, group, lab.state["has_uid"] = add_account("has")
    lab.save()
    write_file(f"{top}/etc/passwd", passwd)
    write_file(f"{top}/etc/group", group)
    hosts = ["127.0.0.1 localhost", "::1 localhost"]
    for node in lab.nodes:
        hosts += [f"{node.address('lan1')} {node.name}", f"{node.address6('lan1')} {node.name}"]
    write_file(f"{top}/etc/hosts", "\n".join(hosts) + "\n")
    write_file(f"{top}/etc/resolv.conf", "# the lab has no name server\n")
    write_file(f"{top}/etc/nginx/nginx.conf", NGINX)
    write_file(f"{top}/var/www/has-lab/index.html", "has-lab\n")
    write_file(f"{top}/var/www/has-lab/slow", "has-lab\n" * 8192)
    for source, target in ((prereq.tool("execd"), "execd"),
                           (prereq.tool("flow_server"), "flow_server"), (prereq.tool("nfs_load"), "nfs_load"),
                           (os.path.join(LAB_SOURCE, "node/nfs_trees"), "nfs_trees"),
                           (os.path.join(LAB_SOURCE, "node/start"), "start"),
                           (os.path.join(LAB_SOURCE, "node/software"), "software")):
        copy(source, f"{top}/{OWN}/{target}", 0o755)
    copy(os.path.join(LAB_SOURCE, "fence_lab"), f"{top}/usr/sbin/fence_lab", 0o755)
    storage.write_files(lab)
    if not lab.state["plain"]:
        write_secrets(top)
        copy(prereq.remoted(), f"{top}/usr/sbin/pacemaker-remoted", 0o755)
    copy(os.path.join(LAB_SOURCE, "node/init"), lab.path("init"), 0o755)


def write_secrets(top):
    uid, gid = cluster_owner()
    write_file(f"{top}/etc/corosync/authkey", os.urandom(256), 0o400)
    write_file(f"{top}/etc/pacemaker/authkey", os.urandom(4096), 0o640, (0, gid))
    os.chown(f"{top}/etc/pacemaker", 0, gid)
    os.chmod(f"{top}/etc/pacemaker", 0o750)
    return uid


def copy(source, target, mode):
    os.makedirs(os.path.dirname(target), exist_ok=True)
    shutil.copyfile(source, target)
    os.chmod(target, mode)


def write_node(lab, node):
    """One node's own files, its log directory and its disk."""
    top = lab.node_dir(node, "files")
    modules = lab.state["modules"]
    own = [f"NODE={node.name}", f"ROLE={node.role}", f"MANAGEMENT={node.address('mgmt')}", f"MODULES={modules}",
           f"PLAIN={'yes' if lab.state['plain'] else ''}", f"CVIP='{' '.join(lab.state['cvip'].values())}'",
           f"DISK='{' '.join(DISK)}'", f"STORAGE={lab.state['storage']['kind']}"]
    write_file(f"{top}/{OWN}/vars", "\n".join(own) + "\n")
    write_file(lab.node_dir(node, "vars"), "\n".join(own + [
        f"STAGE='{lab.state['stage']}'", f"CLUSTER_FILES='{lab.path('cluster')}'",
        f"LOGS='{lab.log_dir(node)}'"]) + "\n")
    write_file(f"{top}/{OWN}/network", network_lines(lab, node))
    write_file(f"{top}/etc/hostname", node.name + "\n")
    cluster = cluster_owner()
    for directory in DISK:
        make_dir(lab.node_dir(node, "disk", directory), 0o755)
    os.chown(lab.node_dir(node, "disk", "has"), lab.state["has_uid"], lab.state["has_uid"])
    make_dir(lab.node_dir(node, "disk", "pacemaker"), 0o750, cluster)
    make_dir(lab.node_dir(node, "disk", "nfsroot", "srv"), 0o755)
    make_nfs_state(lab.node_dir(node, "disk", "nfs"))
    for directory in ("cib", "pengine", "blackbox", "cores"):
        make_dir(lab.node_dir(node, "disk", "pacemaker", directory), 0o750, cluster)
    shutil.rmtree(lab.log_dir(node), ignore_errors=True)
    make_dir(lab.log_dir(node), 0o755)
    make_dir(lab.log_dir(node, "pacemaker"), 0o770, cluster)
    for directory in ("corosync", "nginx", "crmsh"):
        make_dir(lab.log_dir(node, directory), 0o755)
    make_dir(lab.log_dir(node, "has"), 0o755, (lab.state["has_uid"], lab.state["has_uid"]))


def make_nfs_state(top):
    """/var/lib/nfs as Debian's packages make it: whom to tell of a restart, and who held state, survives one."""
    try:
        owner = pwd.getpwnam("statd").pw_uid
    except KeyError:
        return                                      # nfs-common is not installed
    for directory in ("sm", "sm.bak"):
        make_dir(f"{top}/{directory}", 0o700, (owner, 0))
    for directory in ("nfsdcld", "v4recovery"):
        make_dir(f"{top}/{directory}", 0o755)
    for name in ("etab", "rmtab", "state"):
        write_file(f"{top}/{name}", "")
    os.chown(f"{top}/state", owner, 0)


def make_disk(lab, node):
    """The node's disk, a block device with the files of its directory `disk`."""
    image = lab.node_dir(node, "disk.img")
    with open(image, "wb") as file:
        file.truncate(DISK_MB << 20)
    run("mkfs.ext4", "-q", "-F", "-m", "0", "-d", lab.node_dir(node, "disk"), image)


def make_dir(path, mode, owner=None):
    os.makedirs(path, exist_ok=True)
    os.chmod(path, mode)
    if owner:
        os.chown(path, *owner)


def network_lines(lab, node):
    """What `ip -batch` does at boot. A twin gets no addresses: its erd makes it like its primary."""
    lines = ["link set lo up"]
    for number, port in enumerate(("eth0", "eth1", "mgmt")):
        lines += [f"link set vec{number} name {port}"]
    for network in lab.state["networks"]:
        port, lan = network["interface"], network["lan"]
        lines += [f"addr add {node.address(lan)}/24 dev {port}", f"addr add {node.address6(lan)}/64 dev {port} nodad"]
    lines += [f"addr add {node.address('mgmt')}/24 dev mgmt", "link set mgmt up", "link set eth0 up",
              "link set eth1 up", "route add default via 10.1.0.254", "route add default via fd00:1::254 dev eth0"]
    return "\n".join(lines) + "\n"
