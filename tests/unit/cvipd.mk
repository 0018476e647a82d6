# SPDX-License-Identifier: GPL-2.0-or-later
# The cluster virtual IP: the engine, the ownership of buckets under simulated time, the transport, the connections.
cvipd_unit_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/daemons/cvipd

if WITH_CMOCKA
cvipd_unit_tests =

# engine (helper A)

# ownership (helper B)

# transport (helper C)

# connections (helper D)

# daemon (helper E)

check_PROGRAMS += $(cvipd_unit_tests)
TESTS += $(cvipd_unit_tests)
endif
