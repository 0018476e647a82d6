# SPDX-License-Identifier: GPL-2.0-or-later
# Unit tests of daemons/hasctl: has.conf, what is rendered from it, and what people see.
EXTRA_DIST += tests/unit/config_test.h

if WITH_CMOCKA
config_unit_tests = \
	tests/unit/config_attribute_test \
	tests/unit/config_cvip_report_test \
	tests/unit/config_load_test \
	tests/unit/config_nfs_report_test \
	tests/unit/config_ports_report_test \
	tests/unit/config_ports_test \
	tests/unit/config_render_test \
	tests/unit/config_report_test \
	tests/unit/config_storage_test \
	tests/unit/config_template_test
check_PROGRAMS += $(config_unit_tests)
TESTS += $(config_unit_tests)

config_unit_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/daemons/hasctl
config_unit_CFLAGS = $(unit_CFLAGS) $(CONFUSE_CFLAGS)
config_unit_LDADD = $(config_LIBS) $(CMOCKA_LIBS)

tests_unit_config_attribute_test_CPPFLAGS = $(config_unit_CPPFLAGS)
tests_unit_config_attribute_test_CFLAGS = $(config_unit_CFLAGS)
tests_unit_config_attribute_test_LDADD = $(config_unit_LDADD)
tests_unit_config_attribute_test_SOURCES = \
	tests/unit/config_attribute_test.c \
	daemons/hasctl/attribute.c

tests_unit_config_cvip_report_test_CPPFLAGS = $(config_unit_CPPFLAGS)
tests_unit_config_cvip_report_test_CFLAGS = $(config_unit_CFLAGS)
tests_unit_config_cvip_report_test_LDADD = $(config_unit_LDADD)
tests_unit_config_cvip_report_test_SOURCES = \
	tests/unit/config_cvip_report_test.c \
	daemons/hasctl/ask.c \
	daemons/hasctl/cvip_report.c \
	daemons/hasctl/report.c \
	daemons/hasctl/table.c

tests_unit_config_load_test_CPPFLAGS = $(config_unit_CPPFLAGS)
tests_unit_config_load_test_CFLAGS = $(config_unit_CFLAGS)
tests_unit_config_load_test_LDADD = $(config_unit_LDADD)

tests_unit_config_nfs_report_test_CPPFLAGS = $(config_unit_CPPFLAGS)
tests_unit_config_nfs_report_test_CFLAGS = $(config_unit_CFLAGS)
tests_unit_config_nfs_report_test_LDADD = $(config_unit_LDADD)
tests_unit_config_nfs_report_test_SOURCES = \
	tests/unit/config_nfs_report_test.c \
	daemons/hasctl/ask.c \
	daemons/hasctl/nfs_report.c \
	daemons/hasctl/nfs_report_server.c \
	daemons/hasctl/nfs_server.c \
	daemons/hasctl/report.c \
	daemons/hasctl/table.c

tests_unit_config_ports_report_test_CPPFLAGS = $(config_unit_CPPFLAGS)
tests_unit_config_ports_report_test_CFLAGS = $(config_unit_CFLAGS)
tests_unit_config_ports_report_test_LDADD = $(config_unit_LDADD)
tests_unit_config_ports_report_test_SOURCES = \
	tests/unit/config_ports_report_test.c \
	daemons/hasctl/ask.c \
	daemons/hasctl/ports_report.c \
	daemons/hasctl/report.c \
	daemons/hasctl/table.c

tests_unit_config_ports_test_CPPFLAGS = $(config_unit_CPPFLAGS)
tests_unit_config_ports_test_CFLAGS = $(config_unit_CFLAGS)
tests_unit_config_ports_test_LDADD = $(config_unit_LDADD)

tests_unit_config_render_test_CPPFLAGS = $(config_unit_CPPFLAGS)
tests_unit_config_render_test_CFLAGS = $(config_unit_CFLAGS)
tests_unit_config_render_test_LDADD = $(config_unit_LDADD)

tests_unit_config_report_test_CPPFLAGS = $(config_unit_CPPFLAGS)
tests_unit_config_report_test_CFLAGS = $(config_unit_CFLAGS)
tests_unit_config_report_test_LDADD = $(config_unit_LDADD)
tests_unit_config_report_test_SOURCES = \
	tests/unit/config_report_test.c \
	daemons/hasctl/ask.c \
	daemons/hasctl/report.c \
	daemons/hasctl/table.c

tests_unit_config_storage_test_CPPFLAGS = $(config_unit_CPPFLAGS)
tests_unit_config_storage_test_CFLAGS = $(config_unit_CFLAGS)
tests_unit_config_storage_test_LDADD = $(config_unit_LDADD)

tests_unit_config_template_test_CPPFLAGS = $(config_unit_CPPFLAGS)
tests_unit_config_template_test_CFLAGS = $(config_unit_CFLAGS)
tests_unit_config_template_test_LDADD = $(config_unit_LDADD)
endif
