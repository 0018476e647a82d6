# SPDX-License-Identifier: GPL-2.0-or-later
# The Ethernet redundancy daemon. All but main.c is a library, so that tests and fuzzers link it too.
noinst_LIBRARIES += erd/liberd.a
erd_liberd_a_CFLAGS = $(has_CFLAGS)
erd_liberd_a_SOURCES = \
	erd/book.c \
	erd/book.h \
	erd/erd.c \
	erd/erd.h \
	erd/erd_begin.c \
	erd/erd_book.c \
	erd/erd_clean.c \
	erd/erd_config.c \
	erd/erd_config.h \
	erd/erd_config_line.c \
	erd/erd_config_line.h \
	erd/erd_control.c \
	erd/erd_events.c \
	erd/erd_metrics.c \
	erd/erd_move.c \
	erd/erd_ports.c \
	erd/erd_probes.c \
	erd/pair.c \
	erd/pair.h \
	erd/port.c \
	erd/port.h \
	erd/probe.c \
	erd/probe.h \
	erd/probe_filter.c \
	erd/probe_filter.h \
	erd/probe_frame.c \
	erd/probe_frame.h \
	erd/sight.c \
	erd/sight.h \
	erd/table.c \
	erd/table.h \
	erd/table_entry.c \
	erd/table_entry.h

erd_LIBS = erd/liberd.a $(has_LIBS)

sbin_PROGRAMS += erd/erd
erd_erd_SOURCES = erd/main.c
erd_erd_CPPFLAGS = $(AM_CPPFLAGS) -DERD_CONFIG='"$(sysconfdir)/erd.conf"'
erd_erd_CFLAGS = $(has_CFLAGS)
erd_erd_LDADD = $(erd_LIBS)
