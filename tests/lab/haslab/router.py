# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab's router. With twins it, too, has a port in each LAN and runs erd, but nothing else of HAS: it is a machine of
its own as far as erd can see, in a network namespace of this machine's kernel."""

import os
import pwd
import shutil
import signal
import subprocess

from . import network
from .host import NETNS_DIR, LabError, inside, wait_until, write_file

PATIENCE = 10
CONF = """\
# The router's ports; written by tests/lab/lab.
user nobody
errorlog {log}
probe 100 missed=2
{targets}
gateways no
failback 3 max=30
pair lan1 lan2
"""


def start(lab):
    """Starts its erd, if it has twins and HAS is staged. It goes into the background when it is ready."""
    program = os.path.join(lab.state["stage"], "usr/sbin/erd")
    if not lab.twin or not os.path.exists(program):
        return
    nobody = pwd.getpwnam("nobody")
    directory = os.path.dirname(log_file(lab))
    shutil.rmtree(directory, ignore_errors=True)
    os.makedirs(directory)
    os.chown(directory, nobody.pw_uid, nobody.pw_gid)
    targets = [address.partition("/")[0] for address in (network.SWITCH["lan1"][0], network.SWITCH["lan2"][1])]
    write_file(lab.path("erd.conf"), CONF.format(log=log_file(lab), targets="\n".join(f"target {t}" for t in targets)))
    with open(log_file(lab), "ab") as log:
        os.chown(log.fileno(), nobody.pw_uid, nobody.pw_gid)
        done = subprocess.run(inside(lab.router) + [program, "-c", lab.path("erd.conf"), "-i", f"has-erd-{lab.name}",
                                                    "-p", lab.path("erd.pid")],
                              stdin=subprocess.DEVNULL, stdout=log, stderr=log, timeout=PATIENCE)
    if done.returncode != 0:
        raise LabError(f"the router's erd does not start ({done.returncode}); see {log_file(lab)}")


def log_file(lab):
    return os.path.join(lab.logs, "router", "erd.log")


def stop(lab):
    """Ends its erd in order. What does not end so is left to machine.kill_everything."""
    try:
        with open(lab.path("erd.pid"), encoding="ascii") as file:
            pid = int(file.read())
        if os.stat(f"/proc/{pid}/ns/net").st_ino != os.stat(os.path.join(NETNS_DIR, lab.router)).st_ino:
            return                                  # an old file; the number is another's by now
        os.kill(pid, signal.SIGTERM)
    except (OSError, ValueError):
        return
    wait_until(lambda: not os.path.exists(f"/proc/{pid}"), PATIENCE)
