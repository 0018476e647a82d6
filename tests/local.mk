# SPDX-License-Identifier: GPL-2.0-or-later
include tests/unit/lib.mk
include tests/unit/ipvs.mk
include tests/unit/tcd.mk
include tests/unit/tmd.mk
include tests/unit/cvipd.mk
include tests/unit/config.mk
include tests/unit/erd.mk
include tests/unit/nfsha.mk
include tests/fuzz/local.mk
include tests/agents/local.mk
include tests/cib/local.mk
include tests/publish/local.mk
include tests/lab/local.mk
include tests/scenarios/local.mk
include tests/bench/local.mk

EXTRA_DIST += tests/gates tests/cppcheck.suppressions tests/.clang-tidy .clang-tidy

# The compiled tests only, as the gates run them with sanitizers and under valgrind. A program for the lab is linked
# statically, which the sanitizers cannot do.
compiled_tests = $(filter $(check_PROGRAMS),$(TESTS))
# What others' programs leak is no fault of ours.
valgrind_flags = --quiet --vgdb=no --error-exitcode=99 --leak-check=full --trace-children=yes \
	--trace-children-skip=*/bridge,*/grep,*/ip,*/sysctl,*/tc

# SCHEDULES: fewer random schedules of the simulation where each takes so much longer.
.PHONY: check-programs check-valgrind
check-programs:
	SCHEDULES=300 $(MAKE) check TESTS='$(compiled_tests)' tests_lab_execd_LDFLAGS= tests_lab_flow_server_LDFLAGS= tests_lab_nfs_load_LDFLAGS=

# Without the live ones: valgrind does not know what bpf() writes.
check-valgrind:
	SCHEDULES=20 $(MAKE) check TESTS='$(filter-out %_live,$(compiled_tests))' LOG_COMPILER='$(VALGRIND)' LOG_FLAGS='$(valgrind_flags)'
