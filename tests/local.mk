# SPDX-License-Identifier: GPL-2.0-or-later
include tests/unit/lib.mk
include tests/unit/ipvs.mk
include tests/unit/tcd.mk
include tests/unit/tmd.mk
include tests/unit/config.mk
include tests/fuzz/local.mk
include tests/agents/local.mk
include tests/cib/local.mk
include tests/lab/local.mk
include tests/scenarios/local.mk
include tests/bench/local.mk
