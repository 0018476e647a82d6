# SPDX-License-Identifier: GPL-2.0-or-later
"""The peers of tests/bench/cvip: how each is started in the lab, which master serves, and how a lost one comes back.

All of them move the same address between the same two masters, with IPVS by direct routing to three traffic nodes."""

import json
import time

import harness

ADDRESS = harness.CVIP["ipv4"]
MASTERS = ("m1", "m2")
TRAFFIC = {f"t{number}": f"10.1.0.{10 + number}" for number in range(1, 4)}
TEMPLATE = harness.TOP / "tests" / "lab" / "has.conf"


def other(master):
    return MASTERS[1 - MASTERS.index(master)]


class Peer:
    """What all peers share: a master that holds the address on eth0 is the one that serves."""

    name = None
    interval_ms = None  # of its heartbeats or advertisements; None: it has none
    plain = True  # a lab without any cluster software
    watch = 2.5  # seconds observed after a fault
    warm = 2.0  # seconds under load before it

    def up(self, lab):
        lab.command("up", "--plain", "--masters", "2", "--traffic", str(len(TRAFFIC)), capture=False)

    def start(self, lab):
        pass

    def stop(self, lab):
        pass

    def holds(self, lab, master):
        return ADDRESS in lab.exec(master, f"ip -4 -o addr show dev eth0 to {ADDRESS}/32", check=False)

    def serving(self, lab):
        """The one master that serves, or None."""
        holders = [master for master in MASTERS if self.holds(lab, master)]
        return holders[0] if len(holders) == 1 else None

    def ready(self, lab):
        """Whether one master serves and the other could take over."""
        raise NotImplementedError

    def boot(self, lab, master):
        """The lost master gets power again."""
        lab.command("boot", master)

    def watched(self, lab, victim):
        """Returns when a fault was watched for long enough."""
        time.sleep(self.watch)  # a bench measures over time, it waits for no state

    def join(self, lab, master):
        """What makes a master that is booted a member again."""

    def give_back(self, lab, master):
        """Moves the service to that master, which was lost and is back."""


class Keepalived(Peer):
    """VRRP version 3, both masters with nearly equal priorities, so that the skew is shortest, and the connection
    synchronisation that keepalived starts. The returning master preempts: it has the higher priority."""

    name = "keepalived"
    priority = {"m1": 254, "m2": 252}

    def __init__(self, interval_ms):
        self.interval_ms = interval_ms
        self.watch = 2.5 + 4 * interval_ms / 1000

    def start(self, lab):
        for master in MASTERS:
            if not self.running(lab, master):
                self.join(lab, master)

    def stop(self, lab):
        for master in MASTERS:
            lab.exec(master, "pkill -x keepalived; while pgrep -x keepalived >/dev/null; do sleep 0.1; done; "
                             "ipvsadm -C", check=False)

    def running(self, lab, master):
        return lab.exec(master, "pgrep -x keepalived", check=False).strip() != ""

    def ready(self, lab):
        return self.serving(lab) == "m1" and all(self.running(lab, master) for master in MASTERS)

    def join(self, lab, master):
        lab.exec(master, f"cat >/etc/keepalived.bench <<'END'\n{self.configuration(master)}END\n"
                         "keepalived -f /etc/keepalived.bench </dev/null >/dev/null 2>&1")

    def configuration(self, master):
        servers = "\n".join(f"    real_server {address} 80 {{ weight 1 }}" for address in TRAFFIC.values())
        return (f"global_defs {{\n    router_id {master}\n    vrrp_version 3\n"
                f"    lvs_sync_daemon eth1 cvip id 51\n}}\n"
                f"vrrp_instance cvip {{\n    state BACKUP\n    interface eth0\n    virtual_router_id 51\n"
                f"    priority {self.priority[master]}\n    advert_int {self.interval_ms / 1000:g}\n"
                f"    virtual_ipaddress {{\n        {ADDRESS}/32\n    }}\n}}\n"
                f"virtual_server {ADDRESS} 80 {{\n    lb_algo wrr\n    lb_kind DR\n    protocol TCP\n{servers}\n}}\n")


class Clustered(Peer):
    """A cluster rendered from has.conf."""

    plain = False
    section = ""  # appended to the lab's has.conf

    def up(self, lab):
        path = harness.BUILD / f"bench-{lab.name}.conf"
        path.write_text(TEMPLATE.read_text(encoding="utf-8") + self.section, encoding="utf-8")
        lab.up(2, len(TRAFFIC), False, "--config", str(path))

    def online(self, lab):
        """Both masters are members, and the cluster has nothing to do."""
        for master in MASTERS:
            if "partition with quorum" not in lab.exec(master, "crm_mon -1", check=False):
                return False
        return lab.exec("m1", "crm_node -l", check=False).count("member") == 2


class Ipaddr2(Clustered):
    """The classical variant: Pacemaker moves the address with ocf:heartbeat:IPaddr2, has.conf's default timings."""

    name = "Pacemaker, IPaddr2"
    section = '\nredundancy { address = ipaddr2 }\n'

    def watched(self, lab, victim):
        harness.wait_for("the address on the other master", lambda: self.holds(lab, other(victim)), 90, 0.5)
        super().watched(lab, victim)

    def ready(self, lab):
        serving = self.serving(lab)
        return serving is not None and self.online(lab) and len(lab.active(serving)) == len(TRAFFIC)

    def give_back(self, lab, master):
        source = other(master)
        lab.exec(source, f"crm_attribute -N {source} -n standby -v on -l reboot")
        harness.wait_for(f"the address on {master}", lambda: self.serving(lab) == master, 60)
        lab.exec(source, f"crm_attribute -N {source} -n standby -D -l reboot")


class Has(Clustered):
    """cvipd with has.conf's defaults."""

    name = "HAS"
    interval_ms = 30

    def status(self, lab, master):
        try:
            return json.loads(lab.exec(master, "hasctl --json cvip"))
        except json.JSONDecodeError as error:
            raise harness.Failed(f"hasctl cvip on {master} printed no JSON: {error}") from error

    def serving(self, lab):
        for master in MASTERS:
            try:
                if self.status(lab, master)["buckets"] == 256:
                    return master
            except harness.Failed:
                pass
        return None

    def ready(self, lab):
        views = [self.status(lab, master) for master in MASTERS]
        return (all(view["ready"] and not view["reconstruction"]["running"] and view["buckets"] in (0, 256) and
                    all(member["self"] or (member["linked"] and member["ready"] and not member["aside"])
                        for member in view["members"])
                    for view in views)
                and sum(view["buckets"] for view in views) == 256)

    def give_back(self, lab, master):
        """There, and away again: else the same master would be lost each time, and cvipd lets a master that is lost
        again and again wait longer and longer for its return."""
        self.move(lab, other(master), master)
        self.move(lab, master, other(master))

    def move(self, lab, source, target):
        lab.exec(source, "hasctl switchover")
        harness.wait_for(f"all buckets on {target}", lambda: self.status(lab, target)["buckets"] == 256, 90)
        lab.exec(source, "hasctl switchover --end")
        harness.wait_for(f"{source} is ready again", lambda: self.ready(lab), 60)
