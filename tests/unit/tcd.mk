# SPDX-License-Identifier: GPL-2.0-or-later
# Unit tests of daemons/tcd.
EXTRA_DIST += tests/unit/tcd_report_simulation.h
if WITH_CMOCKA
tcd_unit_tests = \
	tests/unit/tcd_check_test \
	tests/unit/tcd_check_state_test \
	tests/unit/tcd_config_test \
	tests/unit/tcd_connection_list_test \
	tests/unit/tcd_connections_test \
	tests/unit/tcd_health_test \
	tests/unit/tcd_http_test \
	tests/unit/tcd_live_test \
	tests/unit/tcd_loadindex_test \
	tests/unit/tcd_pressure_test \
	tests/unit/tcd_report_test \
	tests/unit/tcd_report_news_test
check_PROGRAMS += $(tcd_unit_tests)
TESTS += $(tcd_unit_tests)

tcd_unit_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/daemons/tcd
tcd_unit_CFLAGS = $(unit_CFLAGS) $(CURL_CFLAGS)
tcd_unit_LDADD = $(tcd_LIBS) $(CMOCKA_LIBS)

tests_unit_tcd_check_test_SOURCES = \
	tests/unit/tcd_check_test.c \
	tests/unit/tcd_server.c \
	tests/unit/tcd_server.h
tests_unit_tcd_check_test_CPPFLAGS = $(tcd_unit_CPPFLAGS)
tests_unit_tcd_check_test_CFLAGS = $(tcd_unit_CFLAGS)
tests_unit_tcd_check_test_LDADD = $(tcd_unit_LDADD)

tests_unit_tcd_check_state_test_CPPFLAGS = $(tcd_unit_CPPFLAGS)
tests_unit_tcd_check_state_test_CFLAGS = $(tcd_unit_CFLAGS)
tests_unit_tcd_check_state_test_LDADD = $(tcd_unit_LDADD)

tests_unit_tcd_config_test_CPPFLAGS = $(tcd_unit_CPPFLAGS)
tests_unit_tcd_config_test_CFLAGS = $(tcd_unit_CFLAGS)
tests_unit_tcd_config_test_LDADD = $(tcd_unit_LDADD)

tests_unit_tcd_connection_list_test_CPPFLAGS = $(tcd_unit_CPPFLAGS)
tests_unit_tcd_connection_list_test_CFLAGS = $(tcd_unit_CFLAGS)
tests_unit_tcd_connection_list_test_LDADD = $(tcd_unit_LDADD)

tests_unit_tcd_connections_test_CPPFLAGS = $(tcd_unit_CPPFLAGS)
tests_unit_tcd_connections_test_CFLAGS = $(tcd_unit_CFLAGS)
tests_unit_tcd_connections_test_LDADD = $(tcd_unit_LDADD)

tests_unit_tcd_health_test_CPPFLAGS = $(tcd_unit_CPPFLAGS)
tests_unit_tcd_health_test_CFLAGS = $(tcd_unit_CFLAGS)
tests_unit_tcd_health_test_LDADD = $(tcd_unit_LDADD)

tests_unit_tcd_http_test_CPPFLAGS = $(tcd_unit_CPPFLAGS)
tests_unit_tcd_http_test_CFLAGS = $(tcd_unit_CFLAGS)
tests_unit_tcd_http_test_LDADD = $(tcd_unit_LDADD)

tests_unit_tcd_live_test_SOURCES = \
	tests/unit/tcd_live_test.c \
	tests/unit/tcd_lab.c \
	tests/unit/tcd_lab.h \
	tests/unit/tcd_peer.c \
	tests/unit/tcd_peer.h \
	tests/unit/tcd_server.c \
	tests/unit/tcd_server.h
tests_unit_tcd_live_test_CPPFLAGS = $(tcd_unit_CPPFLAGS)
tests_unit_tcd_live_test_CFLAGS = $(tcd_unit_CFLAGS)
tests_unit_tcd_live_test_LDADD = $(tcd_unit_LDADD)

tests_unit_tcd_loadindex_test_CPPFLAGS = $(tcd_unit_CPPFLAGS)
tests_unit_tcd_loadindex_test_CFLAGS = $(tcd_unit_CFLAGS)
tests_unit_tcd_loadindex_test_LDADD = $(tcd_unit_LDADD)

tests_unit_tcd_pressure_test_CPPFLAGS = $(tcd_unit_CPPFLAGS)
tests_unit_tcd_pressure_test_CFLAGS = $(tcd_unit_CFLAGS)
tests_unit_tcd_pressure_test_LDADD = $(tcd_unit_LDADD)

tests_unit_tcd_report_test_CPPFLAGS = $(tcd_unit_CPPFLAGS)
tests_unit_tcd_report_test_CFLAGS = $(tcd_unit_CFLAGS)
tests_unit_tcd_report_test_LDADD = $(tcd_unit_LDADD)

tests_unit_tcd_report_news_test_CPPFLAGS = $(tcd_unit_CPPFLAGS)
tests_unit_tcd_report_news_test_CFLAGS = $(tcd_unit_CFLAGS)
tests_unit_tcd_report_news_test_LDADD = $(tcd_unit_LDADD)
endif
