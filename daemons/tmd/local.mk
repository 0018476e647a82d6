# SPDX-License-Identifier: GPL-2.0-or-later
# The traffic manager. All but main() is a library, so that tests, fuzzers and the bench link the real thing.
noinst_LIBRARIES += daemons/tmd/libtmd.a
daemons_tmd_libtmd_a_CFLAGS = $(has_CFLAGS)
daemons_tmd_libtmd_a_SOURCES = \
	daemons/tmd/admission.c \
	daemons/tmd/admission.h \
	daemons/tmd/command.c \
	daemons/tmd/configuration.c \
	daemons/tmd/configuration.h \
	daemons/tmd/configuration_node.c \
	daemons/tmd/configuration_service.c \
	daemons/tmd/datagram.c \
	daemons/tmd/drains.c \
	daemons/tmd/drains.h \
	daemons/tmd/executor.c \
	daemons/tmd/executor.h \
	daemons/tmd/latency.c \
	daemons/tmd/latency.h \
	daemons/tmd/manager.c \
	daemons/tmd/manager.h \
	daemons/tmd/metrics.c \
	daemons/tmd/node.c \
	daemons/tmd/node.h \
	daemons/tmd/orders.c \
	daemons/tmd/override.c \
	daemons/tmd/override.h \
	daemons/tmd/override_file.c \
	daemons/tmd/placement.c \
	daemons/tmd/placement.h \
	daemons/tmd/policy.c \
	daemons/tmd/policy.h \
	daemons/tmd/pool.c \
	daemons/tmd/pool.h \
	daemons/tmd/pool_events.c \
	daemons/tmd/pool_hash.c \
	daemons/tmd/pool_join.c \
	daemons/tmd/pool_internal.h \
	daemons/tmd/receive.c \
	daemons/tmd/receive.h \
	daemons/tmd/reconcile.c \
	daemons/tmd/reconcile.h \
	daemons/tmd/share.c \
	daemons/tmd/sysctl.c \
	daemons/tmd/sysctl.h \
	daemons/tmd/timers.c \
	daemons/tmd/view.c \
	daemons/tmd/view.h \
	daemons/tmd/wanted.c \
	daemons/tmd/wanted.h

tmd_LIBS = daemons/tmd/libtmd.a $(has_LIBS) -lm

sbin_PROGRAMS += tmd
tmd_CFLAGS = $(has_CFLAGS)
tmd_SOURCES = daemons/tmd/main.c
tmd_LDADD = $(tmd_LIBS)
