# SPDX-License-Identifier: GPL-2.0-or-later
# The daemon of the cluster virtual IP. All but main() is a library, so that tests and fuzzers link the real thing.
cvipd_CFLAGS_all = $(has_CFLAGS) $(BPF_CFLAGS) $(COROSYNC_CFLAGS)

# What runs in the kernel, and what only the daemon needs, are libraries of their own: the ownership logic stands alone.
noinst_LIBRARIES += daemons/cvipd/libownership.a
daemons_cvipd_libownership_a_CFLAGS = $(has_CFLAGS)
daemons_cvipd_libownership_a_SOURCES = \
	daemons/cvipd/engine_table.h \
	daemons/cvipd/hash.h \
	daemons/cvipd/ownership.c \
	daemons/cvipd/ownership.h

noinst_LIBRARIES += daemons/cvipd/libcvipd.a
daemons_cvipd_libcvipd_a_CFLAGS = $(cvipd_CFLAGS_all)
daemons_cvipd_libcvipd_a_SOURCES =

# engine (helper A)
daemons_cvipd_libcvipd_a_SOURCES += \
	daemons/cvipd/announce.c \
	daemons/cvipd/announce.h \
	daemons/cvipd/engine.c \
	daemons/cvipd/engine.h

# transport (helper C)
daemons_cvipd_libcvipd_a_SOURCES += \
	daemons/cvipd/cluster.c \
	daemons/cvipd/cluster.h \
	daemons/cvipd/heartbeat.c \
	daemons/cvipd/heartbeat.h

# connections (helper D)

# daemon (helper E)

cvipd_LIBS = daemons/cvipd/libcvipd.a daemons/cvipd/libownership.a $(has_LIBS) $(BPF_LIBS) $(COROSYNC_LIBS)
