# SPDX-License-Identifier: GPL-2.0-or-later
# Unit tests of lib/: one program a module.
EXTRA_DIST += tests/unit/unit.h tests/unit/wire_vectors.h

# What every unit test needs
unit_CFLAGS = $(has_CFLAGS) $(CMOCKA_CFLAGS)
unit_LIBS = $(has_LIBS) $(CMOCKA_LIBS)

if WITH_CMOCKA
lib_unit_tests = \
	tests/unit/addr_test \
	tests/unit/announce_test \
	tests/unit/clock_test \
	tests/unit/conf_test \
	tests/unit/ctl_peers_test \
	tests/unit/ctl_test \
	tests/unit/file_test \
	tests/unit/key_test \
	tests/unit/log_test \
	tests/unit/notify_test \
	tests/unit/priv_test \
	tests/unit/wire_cvip_test \
	tests/unit/wire_test
check_PROGRAMS += $(lib_unit_tests)
TESTS += $(lib_unit_tests)

tests_unit_addr_test_CFLAGS = $(unit_CFLAGS)
tests_unit_addr_test_LDADD = $(unit_LIBS)
# Over a cable, in network namespaces of its own; skipped where that is not possible.
tests_unit_announce_test_SOURCES = tests/unit/announce_test.c tests/unit/veth.c tests/unit/veth.h
tests_unit_announce_test_CFLAGS = $(unit_CFLAGS)
tests_unit_announce_test_LDADD = $(unit_LIBS)
tests_unit_clock_test_CFLAGS = $(unit_CFLAGS)
tests_unit_clock_test_LDADD = $(unit_LIBS)
tests_unit_conf_test_CFLAGS = $(unit_CFLAGS)
tests_unit_conf_test_LDADD = $(unit_LIBS)
tests_unit_ctl_peers_test_CFLAGS = $(unit_CFLAGS)
tests_unit_ctl_peers_test_LDADD = $(unit_LIBS)
tests_unit_ctl_test_CFLAGS = $(unit_CFLAGS)
tests_unit_ctl_test_LDADD = $(unit_LIBS)
tests_unit_file_test_CFLAGS = $(unit_CFLAGS)
tests_unit_file_test_LDADD = $(unit_LIBS)
tests_unit_key_test_CFLAGS = $(unit_CFLAGS)
tests_unit_key_test_LDADD = $(unit_LIBS)
tests_unit_log_test_CFLAGS = $(unit_CFLAGS)
tests_unit_log_test_LDADD = $(unit_LIBS)
tests_unit_notify_test_CFLAGS = $(unit_CFLAGS)
tests_unit_notify_test_LDADD = $(unit_LIBS)
tests_unit_priv_test_CFLAGS = $(unit_CFLAGS)
tests_unit_priv_test_LDADD = $(unit_LIBS)
tests_unit_wire_cvip_test_CFLAGS = $(unit_CFLAGS)
tests_unit_wire_cvip_test_LDADD = $(unit_LIBS)
tests_unit_wire_test_CFLAGS = $(unit_CFLAGS)
tests_unit_wire_test_LDADD = $(unit_LIBS)
endif
