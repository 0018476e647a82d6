# SPDX-License-Identifier: GPL-2.0-or-later
# The traffic manager: its parts under virtual time, and the whole daemon on loopback.
EXTRA_DIST += tests/unit/tmd_simulation.h tests/unit/tmd_test.h tests/unit/tmd_world.h
tmd_unit_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/daemons/tmd

if WITH_CMOCKA
tmd_unit_tests = \
	tests/unit/tmd_admission_test \
	tests/unit/tmd_configuration_test \
	tests/unit/tmd_daemon_test \
	tests/unit/tmd_isolation_test \
	tests/unit/tmd_latency_test \
	tests/unit/tmd_node_test \
	tests/unit/tmd_override_test \
	tests/unit/tmd_policy_test \
	tests/unit/tmd_pool_test \
	tests/unit/tmd_slow_start_test \
	tests/unit/tmd_standby_test
check_PROGRAMS += $(tmd_unit_tests)
TESTS += $(tmd_unit_tests)

tests_unit_tmd_admission_test_CPPFLAGS = $(tmd_unit_CPPFLAGS)
tests_unit_tmd_admission_test_CFLAGS = $(unit_CFLAGS)
tests_unit_tmd_admission_test_LDADD = daemons/tmd/libtmd.a $(unit_LIBS) -lm
tests_unit_tmd_configuration_test_CPPFLAGS = $(tmd_unit_CPPFLAGS)
tests_unit_tmd_configuration_test_CFLAGS = $(unit_CFLAGS)
tests_unit_tmd_configuration_test_LDADD = daemons/tmd/libtmd.a $(unit_LIBS) -lm
tests_unit_tmd_daemon_test_SOURCES = \
	tests/unit/tmd_daemon.c tests/unit/tmd_daemon.h tests/unit/tmd_daemon_test.c
tests_unit_tmd_daemon_test_CFLAGS = $(unit_CFLAGS)
tests_unit_tmd_daemon_test_LDADD = $(unit_LIBS)
tests_unit_tmd_isolation_test_CPPFLAGS = $(tmd_unit_CPPFLAGS)
tests_unit_tmd_isolation_test_CFLAGS = $(unit_CFLAGS)
tests_unit_tmd_isolation_test_LDADD = daemons/tmd/libtmd.a $(unit_LIBS) -lm
tests_unit_tmd_latency_test_CPPFLAGS = $(tmd_unit_CPPFLAGS)
tests_unit_tmd_latency_test_CFLAGS = $(unit_CFLAGS)
tests_unit_tmd_latency_test_LDADD = daemons/tmd/libtmd.a $(unit_LIBS) -lm
tests_unit_tmd_node_test_CPPFLAGS = $(tmd_unit_CPPFLAGS)
tests_unit_tmd_node_test_CFLAGS = $(unit_CFLAGS)
tests_unit_tmd_node_test_LDADD = daemons/tmd/libtmd.a $(unit_LIBS) -lm
tests_unit_tmd_override_test_CPPFLAGS = $(tmd_unit_CPPFLAGS)
tests_unit_tmd_override_test_CFLAGS = $(unit_CFLAGS)
tests_unit_tmd_override_test_LDADD = daemons/tmd/libtmd.a $(unit_LIBS) -lm
tests_unit_tmd_policy_test_CPPFLAGS = $(tmd_unit_CPPFLAGS)
tests_unit_tmd_policy_test_CFLAGS = $(unit_CFLAGS)
tests_unit_tmd_policy_test_LDADD = daemons/tmd/libtmd.a $(unit_LIBS) -lm
tests_unit_tmd_pool_test_CPPFLAGS = $(tmd_unit_CPPFLAGS)
tests_unit_tmd_pool_test_CFLAGS = $(unit_CFLAGS)
tests_unit_tmd_pool_test_LDADD = daemons/tmd/libtmd.a $(unit_LIBS) -lm
tests_unit_tmd_slow_start_test_CPPFLAGS = $(tmd_unit_CPPFLAGS)
tests_unit_tmd_slow_start_test_CFLAGS = $(unit_CFLAGS)
tests_unit_tmd_slow_start_test_LDADD = daemons/tmd/libtmd.a $(unit_LIBS) -lm
tests_unit_tmd_standby_test_CPPFLAGS = $(tmd_unit_CPPFLAGS)
tests_unit_tmd_standby_test_CFLAGS = $(unit_CFLAGS)
tests_unit_tmd_standby_test_LDADD = daemons/tmd/libtmd.a $(unit_LIBS) -lm
endif
