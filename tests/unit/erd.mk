# SPDX-License-Identifier: GPL-2.0-or-later
# The Ethernet redundancy daemon.
erd_unit_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/erd

if WITH_CMOCKA
erd_unit_tests =

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

check_PROGRAMS += $(erd_unit_tests)
TESTS += $(erd_unit_tests)
endif
