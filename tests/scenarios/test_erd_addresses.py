# SPDX-License-Identifier: GPL-2.0-or-later
"""An address that somebody puts on the port in use while erd runs goes with the others, and leaves with them."""

import json

import harness
import ports

ADDED = {"ipv4": ("10.1.0.200/24", "http://10.1.0.200/"), "ipv6": ("fd00:1::200/64", "http://[fd00:1::200]/")}


def addresses(lab, node, port):
    return {f"{entry['local']}/{entry['prefixlen']}"
            for link in json.loads(lab.exec(node, f"ip -j addr show dev {port}")) for entry in link.get("addr_info", [])}


def answers(lab, url):
    return lab.client("curl", "-s", "-g", "-m", "2", url, check=False).strip() == "t3"


def each(lab, port, there):
    """Whether all of them are (or none of them is) on the port."""
    found = addresses(lab, "t3", port)
    return all((address in found) == there for address, _ in ADDED.values())


def test_added_address_follows(twin):
    lab = twin
    for address, _ in ADDED.values():
        lab.exec("t3", f"ip addr add {address} dev eth0")
    try:
        harness.wait_for("the twin has them", lambda: each(lab, "eth1", True), 10)
        for _, url in ADDED.values():
            harness.wait_for(f"{url} answers", lambda url=url: answers(lab, url), 10)
        with ports.cut(lab, "t3", "eth0"):
            ports.wait_on(lab, "t3", "eth1", 1)
            for _, url in ADDED.values():
                harness.wait_for(f"{url} answers by the twin", lambda url=url: answers(lab, url), 10)
        ports.wait_on(lab, "t3", "eth0", 2)
        for _, url in ADDED.values():
            harness.wait_for(f"{url} answers by the primary", lambda url=url: answers(lab, url), 10)
    finally:
        for address, _ in ADDED.values():
            lab.exec("t3", f"ip addr del {address} dev eth0", check=False)
    harness.wait_for("the twin has them no more", lambda: each(lab, "eth1", False), 10)
