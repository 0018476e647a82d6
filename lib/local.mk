# SPDX-License-Identifier: GPL-2.0-or-later
# libhas: what the programs share. It knows no program.
ARFLAGS = cr
noinst_LIBRARIES += lib/libhas.a
lib_libhas_a_CFLAGS = $(AM_CFLAGS) $(QB_CFLAGS) $(SODIUM_CFLAGS) $(JANSSON_CFLAGS) $(CAPNG_CFLAGS) $(NL_CFLAGS) $(NLROUTE_CFLAGS)
lib_libhas_a_SOURCES = \
	lib/addr.c \
	lib/addr.h \
	lib/announce.c \
	lib/announce.h \
	lib/background.c \
	lib/background.h \
	lib/clock.c \
	lib/clock.h \
	lib/conf.c \
	lib/conf.h \
	lib/conf_value.c \
	lib/ctl.h \
	lib/ctl_client.c \
	lib/ctl_message.h \
	lib/ctl_peers.c lib/ctl_peers.h \
	lib/ctl_server.c \
	lib/daemon.c \
	lib/daemon.h \
	lib/file.c \
	lib/file.h \
	lib/frame.c \
	lib/frame.h \
	lib/gate.c \
	lib/gate.h \
	lib/ipvs.h \
	lib/key.c \
	lib/key.h \
	lib/log.c \
	lib/log.h \
	lib/mld.c \
	lib/mld.h \
	lib/notify.c \
	lib/notify.h \
	lib/priv.c \
	lib/priv.h \
	lib/wire.c \
	lib/wire.h \
	lib/wire_body.c \
	lib/wire_body.h \
	lib/wire_cvip.c \
	lib/wire_report.c \
	lib/wire_walk.c \
	lib/wire_walk.h

# What every program needs from outside
has_CFLAGS = $(AM_CFLAGS) $(QB_CFLAGS) $(SODIUM_CFLAGS) $(JANSSON_CFLAGS) $(CAPNG_CFLAGS) $(NL_CFLAGS) $(NLROUTE_CFLAGS)
has_LIBS = lib/libhas.a $(QB_LIBS) $(SODIUM_LIBS) $(JANSSON_LIBS) $(CAPNG_LIBS) $(NL_LIBS) $(NLROUTE_LIBS)

lib_libhas_a_SOURCES += \
	lib/ipvs.c \
	lib/ipvs_exchange.h \
	lib/ipvs_message.c \
	lib/ipvs_message.h \
	lib/ipvs_sync.c \
	lib/ipvs_sync.h \
	lib/ipvs_table.c \
	lib/ipvs_table.h \
	lib/link.c \
	lib/link.h \
	lib/nlerror.c \
	lib/nlerror.h \
	lib/procsys.c \
	lib/procsys.h \
	lib/wake.c \
	lib/wake.h
