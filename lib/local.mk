# SPDX-License-Identifier: GPL-2.0-or-later
# libhas: what the programs share. It knows no program.
noinst_LIBRARIES += lib/libhas.a
lib_libhas_a_CFLAGS = $(AM_CFLAGS) $(QB_CFLAGS) $(SODIUM_CFLAGS) $(JANSSON_CFLAGS) $(CAPNG_CFLAGS) $(NL_CFLAGS) $(NLROUTE_CFLAGS)
lib_libhas_a_SOURCES = \
	lib/addr.h \
	lib/background.c \
	lib/background.h \
	lib/clock.h \
	lib/conf.h \
	lib/ctl.h \
	lib/file.h \
	lib/ipvs.h \
	lib/key.h \
	lib/log.h \
	lib/notify.h \
	lib/priv.h \
	lib/wire.h

# What every program needs from outside
has_CFLAGS = $(AM_CFLAGS) $(QB_CFLAGS) $(SODIUM_CFLAGS) $(JANSSON_CFLAGS) $(CAPNG_CFLAGS) $(NL_CFLAGS) $(NLROUTE_CFLAGS)
has_LIBS = lib/libhas.a $(QB_LIBS) $(SODIUM_LIBS) $(JANSSON_LIBS) $(CAPNG_LIBS) $(NL_LIBS) $(NLROUTE_LIBS)
