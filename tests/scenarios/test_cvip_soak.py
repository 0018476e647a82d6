# SPDX-License-Identifier: GPL-2.0-or-later
"""Three minutes of random faults (HAS_SOAK_MINUTES), another seed each time (HAS_SOAK_SEED); tests/scenarios/soak does
an hour."""

import os

import soaking


def test_random_faults(cvip):
    seed = int(os.environ.get("HAS_SOAK_SEED") or int.from_bytes(os.urandom(4), "big"))
    established, _, watcher = soaking.soak(cvip, float(os.environ.get("HAS_SOAK_MINUTES", "3")), seed)
    assert established["lost"] == 0, established
    assert established["bytes"] > 0
    assert not watcher.doubles
    assert watcher.samples > 0
    cvip.exec(cvip.owner(), "hasctl redundancy set active/standby")
