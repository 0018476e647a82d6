# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line of the lab."""

import argparse
import json
import os
import signal
import sys

from . import agent, cables, controller, kernel, life, machine, network, orderly, router, status, storage
from .host import LabError, Progress, inside, wait_until
from .lab import LANS, Lab
from .prereq import build_dir

EPILOG = """\
examples:
  lab up                              2 master and 4 traffic nodes, from tests/lab/has.conf
  lab exec m1 -- hasctl nodes         a command in a node
  lab client -- curl http://10.1.0.100/
  lab crash t2                        t2 loses power; the cluster fences it, which starts it again
  lab link t1 eth0 down               pull a cable
  lab lan lan1 down                   switch a whole switch off
  lab partition m1,t1,t2,router m2,t3,t4
  lab down
environment: HAS_BUILD (build directory), HAS_LAB_STAGE, HAS_LAB_KERNEL, HAS_LAB_DIR, HAS_LAB_LOGS, HAS_LAB_CACHE
"""


def parser():
    top = argparse.ArgumentParser(prog="lab", description="A HAS cluster on this machine, one kernel a node.",
                                  epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter)
    top.add_argument("--lab", default="default", metavar="NAME", help="one of several labs (default: default)")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    up = commands.add_parser("up", help="start a lab and wait until it serves")
    up.add_argument("--masters", type=count(1, 9), default=2, metavar="N")
    up.add_argument("--traffic", type=count(1, 80), default=4, metavar="N")
    up.add_argument("--config", metavar="FILE", help="has.conf to use instead of tests/lab/has.conf")
    up.add_argument("--plain", action="store_true", help="nodes only: no cluster software, web servers by hand")
    up.add_argument("--no-wait", action="store_true", help="return when the nodes are booted")
    up.add_argument("--kernel", choices=("lab", "debian"), default=os.environ.get("HAS_LAB_KERNEL", "lab"))
    up.add_argument("--stage", default=os.environ.get("HAS_LAB_STAGE", os.path.join(build_dir(), "stage")),
                    help="HAS as installed by: make install DESTDIR=STAGE")
    up.add_argument("--storage", type=count(8, storage.LARGEST_MB), metavar="MB",
                    help=f"size of a master's data disk, /dev/ubdb ({storage.DISK_MB} with a storage section in has.conf, else "
                    "none)")
    up.add_argument("--memory", default=os.environ.get("HAS_LAB_MEMORY", "256M"), help="of a traffic node (256M)")

    for name, text in (("exec", "run a command in a node"), ("client", "run a command on the client host"),
                       ("router", "run a command on the router")):
        sub = commands.add_parser(name, help=text)
        if name == "exec":
            sub.add_argument("node")
        sub.add_argument("words", nargs=argparse.REMAINDER, metavar="-- CMD")
    for name, text in (("boot", "switch a node on"), ("stop", "shut a node down in order, then switch it off"),
                       ("crash", "a node loses power"), ("freeze", "stop a whole node for a while, as a hypervisor does"),
                       ("thaw", "let a frozen node go on"), ("log", "print a node's console")):
        commands.add_parser(name, help=text).add_argument("node")
    commands.choices["crash"].add_argument("--hold", action="store_true",
                                           help="it stays without power until `boot`: fencing cannot start it")
    link = commands.add_parser("link", help="the cable of a node's port")
    link.add_argument("node")
    link.add_argument("port", choices=tuple(LANS.values()))
    link.add_argument("state", choices=("up", "down", "blackhole"))
    lan = commands.add_parser("lan", help="the switch of a LAN: every port that is plugged into it, and its trunk")
    lan.add_argument("lan", choices=tuple(LANS))
    lan.add_argument("state", choices=("up", "down", "blackhole"))
    split = commands.add_parser("partition", help="split the LANs into groups of nodes, or heal them")
    split.add_argument("groups", nargs="+", metavar="heal | NODE,NODE… NODE,NODE…")
    split.add_argument("--lan", choices=(*LANS, "all"), default="all")
    commands.add_parser("status", help="what is up, and who serves").add_argument("--json", action="store_true")
    commands.add_parser("down", help="end a lab; nothing is left behind")
    commands.add_parser("build-kernel", help="build the nodes' kernel into the cache, print its path")
    commands.add_parser("controller").add_argument("dir")           # the lab's own process, see controller.py
    return top


def count(low, high):
    def convert(text):
        if not text.isdigit() or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"{low} to {high}")
        return int(text)
    return convert


def words_of(options):
    words = options.words[1:] if options.words[:1] == ["--"] else options.words
    if not words:
        raise LabError(f"{options.command}: which command?")
    return words


def crash(lab, options, _):
    with lab.locked():
        node = lab.node(options.node)
        if options.hold and node.name not in lab.state["held"]:
            lab.state["held"].append(node.name)
            lab.save()
        machine.power_off(lab, node)


def boot(lab, options, progress):
    with lab.locked():
        node = lab.node(options.node)
        lab.state["held"] = [name for name in lab.state["held"] if name != node.name]
        lab.save()
        machine.power_on(lab, node)
    if not wait_until(lambda: agent.answers(lab, node), life.BOOT_SECONDS):
        raise LabError(f"{node.name} does not boot; see {lab.log_dir(node, 'console.log')}")
    cables.plug_cables(lab, node)
    orderly.welcome(lab, node)
    progress.say(f"{node.name} is booted")


def freeze(lab, options, _):
    machine.freeze(lab, lab.node(options.node))


def thaw(lab, options, _):
    machine.thaw(lab, lab.node(options.node))


def link(lab, options, _):
    with lab.locked():
        cables.set_link(lab, lab.node(options.node), options.port, options.state)


def lan(lab, options, _):
    with lab.locked():
        cables.set_lan(lab, options.lan, options.state)


def partition(lab, options, _):
    with lab.locked():
        lans = list(LANS) if options.lan == "all" else [options.lan]
        groups = [] if options.groups == ["heal"] else network.parse_groups(lab, options.groups)
        network.partition(lab, lans, groups)


def show_log(lab, options, _):
    node = lab.node(options.node)
    with open(lab.log_dir(node, "console.log"), encoding="utf-8", errors="replace") as file:
        print(file.read(), end="")
    print(f"(more in {lab.log_dir(node)})", file=sys.stderr)


def show_status(lab, options, _):
    if options.json:
        print(json.dumps(status.collect(lab), indent=1))
    else:
        status.show(lab)


def execute_in(namespace, options):
    words = inside(namespace) + words_of(options)
    os.execvp(words[0], words)


COMMANDS = {
    "exec": lambda lab, options, _: agent.stream(lab, lab.node(options.node), words_of(options)),
    "client": lambda lab, options, _: execute_in(lab.client, options),
    "router": lambda lab, options, _: execute_in(lab.router, options),
    "crash": crash, "boot": boot, "link": link, "lan": lan, "partition": partition, "log": show_log,
    "freeze": freeze, "thaw": thaw,
    "status": show_status,
    "stop": lambda lab, options, progress: orderly.stop(lab, lab.node(options.node), progress),
    "controller": lambda lab, *_: controller.serve(lab),
}


def run(options, progress):
    lab = Lab(options.lab)
    if options.command == "build-kernel":
        kernel.build(progress)
        print(kernel.cached())
        return 0
    if options.command == "up":
        return life.up(lab, options, progress)
    if os.geteuid() != 0:
        raise LabError("run it as root")
    if options.command == "down":
        return life.down(lab, progress)
    return COMMANDS[options.command](lab.load(), options, progress)


def main():
    options = parser().parse_args()
    progress = Progress()
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:     # nohup(1)
            signal.signal(number, signal.default_int_handler)
    try:
        return run(options, progress) or 0
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 1
    except KeyboardInterrupt:
        if options.command == "up":
            progress.say("interrupted; taking the lab down")
            life.down(Lab(options.lab), progress)
        return 130
