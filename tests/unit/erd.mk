# SPDX-License-Identifier: GPL-2.0-or-later
# The Ethernet redundancy daemon.
erd_unit_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/erd

if WITH_CMOCKA
erd_unit_tests =

check_PROGRAMS += $(erd_unit_tests)
TESTS += $(erd_unit_tests)
endif
