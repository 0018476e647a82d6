# SPDX-License-Identifier: GPL-2.0-or-later
# The Ethernet redundancy daemon.
erd_unit_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/erd

if WITH_CMOCKA
erd_unit_tests =

# probes
erd_unit_tests += tests/unit/erd_probe_frame_test
tests_unit_erd_probe_frame_test_CPPFLAGS = $(erd_unit_CPPFLAGS)
tests_unit_erd_probe_frame_test_CFLAGS = $(unit_CFLAGS)
tests_unit_erd_probe_frame_test_LDADD = erd/liberd.a $(unit_LIBS)

check_PROGRAMS += $(erd_unit_tests)
TESTS += $(erd_unit_tests)
endif
