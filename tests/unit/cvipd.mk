# SPDX-License-Identifier: GPL-2.0-or-later
# The cluster virtual IP: the engine, the ownership of buckets under simulated time, the transport, the connections.
cvipd_unit_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/daemons/cvipd

if WITH_CMOCKA
cvipd_unit_tests =

# engine (helper A)

# ownership (helper B)

# transport (helper C)

# cluster side (helper F)
cvipd_unit_tests += tests/unit/cvipd_fencing_test
tests_unit_cvipd_fencing_test_CPPFLAGS = $(cvipd_unit_CPPFLAGS)
tests_unit_cvipd_fencing_test_CFLAGS = $(unit_CFLAGS)
tests_unit_cvipd_fencing_test_LDADD = daemons/cvipd/libcvipd.a $(has_LIBS) $(CMOCKA_LIBS)

# connections (helper D)

# daemon (helper E)

check_PROGRAMS += $(cvipd_unit_tests)
TESTS += $(cvipd_unit_tests)
endif
