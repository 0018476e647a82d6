# SPDX-License-Identifier: GPL-2.0-or-later
"""The host's end of lab-execd: runs a command in a node."""

import os
import selectors
import socket
import struct

from . import machine
from .host import LabError, socket_in

PORT = 7000
STDIN = 0


def connect(lab, node, timeout=3.0):
    sock = socket_in(lab.switch)
    sock.settimeout(timeout)
    # A node that loses power says nothing: without this, a command under way would wait for ever.
    for level, option, value in ((socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
                                 (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 2),
                                 (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 2),
                                 (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 7)):
        sock.setsockopt(level, option, value)
    try:
        sock.connect((node.address("mgmt"), PORT))
    except OSError:
        sock.close()
        raise
    return sock


def answers(lab, node, timeout=0.3):
    """Does the node take commands?"""
    try:
        connect(lab, node, timeout).close()
    except OSError:
        return False
    return True


def send(sock, kind, data):
    sock.sendall(kind + struct.pack(">I", len(data)) + data)


def receive(sock, length):
    data = b""
    while len(data) < length:
        part = sock.recv(length - len(data))
        if not part:
            raise ConnectionError("the node closed the connection")
        data += part
    return data


def frames(sock):
    """Yields (kind, data) up to and with the exit status."""
    while True:
        kind, length = struct.unpack(">cI", receive(sock, 5))
        data = receive(sock, length)
        yield kind, data
        if kind == b"x":
            return


def start(lab, node, command, timeout):
    try:
        sock = connect(lab, node)
        sock.settimeout(timeout)
        send(sock, b"c", b"".join(word.encode() + b"\0" for word in command))
    except OSError as error:
        raise LabError(f"{node.name} does not answer ({error}); see: lab status, lab log {node.name}") from error
    return sock


def call(lab, node, *command, timeout=60.0, text=None):
    """Runs a command and returns (exit status, standard output, standard error)."""
    output = {b"o": b"", b"e": b"", b"x": b""}
    with start(lab, node, command, timeout) as sock:
        try:
            if text:
                data = text.encode()
                for at in range(0, len(data), 16384):
                    send(sock, b"i", data[at:at + 16384])
            send(sock, b"i", b"")
            for kind, data in frames(sock):
                output[kind] += data
        except OSError as error:
            raise LabError(f"{node.name}: {' '.join(command)}: {error}") from error
    return (struct.unpack(">I", output[b"x"])[0], output[b"o"].decode(errors="replace"),
            output[b"e"].decode(errors="replace"))


def stream(lab, node, command):
    """Runs a command with our own standard input, output and error. Returns its exit status."""
    sock = start(lab, node, command, None)
    selector = selectors.DefaultSelector()
    selector.register(sock, selectors.EVENT_READ)
    try:
        selector.register(STDIN, selectors.EVENT_READ)
    except (ValueError, OSError):
        feed_file(sock)                             # a plain file cannot be polled
    try:
        while True:
            events = selector.select(1.0)
            if not events and not machine.powered(lab, node):
                raise LabError(f"{node.name} has lost power")
            for key, _ in events:
                if key.fileobj is not sock:
                    if not feed(sock):
                        selector.unregister(STDIN)
                    continue
                kind, length = struct.unpack(">cI", receive(sock, 5))
                data = receive(sock, length)
                if kind == b"x":
                    return struct.unpack(">I", data)[0]
                write_all(1 if kind == b"o" else 2, data)
    except OSError as error:
        raise LabError(f"{node.name}: the connection broke ({error}); the node may have lost power") from error
    finally:
        sock.close()


def write_all(descriptor, data):
    while data:
        data = data[os.write(descriptor, data):]


def feed(sock):
    try:
        data = os.read(STDIN, 16384)
    except OSError:
        data = b""
    send(sock, b"i", data)
    return bool(data)


def feed_file(sock):
    while feed(sock):
        pass
