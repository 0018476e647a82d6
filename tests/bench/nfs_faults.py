# SPDX-License-Identifier: GPL-2.0-or-later
"""What happens to the server in use in tests/bench/nfs, and how it is mended."""

CUT = "nft 'table inet cut { chain i { type filter hook input priority 0; tcp dport 2049 drop; }; " \
      "chain o { type filter hook output priority 0; tcp sport 2049 drop; }; }'"


def crash(world, victim):
    world.crash(victim)


def reboot(world, victim):
    world.boot(victim)


def kill(world, victim):
    world.lab.exec(victim, "rpc.nfsd 0")


def serve(world, victim):
    world.serve(victim)


def cut(world, victim):
    world.lab.exec(victim, CUT)


def join(world, victim):
    world.lab.exec(victim, "nft delete table inet cut")


def freeze(world, victim):
    world.lab.command("freeze", victim)


def thaw(world, victim):
    world.lab.command("thaw", victim)


# name: what happens, and what mends it. `move` is a planned move, commanded to the peer.
FAULTS = {
    "crash": ("power failure", crash, reboot),
    "killed": ("nfsd ended: FIN", kill, serve),
    "cut": ("port 2049 cut", cut, join),
    "frozen": ("frozen", freeze, thaw),
}
MOVE = "move"
TITLES = {**{name: title for name, (title, _, _) in FAULTS.items()}, MOVE: "planned move"}
