# SPDX-License-Identifier: GPL-2.0-or-later
# The traffic client. All but main.c is a library, so that tests and fuzzers link it too.
noinst_LIBRARIES += daemons/tcd/libtcd.a
daemons_tcd_libtcd_a_CPPFLAGS = $(AM_CPPFLAGS)
daemons_tcd_libtcd_a_CFLAGS = $(has_CFLAGS) $(CURL_CFLAGS)
daemons_tcd_libtcd_a_SOURCES = \
	daemons/tcd/agentcheck.c \
	daemons/tcd/agentcheck.h \
	daemons/tcd/check.c \
	daemons/tcd/check.h \
	daemons/tcd/check_config.c \
	daemons/tcd/check_http.c \
	daemons/tcd/check_program.c \
	daemons/tcd/check_state.c \
	daemons/tcd/check_state.h \
	daemons/tcd/check_tcp.c \
	daemons/tcd/connection_list.c \
	daemons/tcd/connection_list.h \
	daemons/tcd/connections.c \
	daemons/tcd/connections.h \
	daemons/tcd/control.c \
	daemons/tcd/control.h \
	daemons/tcd/exchange.c \
	daemons/tcd/exchange.h \
	daemons/tcd/health.c \
	daemons/tcd/health.h \
	daemons/tcd/http_message.c \
	daemons/tcd/http_message.h \
	daemons/tcd/leave.c \
	daemons/tcd/leave.h \
	daemons/tcd/loadindex.c \
	daemons/tcd/loadindex.h \
	daemons/tcd/measure.c \
	daemons/tcd/measure.h \
	daemons/tcd/metrics.c \
	daemons/tcd/metrics.h \
	daemons/tcd/pressure.c \
	daemons/tcd/pressure.h \
	daemons/tcd/report.c \
	daemons/tcd/report.h \
	daemons/tcd/reporter.c \
	daemons/tcd/reporter.h \
	daemons/tcd/reporter_socket.c \
	daemons/tcd/reporter_socket.h \
	daemons/tcd/sockets.c \
	daemons/tcd/sockets.h \
	daemons/tcd/tcd.c \
	daemons/tcd/tcd.h \
	daemons/tcd/tcd_config.c \
	daemons/tcd/tcd_config.h \
	daemons/tcd/timer.c \
	daemons/tcd/timer.h \
	daemons/tcd/watch.c \
	daemons/tcd/watch.h
if WITH_CURL
daemons_tcd_libtcd_a_SOURCES += daemons/tcd/check_https.c
endif

tcd_LIBS = daemons/tcd/libtcd.a $(has_LIBS) $(CURL_LIBS)

sbin_PROGRAMS += tcd
tcd_SOURCES = daemons/tcd/main.c
tcd_CFLAGS = $(has_CFLAGS) $(CURL_CFLAGS)
tcd_LDADD = $(tcd_LIBS)
