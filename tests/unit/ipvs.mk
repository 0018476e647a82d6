# SPDX-License-Identifier: GPL-2.0-or-later
# The executor against a kernel's table in memory; the module lib/ipvs against a real kernel: ipvs_live.sh.
executor_test_sources = \
	daemons/tmd/drains.c daemons/tmd/drains.h \
	daemons/tmd/executor.c daemons/tmd/executor.h \
	daemons/tmd/reconcile.c daemons/tmd/reconcile.h \
	daemons/tmd/wanted.c daemons/tmd/wanted.h \
	tests/unit/executor_test.c tests/unit/executor_test.h \
	tests/unit/fake_ipvs.c tests/unit/fake_ipvs.h

executor_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/daemons/tmd

if WITH_CMOCKA
check_PROGRAMS += tests/unit/test_executor tests/unit/test_executor_repair
TESTS += tests/unit/test_executor tests/unit/test_executor_repair
endif

tests_unit_test_executor_SOURCES = tests/unit/test_executor.c $(executor_test_sources)
tests_unit_test_executor_CPPFLAGS = $(executor_test_CPPFLAGS)
tests_unit_test_executor_CFLAGS = $(has_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_executor_LDADD = $(has_LIBS) $(CMOCKA_LIBS)

tests_unit_test_executor_repair_SOURCES = tests/unit/test_executor_repair.c $(executor_test_sources)
tests_unit_test_executor_repair_CPPFLAGS = $(executor_test_CPPFLAGS)
tests_unit_test_executor_repair_CFLAGS = $(has_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_executor_repair_LDADD = $(has_LIBS) $(CMOCKA_LIBS)

# Skipped where there is no IPVS; ipvs_live.sh runs it in the lab's kernel.
if WITH_CMOCKA
check_PROGRAMS += tests/unit/ipvs_live
TESTS += tests/unit/ipvs_live
endif
EXTRA_DIST += tests/unit/ipvs_live.sh

tests_unit_ipvs_live_SOURCES = tests/unit/ipvs_live.c \
	daemons/tmd/drains.c daemons/tmd/executor.c daemons/tmd/reconcile.c daemons/tmd/wanted.c
tests_unit_ipvs_live_CPPFLAGS = $(executor_test_CPPFLAGS)
tests_unit_ipvs_live_CFLAGS = $(has_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_ipvs_live_LDADD = $(has_LIBS) $(CMOCKA_LIBS)

# hasctl realserver, with its state in the working directory. Skipped without root.
if WITH_CMOCKA
check_PROGRAMS += tests/unit/realserver_live
TESTS += tests/unit/realserver_live
endif

tests_unit_realserver_live_SOURCES = tests/unit/realserver_live.c \
	daemons/hasctl/realserver.c daemons/hasctl/realserver_arp.c daemons/hasctl/realserver_state.c
tests_unit_realserver_live_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/daemons/hasctl \
	-UHAS_RUNDIR -DHAS_RUNDIR='"realserver_live.run"'
tests_unit_realserver_live_CFLAGS = $(has_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_realserver_live_LDADD = $(has_LIBS) $(CMOCKA_LIBS)

if WITH_CMOCKA
check_PROGRAMS += tests/unit/test_sysctl
TESTS += tests/unit/test_sysctl
endif

tests_unit_test_sysctl_SOURCES = tests/unit/test_sysctl.c daemons/tmd/sysctl.c daemons/hasctl/realserver_arp.c
tests_unit_test_sysctl_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/daemons/tmd -I$(top_srcdir)/daemons/hasctl
tests_unit_test_sysctl_CFLAGS = $(has_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_sysctl_LDADD = $(has_LIBS) $(CMOCKA_LIBS)
