# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab's power controller, what an IPMI board or a switched power strip is for a real cluster.

It listens on the management network (10.9.0.254:7001). A request is one line, "off m1", the answer one line,
"ok" or "error" with a text. fence_lab in the nodes is its client."""

import datetime
import socketserver
import subprocess
import sys
import threading

from . import agent, cables, machine
from .host import LabError, inside, socket_in, wait_until
from .lab import LAB_SOURCE
from .network import CONTROLLER

PORT = 7001


def start(lab):
    """Starts the controller in the switch's namespace and waits until it answers."""
    with open(f"{lab.logs}/controller.log", "ab") as log:
        subprocess.Popen(inside(lab.switch) + [sys.executable, f"{LAB_SOURCE}/lab", "--lab", lab.name, "controller",
                                               lab.dir], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                         start_new_session=True)

    def answers():
        with socket_in(lab.switch) as sock:
            sock.settimeout(0.5)
            return sock.connect_ex((CONTROLLER, PORT)) == 0

    if not wait_until(answers, 10):
        raise LabError(f"the lab's power controller does not start; see {lab.logs}/controller.log")


def serve(lab):
    """The controller's process."""
    class Request(socketserver.StreamRequestHandler):
        def handle(self):
            words = self.rfile.readline(200).decode(errors="replace").split()
            if not words:
                return
            try:
                text, later = answer(lab, words[0], words[1] if len(words) > 1 else "")
                reply = f"ok {text}"
            except LabError as error:
                reply, later = f"error {error}", None
            print(f"{datetime.datetime.now():%H:%M:%S.%f} {self.client_address[0]}: {' '.join(words)}: {reply}",
                  flush=True)
            self.wfile.write(reply.encode() + b"\n")
            self.wfile.flush()
            self.request.close()
            if later:
                later()

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    with Server((CONTROLLER, PORT), Request) as server:
        server.serve_forever()


POWER = threading.Lock()


def answer(lab, action, name):
    """Does what was asked. Returns the answer's text, and what is left to do after it was sent."""
    lab.load()
    if action == "monitor":
        return "", None
    if action in ("list", "list-status"):
        off = " ".join(f"{n.name},{n.name}" + ("" if action == "list" else f",{power(lab, n)}") for n in lab.nodes)
        return off, None
    node = lab.node(name)
    if action == "status":
        return power(lab, node), None
    if action not in ("on", "off", "reboot"):
        raise LabError(f"unknown action '{action}'")
    if action == "on":
        power_on(lab, node)
        return "", lambda: plug(lab, node)
    with POWER:
        machine.power_off(lab, node)
    # The node is off, which is all that the cluster waits for: answer before it starts again.
    return "", (lambda: restart(lab, node)) if action == "reboot" else None


def power(lab, node):
    return "on" if machine.powered(lab, node) else "off"


def power_on(lab, node):
    """Switches a node on, unless somebody holds its power cord (`lab crash --hold`)."""
    with POWER:
        if node.name not in lab.load().state["held"]:
            machine.power_on(lab, node)


def plug(lab, node):
    if wait_until(lambda: agent.answers(lab, node), 30, 0.1):
        cables.plug_cables(lab, node)


def restart(lab, node):
    power_on(lab, node)
    plug(lab, node)
