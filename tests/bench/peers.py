# SPDX-License-Identifier: GPL-2.0-or-later
"""The peers of tests/bench/run: how each is started in the lab, and how many servers it has in its table.

The rivals run on the master that does not hold the CVIP, each with a virtual address of its own that every traffic node
holds on lo as well. Their settings are the fastest that their manuals offer for a check by HTTP."""

import harness

TRAFFIC = {f"t{number}": f"10.1.0.{10 + number}" for number in range(1, 5)}


class Has:
    """The cluster as it stands."""

    name = "HAS"
    address = harness.CVIP["ipv4"]

    def start(self, lab):
        pass

    def stop(self, lab):
        pass

    def servers(self, lab):
        return count_servers(lab, lab.owner(), self.address)


class Rival:
    """A daemon of Debian's on the standby master."""

    name = None
    address = None
    stop_command = None

    def start(self, lab):
        self.master = "m2" if lab.owner() == "m1" else "m1"
        lab.exec(self.master, f"ip addr add {self.address}/32 dev eth0")
        self.hold(lab)
        self.run(lab)

    def hold(self, lab):
        """The address on lo of every traffic node; again after a node was restarted."""
        for node in TRAFFIC:
            lab.exec(node, f"ip addr replace {self.address}/32 dev lo", check=False)

    def servers(self, lab):
        self.hold(lab)
        return count_servers(lab, self.master, self.address)

    def stop(self, lab):
        lab.exec(self.master, f"{self.stop_command}; ip addr del {self.address}/32 dev eth0; "
                              f"ipvsadm -D -t {self.address}:80", check=False)
        for node in TRAFFIC:
            lab.exec(node, f"ip addr del {self.address}/32 dev lo", check=False)

    def write(self, lab, path, text):
        lab.exec(self.master, f"mkdir -p $(dirname {path}); cat >{path} <<'END'\n{text}\nEND\nchmod 600 {path}")


class Keepalived(Rival):
    name = "keepalived"
    address = "10.1.0.201"
    stop_command = "pkill -x keepalived"

    def run(self, lab):
        servers = "\n".join(
            f"    real_server {address} 80 {{ weight 1\n        HTTP_GET {{ url {{ path /\n status_code 200 }}\n"
            f"            connect_timeout 1\n            retry 1\n            delay_before_retry 1 }} }}"
            for address in TRAFFIC.values())
        self.write(lab, "/etc/keepalived/bench.conf",
                   f"virtual_server {self.address} 80 {{\n    delay_loop 1\n    lb_algo wrr\n    lb_kind DR\n"
                   f"    protocol TCP\n{servers}\n}}")
        lab.exec(self.master, "keepalived -C -f /etc/keepalived/bench.conf -p /run/keepalived-bench.pid "
                              "-c /run/keepalived-bench-c.pid </dev/null >/dev/null 2>&1")


class Ldirectord(Rival):
    name = "ldirectord"
    address = "10.1.0.202"
    stop_command = "ldirectord /etc/ha.d/bench.cf stop"

    def run(self, lab):
        servers = "\n".join(f"        real={address}:80 gate" for address in TRAFFIC.values())
        self.write(lab, "/etc/ha.d/bench.cf",
                   f"checktimeout=1\ncheckinterval=1\nquiescent=no\nautoreload=no\nvirtual={self.address}:80\n{servers}\n"
                   "        service=http\n        request=\"/\"\n        receive=\"t[0-9]\"\n        scheduler=wrr\n"
                   "        protocol=tcp\n        checktype=negotiate")
        lab.exec(self.master, "mkdir -p /var/log /run; ldirectord /etc/ha.d/bench.cf start </dev/null >/dev/null 2>&1")


def count_servers(lab, master, address):
    listing = lab.exec(master, f"ipvsadm -Ln -t {address}:80", check=False)
    return sum(1 for line in listing.splitlines() if line.split()[:1] == ["->"] and line.split()[3] not in ("0", "Weight"))


ALL = [Has(), Ldirectord(), Keepalived()]
