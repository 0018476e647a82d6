# SPDX-License-Identifier: GPL-2.0-or-later
# The Ethernet redundancy daemon.
erd_unit_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/erd

if WITH_CMOCKA
erd_unit_tests =

# book
erd_unit_tests += tests/unit/erd_book_test
tests_unit_erd_book_test_SOURCES = tests/unit/erd_book_test.c tests/unit/erd_book_test.h
tests_unit_erd_book_test_CPPFLAGS = $(erd_unit_CPPFLAGS)
tests_unit_erd_book_test_CFLAGS = $(unit_CFLAGS)
tests_unit_erd_book_test_LDADD = erd/liberd.a $(unit_LIBS)

# probes
erd_unit_tests += \
	tests/unit/erd_probe_answer_test \
	tests/unit/erd_probe_frame_test \
	tests/unit/erd_probe_port_test \
	tests/unit/erd_probe_test
tests_unit_erd_probe_answer_test_CPPFLAGS = $(erd_unit_CPPFLAGS)
tests_unit_erd_probe_answer_test_CFLAGS = $(unit_CFLAGS)
tests_unit_erd_probe_answer_test_LDADD = erd/liberd.a $(unit_LIBS)
tests_unit_erd_probe_frame_test_CPPFLAGS = $(erd_unit_CPPFLAGS)
tests_unit_erd_probe_frame_test_CFLAGS = $(unit_CFLAGS)
tests_unit_erd_probe_frame_test_LDADD = erd/liberd.a $(unit_LIBS)
# Over a cable, in network namespaces of their own; skipped where that is not possible.
erd_probe_world_SOURCES = tests/unit/erd_probe_world.c tests/unit/erd_probe_world.h tests/unit/veth.c tests/unit/veth.h
tests_unit_erd_probe_port_test_SOURCES = tests/unit/erd_probe_port_test.c $(erd_probe_world_SOURCES)
tests_unit_erd_probe_port_test_CPPFLAGS = $(erd_unit_CPPFLAGS)
tests_unit_erd_probe_port_test_CFLAGS = $(unit_CFLAGS)
tests_unit_erd_probe_port_test_LDADD = erd/liberd.a $(unit_LIBS)
tests_unit_erd_probe_test_SOURCES = tests/unit/erd_probe_test.c $(erd_probe_world_SOURCES)
tests_unit_erd_probe_test_CPPFLAGS = $(erd_unit_CPPFLAGS)
tests_unit_erd_probe_test_CFLAGS = $(unit_CFLAGS)
tests_unit_erd_probe_test_LDADD = erd/liberd.a $(unit_LIBS)

# state: named tests, and random schedules under simulated time (SCHEDULES=n so many, SEED=n runs one and tells it)
erd_unit_tests += \
	tests/unit/erd_config_test \
	tests/unit/erd_pair_command_test \
	tests/unit/erd_pair_failback_test \
	tests/unit/erd_pair_test \
	tests/unit/erd_random_test \
	tests/unit/erd_sight_test
tests_unit_erd_config_test_CPPFLAGS = $(erd_unit_CPPFLAGS) -DEXAMPLE='"$(top_srcdir)/docs/examples/erd.conf"'
tests_unit_erd_config_test_CFLAGS = $(unit_CFLAGS)
tests_unit_erd_config_test_LDADD = erd/liberd.a $(unit_LIBS)
tests_unit_erd_pair_command_test_SOURCES = tests/unit/erd_pair_command_test.c tests/unit/erd_pair_test.h
tests_unit_erd_pair_command_test_CPPFLAGS = $(erd_unit_CPPFLAGS)
tests_unit_erd_pair_command_test_CFLAGS = $(unit_CFLAGS)
tests_unit_erd_pair_command_test_LDADD = erd/liberd.a $(unit_LIBS)
tests_unit_erd_pair_failback_test_SOURCES = tests/unit/erd_pair_failback_test.c tests/unit/erd_pair_test.h
tests_unit_erd_pair_failback_test_CPPFLAGS = $(erd_unit_CPPFLAGS)
tests_unit_erd_pair_failback_test_CFLAGS = $(unit_CFLAGS)
tests_unit_erd_pair_failback_test_LDADD = erd/liberd.a $(unit_LIBS)
tests_unit_erd_pair_test_SOURCES = tests/unit/erd_pair_test.c tests/unit/erd_pair_test.h
tests_unit_erd_pair_test_CPPFLAGS = $(erd_unit_CPPFLAGS)
tests_unit_erd_pair_test_CFLAGS = $(unit_CFLAGS)
tests_unit_erd_pair_test_LDADD = erd/liberd.a $(unit_LIBS)
tests_unit_erd_random_test_SOURCES = \
	tests/unit/erd_random_test.c \
	tests/unit/erd_simulation.c tests/unit/erd_simulation.h \
	tests/unit/erd_simulation_check.c \
	tests/unit/erd_simulation_world.c
tests_unit_erd_random_test_CPPFLAGS = $(erd_unit_CPPFLAGS)
tests_unit_erd_random_test_CFLAGS = $(has_CFLAGS)
tests_unit_erd_random_test_LDADD = erd/liberd.a
tests_unit_erd_sight_test_CPPFLAGS = $(erd_unit_CPPFLAGS)
tests_unit_erd_sight_test_CFLAGS = $(unit_CFLAGS)
tests_unit_erd_sight_test_LDADD = erd/liberd.a $(unit_LIBS)

# lib/gate, and what plays erd in other tests
erd_unit_tests += tests/unit/gate_test
tests_unit_gate_test_CFLAGS = $(unit_CFLAGS)
tests_unit_gate_test_LDADD = $(unit_LIBS)
check_PROGRAMS += tests/unit/gate_tool
tests_unit_gate_tool_CFLAGS = $(has_CFLAGS)
tests_unit_gate_tool_LDADD = $(has_LIBS)

# The whole daemon in network namespaces; skipped without root.
EXTRA_DIST += tests/unit/erd_live.sh tests/unit/erd_live_world.sh

check_PROGRAMS += $(erd_unit_tests)
TESTS += $(erd_unit_tests)
endif
