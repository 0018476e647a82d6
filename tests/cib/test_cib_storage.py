#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The storage in the CIB that hasctl renders; see test_cib.py, which has the cases without one."""
import os
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import test_cib  # noqa: E402  pylint: disable=wrong-import-position

CONNECTIONS = ("t1", "t2")
SERVERS = ("storage-fs", "storage-export-1", "storage-export-2", "storage-server")


def moved(done):
    """What was started, stopped, promoted or demoted on the servers: [name, action, node], in its order."""
    return [[action[0].split(":")[0], action[1], action[-1]] for action in done
            if action[0].startswith("storage") and action[1] in ("start", "stop", "promote", "demote")]


class Drbd(test_cib.Case):
    """A replicated disk: one server has the content at a time."""
    name = "drbd"

    @classmethod
    def bring_up(cls, path, name):
        """The agent tells by its score that the disk is good; Pacemaker promotes then."""
        cluster, done = super().bring_up(path, name)
        for node in cls.masters:
            cluster.attribute(node, "master-storage-drbd", 10000)
        done += cluster.step()
        done += cluster.step()
        return cluster, done

    def setUp(self):
        super().setUp()
        self.owner = self.up.where("storage-server")[0]
        self.other = {"m1": "m2", "m2": "m1"}[self.owner]

    def assert_serving(self, node):
        for resource in SERVERS:
            self.assertEqual(self.up.where(resource), [node], resource + "\n" + self.up.log)

    def take_over(self, node, done):
        """The whole of it in its order, on that node."""
        self.assertEqual([action[:2] for action in moved(done) if action[2] == node and action[1] != "notify"],
                         [["storage-drbd", "promote"]] + [[resource, "start"] for resource in SERVERS])
        self.assert_serving(node)

    def test_all_up(self):
        self.assert_serving(self.owner)
        self.assert_placed(self.up, nfs_client="t1 t2", nfs_mount="t1 t2", webserver="t1 t2", tcd="t1 t2", cvip="m1 m2")
        self.assertEqual(self.up.step(), [], "nothing is left to do")

    def test_a_first_start_orders_all(self):
        """Exports before the server with its port; the mount before the web server."""
        started = [action[0].split(":")[0] for action in self.first if action[1] == "start"]
        for node in self.traffic:
            here = [action[0].split(":")[0] for action in self.first if action[1:] == ["start", "on", node]]
            self.assertLess(here.index("realserver"), here.index("tcd"))
            here.remove("realserver")               # it need not wait for the content
            self.assertEqual(here, ["nfs-client", "nfs-mount", "webserver", "tcd"])
        self.assertEqual([name for name in started if name in SERVERS], list(SERVERS))

    def test_nobody_else_is_asked(self):
        probed = {action[0].split(":")[0] for action in self.first if action[1] == "monitor" and action[-1][0] == "t"}
        self.assertEqual(probed, {"nfs-client", "nfs-mount", "webserver", "realserver", "tcd"})

    def test_the_server_in_use_is_lost(self):
        done = self.up.lose(self.owner)
        self.assertIn(f"Fencing {self.owner} (reboot)", self.up.log)
        self.take_over(self.other, done)
        self.assertFalse([action for action in done if action[0] in CONNECTIONS], "no connection, so no probes behind it")
        self.assert_placed(self.up, nfs_mount="t1 t2", webserver="t1 t2")
        self.assertFalse([action for action in done if action[-1][0] == "t" and action[1] in ("start", "stop")])

    def test_a_lost_server_returns(self):
        """The content stays where it went: a second move would cost the clients again."""
        self.up.lose(self.owner)
        done = self.up.step("--node-up", self.owner)
        self.up.attribute(self.owner, "master-storage-drbd", 10000)
        done += self.up.step()
        self.assertEqual([action for action in moved(done) if action[2] == self.other], [])
        self.assert_serving(self.other)
        for connection in CONNECTIONS:
            self.assertIn([connection, "migrate_from", "on", self.owner], done)

    def test_the_connections_are_elsewhere(self):
        """The loss of the server in use ends none of them. With one master they run there, too, and move no storage."""
        self.assert_placed(self.up, t1=self.other, t2=self.other)
        self.up.standby(self.other)
        self.assert_serving(self.owner)
        self.assert_placed(self.up, t1=self.owner, t2=self.owner)

    def test_the_standby_server_is_lost(self):
        done = self.up.lose(self.other)
        self.assertEqual(moved(done), [])
        self.assert_serving(self.owner)

    def test_the_nfs_server_fails(self):
        """It alone is restarted in place; after three failures the other one serves."""
        for _ in range(2):
            done = self.up.fail("storage-server", self.owner, interval=1000)
            self.assertEqual(moved(done), [["storage-server", "stop", self.owner],
                                           ["storage-server", "start", self.owner]])
        self.take_over(self.other, self.up.fail("storage-server", self.owner, interval=1000))

    def test_the_nfs_server_cannot_be_started(self):
        done = self.up.step("--op-inject", f"storage-server_monitor_1000@{self.owner}=7",
                            "--op-fail", f"storage-server_start_0@{self.owner}=1")
        self.assertIn("failed with rc=1", self.up.log)
        self.assertEqual(moved(done)[-1], ["storage-server", "start", self.owner])
        # the controller counts a failed start as fatal; crm_simulate leaves that out
        self.up.attribute(self.owner, "fail-count-storage-server#start_0", "INFINITY")
        self.take_over(self.other, self.up.step())

    def test_standby(self):
        """A planned move: the server with its port goes first, the disk last."""
        done = self.up.standby(self.owner)
        self.assertEqual([action[:2] for action in moved(done) if action[2] == self.owner],
                         [[resource, "stop"] for resource in reversed(SERVERS)] +
                         [["storage-drbd", "demote"], ["storage-drbd", "stop"]])
        self.take_over(self.other, done)

    def test_nfshad_fails(self):
        """It alone is restarted: the mount and the web server do not need it to go on."""
        done = self.up.fail("nfs-client", "t1", interval=2000)
        self.assertEqual({action[0].split(":")[0] for action in done if action[1] in ("start", "stop")}, {"nfs-client"})

    def test_the_mount_is_gone(self):
        """Who serves from it is started anew with it."""
        done = self.up.fail("nfs-mount", "t1")
        touched = {action[0].split(":")[0] for action in done if action[1] in ("start", "stop")}
        self.assertIn("webserver", touched)
        self.assertNotIn("nfs-client", touched)
        self.assert_placed(self.up, nfs_mount="t1 t2", webserver="t1 t2")

    def test_a_traffic_node_leaves(self):
        done = self.up.standby("t1")
        self.assertEqual([action[0].split(":")[0] for action in done if action[1] == "stop"],
                         ["tcd", "realserver", "webserver", "nfs-mount", "nfs-client"])

    def test_the_server_in_use_survives_a_partition(self):
        """By its priority: no fence device waits by itself."""
        with open(self.settled.path, encoding="utf-8") as file:
            text = file.read()
        self.assertNotIn('name="pcmk_delay_base"', text)
        self.assertIn('name="priority-fencing-delay" value="2s"', text)


class Shared(test_cib.Case):
    """A device that both masters reach: fenced before the other one mounts it."""
    name = "shared"
    servers = ["storage-fs", "storage-export-1", "storage-export-2", "storage-export-3", "storage-server"]

    def setUp(self):
        super().setUp()
        self.owner = self.up.where("storage-server")[0]
        self.other = {"m1": "m2", "m2": "m1"}[self.owner]

    def test_all_up(self):
        for resource in self.servers:
            self.assertEqual(self.up.where(resource), [self.owner])
        self.assertEqual(self.up.step(), [], "nothing is left to do")

    def test_the_server_in_use_is_lost(self):
        done = self.up.lose(self.owner)
        self.assertLess(self.up.log.index(f"Fencing {self.owner} (reboot)"), self.up.log.index("storage-fs      start"))
        self.assertEqual(moved(done), [[resource, "start", self.other] for resource in self.servers])

    def test_the_nfs_server_fails(self):
        done = self.up.fail("storage-server", self.owner, interval=1000)
        self.assertEqual(moved(done), [["storage-server", "stop", self.owner], ["storage-server", "start", self.owner]])

    def test_standby(self):
        done = self.up.standby(self.owner)
        self.assertEqual(moved(done), [[resource, "stop", self.owner] for resource in reversed(self.servers)] +
                         [[resource, "start", self.other] for resource in self.servers])


class Copies(test_cib.Case):
    """All servers serve."""
    name = "copies"
    servers = ["storage-copy", "storage-export-1", "storage-export-2", "storage-server"]

    def test_all_up(self):
        self.assert_placed(self.up, storage_copy="m1 m2", storage_export_2="m1 m2", storage_server="m1 m2",
                           nfs_client="t1 t2", nfs_mount="t1 t2", webserver="t1 t2", erd="m1 m2 t1 t2")
        self.assertEqual(self.up.step(), [], "nothing is left to do")

    def test_a_server_is_lost_and_returns(self):
        done = self.up.lose("m1")
        self.assertEqual([action for action in moved(done) if action[2] == "m2"], [])
        self.assert_placed(self.up, storage_server="m2", nfs_mount="t1 t2")
        done = self.up.step("--node-up", "m1")
        self.assertEqual([action for action in moved(done) if action[2] == "m2"], [])
        self.assert_placed(self.up, storage_server="m1 m2")

    def test_a_server_fails(self):
        done = self.up.fail("storage-server", "m1", interval=1000)
        self.assertEqual(moved(done), [["storage-server", "stop", "m1"], ["storage-server", "start", "m1"]])

    def test_standby(self):
        done = self.up.standby("m2")
        self.assertEqual(moved(done), [[resource, "stop", "m2"] for resource in reversed(self.servers)])


CASES = ("drbd", "shared", "copies")

if __name__ == "__main__":
    sys.exit(test_cib.main(CASES))
