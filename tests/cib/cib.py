# SPDX-License-Identifier: GPL-2.0-or-later
"""A CIB made from has.conf, compared and simulated without a cluster."""
import os
import shutil
import subprocess
import xml.etree.ElementTree as ET

# Ids that crmsh and pcs make up, each in its own way.
MADE_UP_IDS = {"nvpair", "op", "instance_attributes", "meta_attributes", "expression", "cluster_property_set"}
# Elements whose order means nothing.
UNORDERED = {"instance_attributes", "meta_attributes", "operations", "resources", "constraints", "crm_config",
             "cluster_property_set", "rsc_defaults", "primitive", "clone"}


def run(*words, env=None, check=True):
    """Runs a program; returns its output, both streams."""
    done = subprocess.run(words, env=dict(os.environ, **(env or {})), stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(words)}: exit {done.returncode}\n{done.stdout}")
    return done.stdout


def empty(path):
    with open(path, "w", encoding="utf-8") as file:
        file.write(run("cibadmin", "--empty"))


def by_crmsh(commands, path):
    """Loads cib.crm into a new CIB. Forced: the agents of HAS need not be installed here."""
    empty(path)
    run("crm", "--force", "configure", "load", "update", commands, env={"CIB_file": path})


def by_pcs(script, path):
    """Runs cib.pcs.sh on a new CIB."""
    empty(path)
    run("sh", script, "-f", path, "--force")


def change_by_crmsh(commands, path):
    """What an administrator does after a change."""
    run("crm", "--force", "configure", "load", "replace", commands, env={"CIB_file": path})


def change_by_pcs(script, path):
    run("sh", script, "--replace", "-f", path, "--force")


def key(element):
    return (element.tag, element.get("id") or "", element.get("name") or "", element.get("value") or "",
            sorted(element.attrib.items()))


def simplify(element):
    """Takes away what does not change the meaning."""
    if element.tag in MADE_UP_IDS:
        element.attrib.pop("id", None)
    if element.tag == "rule" and element.get("boolean-op") == "and":
        del element.attrib["boolean-op"]
    if element.tag == "cib":
        element.attrib.clear()
    if element.tag == "alert":  # where it lies depends on configure's --prefix
        element.set("path", os.path.basename(element.get("path")))
    for child in list(element):
        if callable(child.tag) or (child.tag == "alerts" and not len(child)):  # a comment; what a removed alert leaves
            element.remove(child)
        else:
            simplify(child)
    attributes = sorted(element.attrib.items())
    element.attrib.clear()
    element.attrib.update(attributes)
    element.text = element.tail = None
    if element.tag in UNORDERED:
        element[:] = sorted(element, key=key)
    if element.tag == "group":  # the order of its members has a meaning
        element[:] = sorted(element, key=lambda child: child.tag)


def canonical(path):
    """The configuration as text that is equal for equal meanings."""
    root = ET.parse(path).getroot()
    configuration = root.find("configuration")
    configuration.remove(configuration.find("nodes"))
    simplify(configuration)
    ET.indent(configuration)
    return ET.tostring(configuration, encoding="unicode") + "\n"


class Cluster:
    """A CIB under simulation. Each method that lets something happen runs the scheduler once."""

    def __init__(self, path, masters, traffic, remote):
        self.path, self.masters, self.traffic, self.remote = path, masters, traffic, remote
        self.log = ""

    def start(self):
        """From nothing to a settled cluster. Returns what was done in the first transition."""
        self.declare_remotes()
        members = self.masters + ([] if self.remote else self.traffic)
        done = self.step(*[word for node in members for word in ("--node-up", node)])
        self.connect_remotes()
        self.step()
        return done

    def copy(self, path):
        shutil.copyfile(self.path, path)
        return Cluster(path, self.masters, self.traffic, self.remote)

    def edit(self, change):
        tree = ET.parse(self.path)
        change(tree.getroot())
        tree.write(self.path, encoding="unicode")

    def declare_remotes(self):
        """As Pacemaker does when it first connects to them."""
        def change(root):
            nodes = root.find("configuration/nodes")
            for name in self.traffic if self.remote else []:
                ET.SubElement(nodes, "node", id=name, uname=name, type="remote")
        self.edit(change)

    def connect_remotes(self):
        """crm_simulate does not know that a started connection makes its node a member; that is the controller's."""
        def change(root):
            for state in root.find("status"):
                if self.remote and state.get("uname") in self.traffic:
                    state.set("remote_node", "true")
                    state.set("in_ccm", "true")
        self.edit(change)

    def step(self, *options):
        """One transition. Returns what was done, in its order."""
        self.log = run("crm_simulate", "--xml-file", self.path, "--simulate", "--quorum", "1",
                       "--save-output", self.path, *options)
        executed = self.log.split("Executing Cluster Transition:")[1].split("Revised Cluster Status:")[0]
        return [line.split("action:")[1].split() for line in executed.splitlines() if "Resource action:" in line]

    def fail(self, resource, node, interval=10000, code=7):
        return self.step("--op-inject", f"{resource}_monitor_{interval}@{node}={code}")

    def forget(self, resource, node):
        """What crm_resource --cleanup does: the history and the count of failures on the node are gone."""
        def change(root):
            for state in root.find("status"):
                if state.get("uname") != node:
                    continue
                for attributes in state.iter("instance_attributes"):
                    for pair in list(attributes):
                        if pair.get("name").startswith((f"fail-count-{resource}", f"last-failure-{resource}")):
                            attributes.remove(pair)
                for resources in state.iter("lrm_resources"):
                    for entry in list(resources):
                        if entry.get("id").split(":")[0] == resource:
                            resources.remove(entry)
        self.edit(change)

    def lose(self, node):
        """Power off. A remote node shows by its connection's monitor."""
        if self.remote and node in self.traffic:
            return self.step("--op-inject", f"{node}_monitor_10000@{self.where(node)[0]}=1")
        return self.step("--node-fail", node)

    def standby(self, node):
        def change(root):
            for element in root.find("configuration/nodes"):
                if element.get("uname") == node:
                    attributes = ET.SubElement(element, "instance_attributes", id=f"nodes-{node}")
                    ET.SubElement(attributes, "nvpair", id=f"nodes-{node}-standby", name="standby", value="on")
        self.edit(change)
        return self.step()

    def attribute(self, node, name, value):
        """A node attribute that lasts as long as the node is up, as attrd_updater sets it; None deletes it."""
        def change(root):
            for state in root.find("status"):
                if state.get("uname") != node:
                    continue
                attributes = state.find("transient_attributes/instance_attributes")
                if attributes is None:
                    transient = state.find("transient_attributes")
                    if transient is None:
                        transient = ET.SubElement(state, "transient_attributes", id=node)
                    attributes = ET.SubElement(transient, "instance_attributes", id=f"status-{node}")
                for pair in [pair for pair in attributes if pair.get("name") == name]:
                    attributes.remove(pair)
                if value is not None:
                    ET.SubElement(attributes, "nvpair", id=f"status-{node}-{name}", name=name, value=str(value))
        self.edit(change)

    def where(self, resource):
        """The nodes on which the resource is started, sorted."""
        status = ET.fromstring(run("crm_simulate", "--xml-file", self.path, "--quorum", "1", "--output-as", "xml"))
        found = set()
        for element in status.iter("resource"):
            if element.get("id").split(":")[0] == resource and element.get("role") == "Started":
                found |= {node.get("name") for node in element.iter("node")}
        return sorted(found)
