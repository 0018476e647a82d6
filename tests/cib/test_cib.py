#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The CIB that hasctl renders: is it valid, do crmsh and pcs make the same of it, and where does everything run?

Run by make check in the directory of the build; HASCTL=PATH tests another hasctl. --golden writes tests/cib/golden anew:
read its differences before you commit them."""
import functools
import os
import shutil
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import cib  # noqa: E402  pylint: disable=wrong-import-position

HASCTL = os.environ.get("HASCTL", "daemons/hasctl/hasctl")
TEMPLATES = os.path.join(HERE, "../../cib")
TOOLS = ("crm_verify", "crm_simulate", "cibadmin", "crm", "pcs")
SKIP = 77


SCRATCH = tempfile.TemporaryDirectory()


@functools.lru_cache(maxsize=None)
def render(case):
    """Renders a case and loads it by both tools; returns its directory and the two CIBs' paths."""
    directory = os.path.join(SCRATCH.name, case)
    cib.run(HASCTL, "config", "render", "-c", f"{HERE}/cases/{case}.conf", "-T", TEMPLATES, "-o", directory)
    crmsh, pcs = os.path.join(directory, "crmsh.xml"), os.path.join(directory, "pcs.xml")
    cib.by_crmsh(os.path.join(directory, "cib.crm"), crmsh)
    cib.by_pcs(os.path.join(directory, "cib.pcs.sh"), pcs)
    return directory, crmsh, pcs


class Case(unittest.TestCase):
    """One has.conf. Subclasses name it and its nodes; the CIB is made and brought up once."""
    name = None
    masters = ["m1", "m2"]
    traffic = ["t1", "t2"]
    remote = True
    warnings = ""  # what crm_verify may say
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        if cls.name is None:
            raise unittest.SkipTest("a base for others")
        cls.directory, cls.crmsh, cls.pcs = render(cls.name)
        cls.settled, cls.first = cls.bring_up(cls.crmsh, "settled.xml")

    @classmethod
    def bring_up(cls, path, name):
        cluster = cib.Cluster(path, cls.masters, cls.traffic, cls.remote)
        cluster = cluster.copy(os.path.join(cls.directory, name))
        return cluster, cluster.start()

    def setUp(self):
        self.up = self.settled.copy(os.path.join(self.directory, "case.xml"))

    def assert_placed(self, cluster, **places):
        """Every resource that is named must run exactly on its nodes ("t1 t2")."""
        for resource, nodes in places.items():
            self.assertEqual(cluster.where(resource.replace("_", "-")), nodes.split(), resource + "\n" + cluster.log)

    def test_crm_verify_accepts(self):
        """Without even a warning, with the nodes up: before, crm_verify warns that it never saw the remote nodes."""
        by_pcs, _ = self.bring_up(self.pcs, "by_pcs.xml")
        for cluster in (self.settled, by_pcs):
            self.assertEqual(cib.run("crm_verify", "--xml-file", cluster.path, "-V", "-V"), self.warnings)

    def test_crmsh_and_pcs_agree(self):
        self.assertEqual(cib.canonical(self.crmsh), cib.canonical(self.pcs))

    def test_golden(self):
        with open(f"{HERE}/golden/{self.name}.xml", encoding="utf-8") as file:
            self.assertEqual(file.read(), cib.canonical(self.crmsh))


class Change(unittest.TestCase):
    """Loading a changed cluster over the old one leaves nothing of the old one, and the nodes as they are."""

    def change(self, loaded, change, commands, to="nat"):
        """Loads another cluster over a running cluster one of whose nodes is in standby."""
        new, expected, _ = render(to)
        path = os.path.join(SCRATCH.name, "changed.xml")
        traffic = ["t1", "t2"] if "cvipd" in loaded else ["t1", "t2", "t3", "t4"]
        cluster = cib.Cluster(loaded, ["m1", "m2"], traffic, remote=True).copy(path)
        cluster.start()
        cluster.standby("t1")
        change(os.path.join(new, commands), path)
        self.assertEqual(cib.canonical(path), cib.canonical(expected))
        with open(path, encoding="utf-8") as file:
            self.assertIn('name="standby" value="on"', file.read())

    def test_by_crmsh(self):
        self.change(render("remote")[1], cib.change_by_crmsh, "cib.crm")

    def test_by_pcs(self):
        self.change(render("remote")[2], cib.change_by_pcs, "cib.pcs.sh")

    def test_from_cvipd_to_ipaddr2_and_back(self):
        """The alert goes and comes, too."""
        self.change(render("cvipd")[1], cib.change_by_crmsh, "cib.crm")
        self.change(render("cvipd")[2], cib.change_by_pcs, "cib.pcs.sh")
        self.change(render("remote")[1], cib.change_by_crmsh, "cib.crm", to="cvipd")
        self.change(render("remote")[2], cib.change_by_pcs, "cib.pcs.sh", to="cvipd")
        self.change(render("cvipd")[2], cib.change_by_pcs, "cib.pcs.sh", to="cvipd")


class Remote(Case):
    """Two masters, traffic nodes as Pacemaker Remote nodes; the address by IPaddr2."""
    name = "remote"

    traffic = ["t1", "t2", "t3", "t4"]

    def setUp(self):
        super().setUp()
        self.owner = self.up.where("cvip-main-1")[0]
        self.other = {"m1": "m2", "m2": "m1"}[self.owner]

    def test_all_up(self):
        self.assert_placed(self.up, cvip_main_1=self.owner, cvip_main_2=self.owner, tmd="m1 m2",
                           webserver="t1 t2 t3 t4", realserver="t1 t2 t3 t4", tcd="t1 t2 t3 t4",
                           fence_m1="m2", fence_m2="m1")
        self.assertEqual(self.up.step(), [], "nothing is left to do")

    def test_a_traffic_node_is_never_asked_for_the_cvip(self):
        """It has the address on lo: a probe would find a second cluster virtual IP."""
        probed = {action[0].split(":")[0] for action in self.first if action[1] == "monitor" and action[-1][0] == "t"}
        self.assertEqual(probed, {"webserver", "realserver", "tcd"})

    def test_a_first_start_orders_each_node(self):
        """Web server, then the address, then the traffic client that announces both; tmd, then the CVIP."""
        done = self.first
        for node in ("t1", "t2", "t3", "t4"):
            started = [action[0].split(":")[0] for action in done if action[1:] == ["start", "on", node]]
            self.assertEqual(started, ["webserver", "realserver", "tcd"])
        starts = [action[0].split(":")[0] for action in done if action[1] == "start"]
        self.assertLess(starts.index("tmd"), starts.index("cvip-main-1"))

    def test_the_cvip_owner_is_lost(self):
        self.up.lose(self.owner)
        self.assertIn(f"Fencing {self.owner} (reboot)", self.up.log)
        self.assert_placed(self.up, cvip_main_1=self.other, cvip_main_2=self.other, tmd=self.other,
                           webserver="t1 t2 t3 t4", tcd="t1 t2 t3 t4", t1=self.other, t4=self.other)

    def test_the_other_master_is_lost(self):
        done = self.up.lose(self.other)
        self.assertIn(f"Fencing {self.other} (reboot)", self.up.log)
        self.assertFalse([action for action in done if action[0].startswith("cvip")], "the CVIP is not touched")
        self.assert_placed(self.up, cvip_main_1=self.owner, tmd=self.owner, webserver="t1 t2 t3 t4")

    def test_a_lost_master_returns(self):
        """The CVIP stays where it went: a second move would cost clients again."""
        self.up.lose(self.owner)
        done = self.up.step("--node-up", self.owner)
        self.assertFalse([action for action in done if action[0].startswith("cvip") and action[1] != "monitor"])
        self.assert_placed(self.up, cvip_main_1=self.other, tmd="m1 m2")

    def test_a_traffic_node_is_lost(self):
        self.up.lose("t1")
        self.assertIn("Fencing t1 (reboot)", self.up.log)
        self.assert_placed(self.up, cvip_main_1=self.owner, tmd="m1 m2", webserver="t2 t3 t4", realserver="t2 t3 t4",
                           tcd="t2 t3 t4")

    def test_tmd_fails_beside_the_cvip(self):
        done = self.up.fail("tmd", self.owner)
        self.assert_placed(self.up, cvip_main_1=self.other, cvip_main_2=self.other, tmd=self.other)
        self.assertFalse([action for action in done if action[0].split(":")[0] in ("webserver", "tcd")])

    def test_tmd_fails_on_the_idle_master(self):
        done = self.up.fail("tmd", self.other)
        self.assertFalse([action for action in done if action[0].startswith("cvip")], "the CVIP is not touched")
        self.assert_placed(self.up, cvip_main_1=self.owner, tmd=self.owner)

    def test_tmd_fails_on_the_last_master(self):
        """The kernel's table goes on forwarding; taking the CVIP away would only make it worse."""
        self.up.lose(self.other)
        done = self.up.fail("tmd", self.owner)
        self.assertFalse([action for action in done if action[0].startswith("cvip") and action[1] == "stop"])
        self.assert_placed(self.up, cvip_main_1=self.owner, cvip_main_2=self.owner)

    def test_a_web_server_fails(self):
        """It is restarted where it is; the traffic client goes on and reports index 0 meanwhile (3.24.11)."""
        done = self.up.fail("webserver", "t1")
        touched = {action[0].split(":")[0] for action in done if action[1] in ("start", "stop")}
        self.assertEqual(touched, {"webserver"})
        self.assert_placed(self.up, webserver="t1 t2 t3 t4", tcd="t1 t2 t3 t4")

    def test_a_traffic_node_leaves(self):
        """The traffic client goes first, so that the node is drained before anything else stops (3.24.10)."""
        done = self.up.standby("t1")
        self.assertEqual([action[0].split(":")[0] for action in done if action[1] == "stop"],
                         ["tcd", "realserver", "webserver"])
        self.assert_placed(self.up, webserver="t2 t3 t4", tcd="t2 t3 t4")

    def test_the_cvip_owner_leaves(self):
        self.up.standby(self.owner)
        self.assert_placed(self.up, cvip_main_1=self.other, cvip_main_2=self.other, tmd=self.other)

    def test_a_repaired_tmd_is_hot_again(self):
        """After a cleanup tmd runs on both masters; the CVIP stays where it went."""
        self.up.fail("tmd", self.owner)
        self.up.forget("tmd", self.owner)
        self.up.step()
        self.assert_placed(self.up, cvip_main_1=self.other, tmd="m1 m2")


class Cvipd(Case):
    """Two masters with cvipd: the default."""
    name = "cvipd"

    def assert_untouched(self, done, node):
        self.assertFalse([action for action in done if action[0].startswith("cvip") and action[-1] == node
                          and action[1] != "monitor"], self.up.log)

    def test_all_up(self):
        self.assert_placed(self.up, cvip="m1 m2", tmd="m1 m2", webserver="t1 t2", realserver="t1 t2", tcd="t1 t2",
                           fence_m1="m2", fence_m2="m1")
        self.assertEqual(self.up.step(), [], "nothing is left to do")

    def test_a_traffic_node_is_never_asked_for_the_cvip(self):
        probed = {action[0].split(":")[0] for action in self.first if action[1] == "monitor" and action[-1][0] == "t"}
        self.assertEqual(probed, {"webserver", "realserver", "tcd"})

    def test_tmd_starts_before_the_cvip(self):
        for node in self.masters:
            started = [action[0].split(":")[0] for action in self.first if action[1:] == ["start", "on", node]]
            self.assertLess(started.index("tmd"), started.index("cvip"))

    def test_each_master_is_lost_and_returns(self):
        for lost, left in (("m1", "m2"), ("m2", "m1")):
            self.setUp()
            done = self.up.lose(lost)
            self.assertIn(f"Fencing {lost} (reboot)", self.up.log)
            self.assert_untouched(done, left)
            self.assert_placed(self.up, cvip=left, tmd=left, webserver="t1 t2", tcd="t1 t2")
            self.assert_untouched(self.up.step("--node-up", lost), left)
            self.assert_placed(self.up, cvip="m1 m2", tmd="m1 m2")

    def test_tmd_fails(self):
        """The daemon stands aside by itself and goes on: the kernel's table still forwards what it gets."""
        for node in self.masters:
            self.setUp()
            done = self.up.fail("tmd", node)
            self.assert_untouched(done, node)
            self.assert_placed(self.up, cvip="m1 m2", tmd="m1 m2")

    def test_tmd_cannot_be_started(self):
        for node in self.masters:
            done = self.up.step("--op-inject", f"tmd_monitor_10000@{node}=7", "--op-fail", f"tmd_start_0@{node}=1")
            self.assertIn("failed with rc=1", self.up.log)
            self.assert_untouched(done, node)
            self.assert_placed(self.up, cvip="m1 m2")

    def test_the_cvip_fails(self):
        """It is restarted where it is, however often, and the other one goes on."""
        for _ in range(3):
            done = self.up.fail("cvip", "m1")
            self.assertEqual([action[1:] for action in done if action[0].split(":")[0] == "cvip" and
                              action[1] in ("start", "stop")], [["stop", "on", "m1"], ["start", "on", "m1"]])
            self.assert_untouched(done, "m2")
            self.assert_placed(self.up, cvip="m1 m2", tmd="m1 m2")

    def test_a_master_in_standby(self):
        """The address goes before the traffic manager does."""
        done = self.up.standby("m1")
        self.assertEqual([action[0].split(":")[0] for action in done if action[1:] == ["stop", "on", "m1"]
                          and action[0].split(":")[0] in ("cvip", "tmd")], ["cvip", "tmd"])
        self.assert_untouched(done, "m2")
        self.assert_placed(self.up, cvip="m2", tmd="m2")

    def test_a_traffic_node_is_lost(self):
        done = self.up.lose("t1")
        self.assertFalse([action for action in done if action[0].startswith("cvip")])
        self.assert_placed(self.up, cvip="m1 m2", tmd="m1 m2", webserver="t2", realserver="t2", tcd="t2")

    def test_a_half_waits_to_fence_the_first_master(self):
        """Both run cvip, so that priorities cannot tell them apart."""
        with open(self.settled.path, encoding="utf-8") as file:
            text = file.read()
        self.assertEqual(text.count('name="pcmk_delay_base"'), 1)
        self.assertIn('name="priority-fencing-delay" value="0s"', text)


class NWay(Case):
    """Three masters with cvipd, all members of Corosync, without fencing."""
    name = "nway"
    masters = ["m1", "m2", "m3"]
    remote = False
    warnings = "(unpack_config) \twarning: Blind faith: not fencing unseen nodes\n"

    def test_all_up(self):
        self.assert_placed(self.up, cvip="m1 m2 m3", tmd="m1 m2 m3", webserver="t1 t2", realserver="t1 t2",
                           tcd="t1 t2")

    def test_two_masters_are_lost(self):
        self.up.lose("m1")
        self.assert_placed(self.up, cvip="m2 m3", tmd="m2 m3")
        self.up.lose("m3")
        self.assert_placed(self.up, cvip="m2", tmd="m2", webserver="t1 t2")


class Full(Case):
    """Everybody is a Corosync member; three masters, two CVIPs."""
    name = "full"

    masters = ["m1", "m2", "m3"]
    remote = False

    def test_all_up(self):
        self.assert_placed(self.up, tmd="m1 m2 m3", webserver="t1 t2", realserver="t1 t2", tcd="t1 t2")
        one, two = self.up.where("cvip-one-1"), self.up.where("cvip-two-1")
        self.assertEqual(len(one + two), 2)
        self.assertNotEqual(one, two, "two masters share the work")
        for node in ("m1", "m2", "m3", "t1", "t2"):
            self.assertNotIn(node, self.up.where(f"fence-{node}"), "no node fences itself")

    def test_a_master_is_lost(self):
        owner = self.up.where("cvip-one-1")[0]
        self.up.lose(owner)
        self.assertIn(f"Fencing {owner} (reboot)", self.up.log)
        left = [node for node in ("m1", "m2", "m3") if node != owner]
        self.assert_placed(self.up, tmd=" ".join(left), webserver="t1 t2")
        self.assertIn(self.up.where("cvip-one-1")[0], left)
        self.assertIn(self.up.where("cvip-two-1")[0], left)

    def test_a_traffic_node_is_lost(self):
        self.up.lose("t1")
        self.assertIn("Fencing t1 (reboot)", self.up.log)
        self.assert_placed(self.up, webserver="t2", realserver="t2", tcd="t2", tmd="m1 m2 m3")


class Nat(Case):
    """NAT, no fencing."""
    name = "nat"
    warnings = "(unpack_config) \twarning: Blind faith: not fencing unseen nodes\n"

    def test_all_up(self):
        self.assert_placed(self.up, tmd="m1 m2", webserver="t1 t2", tcd="t1 t2", realserver="")

    def test_each_master_is_lost(self):
        for lost, left in (("m1", "m2"), ("m2", "m1")):
            self.setUp()
            self.up.lose(lost)
            self.assert_placed(self.up, cvip_main_1=left, tmd=left)


class Twin(Cvipd):
    """Two ports on each node: all that holds without them holds with them, and erd is on every node."""
    name = "twin"
    everywhere = "m1 m2 t1 t2"

    def test_all_up(self):
        super().test_all_up()
        self.assert_placed(self.up, erd=self.everywhere)

    def test_a_traffic_node_is_never_asked_for_the_cvip(self):
        probed = {action[0].split(":")[0] for action in self.first if action[1] == "monitor" and action[-1][0] == "t"}
        self.assertEqual(probed, {"webserver", "realserver", "tcd", "erd"})

    def test_erd_starts_first_and_stops_last(self):
        for node in self.everywhere.split():
            started = [action[0].split(":")[0] for action in self.first if action[1:] == ["start", "on", node]]
            self.assertEqual([name for name in started if name in ("erd", "tmd", "cvip", "webserver", "realserver",
                                                                   "tcd")][0], "erd")
            self.setUp()
            done = self.up.standby(node)
            self.assertEqual([action[0].split(":")[0] for action in done if action[1:] == ["stop", "on", node]][-1],
                             "erd")

    def test_erd_fails(self):
        """It alone is restarted where it is, however often."""
        for node in self.everywhere.split():
            for _ in range(3):
                done = self.up.fail("erd", node, interval=2000)
                self.assertEqual([[action[0].split(":")[0]] + action[1:] for action in done
                                  if action[1] in ("start", "stop")],
                                 [["erd", "stop", "on", node], ["erd", "start", "on", node]])
        self.assert_placed(self.up, erd=self.everywhere)

    def test_erd_cannot_be_started(self):
        """A node without it goes on: it has its ports as they are."""
        for node in ("m1", "t1"):
            self.setUp()
            done = self.up.step("--op-inject", f"erd_monitor_2000@{node}=7", "--op-fail", f"erd_start_0@{node}=1")
            self.assertIn("failed with rc=1", self.up.log)
            self.assertEqual({action[0].split(":")[0] for action in done if action[1] in ("start", "stop")}, {"erd"})
            self.assert_placed(self.up, cvip="m1 m2", tmd="m1 m2", webserver="t1 t2", tcd="t1 t2")


class TwinIpaddr2(Case):
    """Pacemaker moves the address: off a master with one port left, if the other has two."""
    name = "twin_ipaddr2"

    def setUp(self):
        super().setUp()
        self.owner = self.up.where("cvip-main-1")[0]
        self.other = {"m1": "m2", "m2": "m1"}[self.owner]

    def told(self, **working):
        """What erd's agents tell: how many ports work on each node."""
        for node, number in working.items():
            self.up.attribute(node, "has-ports", number)
        return [action for action in self.up.step() if action[1] in ("start", "stop")]

    def test_all_up(self):
        self.assert_placed(self.up, erd="m1 m2 t1 t2", cvip_main_1=self.owner, cvip_main_2=self.owner, tmd="m1 m2")
        starts = [action[0].split(":")[0] for action in self.first if action[1] == "start"]
        self.assertLess(starts.index("erd"), starts.index("cvip-main-1"))

    def test_one_port_is_left(self):
        """The address goes to the master with two and stays there when the port is back."""
        self.assertEqual(self.told(m1=2, m2=2), [])
        self.told(**{self.owner: 1})
        self.assert_placed(self.up, cvip_main_1=self.other, cvip_main_2=self.other, tmd="m1 m2")
        self.assertEqual(self.told(**{self.owner: 2}), [])
        self.assert_placed(self.up, cvip_main_1=self.other)

    def test_a_whole_lan_is_lost(self):
        """All are alike: nothing moves."""
        self.told(m1=2, m2=2)
        self.assertEqual(self.told(m1=1, m2=1, t1=1, t2=1), [])

    def test_where_erd_says_nothing(self):
        """A master whose erd is being restarted is no worse than others; a degraded one is."""
        self.told(m1=2, m2=2)
        self.up.attribute(self.owner, "has-ports", None)
        self.assertEqual([action for action in self.up.step() if action[1] in ("start", "stop")], [])

    def test_erd_fails(self):
        done = self.up.fail("erd", self.owner, interval=2000)
        self.assertEqual([[action[0].split(":")[0], action[1]] for action in done if action[1] in ("start", "stop")],
                         [["erd", "stop"], ["erd", "start"]])

    def test_the_degraded_one_is_the_last(self):
        self.told(**{self.other: 1, self.owner: 2})
        self.up.lose(self.owner)
        self.assert_placed(self.up, cvip_main_1=self.other, cvip_main_2=self.other)


CASES = ("remote", "full", "nat", "cvipd", "nway", "twin", "twin_ipaddr2")


def write_golden(cases):
    for case in cases:
        with open(f"{HERE}/golden/{case}.xml", "w", encoding="utf-8") as file:
            file.write(cib.canonical(render(case)[1]))


def main(cases):
    missing = [tool for tool in TOOLS + (HASCTL,) if not shutil.which(tool)]
    if missing:
        print(f"skipped: not found: {', '.join(missing)}")
        return SKIP
    if "--golden" in sys.argv:
        write_golden(cases)
        return 0
    result = unittest.main(exit=False, verbosity=2).result
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main(CASES))
