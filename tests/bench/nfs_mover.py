#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Takes a floating address over at once: what an address that moves can reach at best. For tests/bench/nfs, on the
standby server of it.

Probes the server that has the address as nfshad does (a NULL call each interval, over one connection); when so many in
a row had no answer within the timeout, or on SIGUSR1, it adds the address and announces it by gratuitous ARP. Nobody is
asked first, nobody is fenced. Prints one JSON object with the time of the decision."""

import argparse
import collections
import json
import select
import signal
import socket
import struct
import time

NFS_PORT = 2049
REPLY_SIZE = 28
NULL_CALL = struct.pack(">IIIIIIIIIII", 0x80000000 | 40, 1, 0, 2, 100003, 3, 0, 0, 0, 0, 0)
RTM_NEWADDR, NLM_REQUEST_CREATE_ACK = 20, 0x405
ETH_P_ARP = 0x0806


class Wanted(Exception):
    """A planned move."""


def lost(connection, options):
    """Returns when the server has not answered so many calls, or has ended the connection. A call is sent each
    interval, whether or not the ones before were answered, and each has a timeout of its own."""
    pending = collections.deque()
    begin = time.monotonic()
    while True:
        now = time.monotonic()
        if now >= begin:
            connection.sendall(NULL_CALL)
            pending.append(now)
            begin = max(begin + options.interval / 1000, now)
        if select.select([connection], [], [], max(0.0, begin - now))[0]:
            data = connection.recv(4096)
            if not data:
                return
            for _ in range(min(len(data) // REPLY_SIZE, len(pending))):
                pending.popleft()
        if sum(time.monotonic() - sent > options.timeout / 1000 for sent in pending) >= options.fall:
            return


def watch(options):
    """Returns when the server is lost."""
    with socket.create_connection((options.watch, NFS_PORT), 2) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            lost(connection, options)
        except OSError:
            pass


def add_address(port, address):
    """As `ip address add` does, without the time that a program takes to start."""
    packed = socket.inet_aton(address)
    attributes = b"".join(struct.pack("=HH", 8, kind) + packed for kind in (1, 2))  # IFA_ADDRESS, IFA_LOCAL
    body = struct.pack("=BBBBi", socket.AF_INET, 32, 0, 0, socket.if_nametoindex(port)) + attributes
    header = struct.pack("=IHHII", 16 + len(body), RTM_NEWADDR, NLM_REQUEST_CREATE_ACK, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as netlink:
        netlink.send(header + body)
        netlink.recv(4096)


def announce(port, address):
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ARP)) as wire:
        wire.bind((port, 0))
        own = wire.getsockname()[4]
        packed = socket.inet_aton(address)
        for operation in (1, 2):
            wire.send(b"\xff" * 6 + own + struct.pack(">HHHBBH", ETH_P_ARP, 1, 0x0800, 6, 4, operation) + own + packed
                      + b"\xff" * 6 + packed)


def planned(*_):
    raise Wanted


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--watch", required=True, help="address of the server that has the floating address")
    parser.add_argument("--take", required=True, help="the floating address")
    parser.add_argument("--port", default="eth0")
    parser.add_argument("--interval", type=float, default=20, help="ms")
    parser.add_argument("--timeout", type=float, default=60, help="ms")
    parser.add_argument("--fall", type=int, default=2)
    options = parser.parse_args()
    try:
        signal.signal(signal.SIGUSR1, planned)
        watch(options)
    except Wanted:
        pass
    decided = time.time()
    add_address(options.port, options.take)
    announce(options.port, options.take)
    print(json.dumps({"decided": decided, "done": time.time()}), flush=True)


if __name__ == "__main__":
    main()
