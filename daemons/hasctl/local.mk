# SPDX-License-Identifier: GPL-2.0-or-later
bin_PROGRAMS += daemons/hasctl/hasctl

# has.conf, its model and the renderers: apart from the program, for the unit tests and the fuzzer
noinst_LIBRARIES += daemons/hasctl/libconfig.a
daemons_hasctl_libconfig_a_CFLAGS = $(has_CFLAGS) $(CONFUSE_CFLAGS)
daemons_hasctl_libconfig_a_SOURCES = \
	daemons/hasctl/cib_cvip.c \
	daemons/hasctl/cib_cvip.h \
	daemons/hasctl/cib_lists.c \
	daemons/hasctl/cib_lists.h \
	daemons/hasctl/cib_storage.c \
	daemons/hasctl/cib_storage.h \
	daemons/hasctl/cib_values.c \
	daemons/hasctl/cib_values.h \
	daemons/hasctl/config_files.c \
	daemons/hasctl/config_files.h \
	daemons/hasctl/convert.c \
	daemons/hasctl/convert.h \
	daemons/hasctl/convert_storage.c \
	daemons/hasctl/convert_storage.h \
	daemons/hasctl/convert_values.c \
	daemons/hasctl/convert_values.h \
	daemons/hasctl/diff.c \
	daemons/hasctl/diff.h \
	daemons/hasctl/load.c \
	daemons/hasctl/load.h \
	daemons/hasctl/model.c \
	daemons/hasctl/model.h \
	daemons/hasctl/problems.c \
	daemons/hasctl/problems.h \
	daemons/hasctl/redundancy_settings.c \
	daemons/hasctl/redundancy_settings.h \
	daemons/hasctl/render.c \
	daemons/hasctl/render.h \
	daemons/hasctl/render_cib.c \
	daemons/hasctl/render_cib.h \
	daemons/hasctl/render_corosync.c \
	daemons/hasctl/render_cvipd.c \
	daemons/hasctl/render_drbd.c \
	daemons/hasctl/render_erd.c \
	daemons/hasctl/render_nfs.c \
	daemons/hasctl/render_steps.c \
	daemons/hasctl/render_tcd.c \
	daemons/hasctl/render_tmd.c \
	daemons/hasctl/schema.c \
	daemons/hasctl/schema.h \
	daemons/hasctl/settings.c \
	daemons/hasctl/settings.h \
	daemons/hasctl/source.c \
	daemons/hasctl/source.h \
	daemons/hasctl/storage.c \
	daemons/hasctl/storage.h \
	daemons/hasctl/template.c \
	daemons/hasctl/template.h \
	daemons/hasctl/validate.c \
	daemons/hasctl/validate.h \
	daemons/hasctl/validate_ports.c \
	daemons/hasctl/validate_ports.h \
	daemons/hasctl/validate_redundancy.c \
	daemons/hasctl/validate_redundancy.h \
	daemons/hasctl/validate_services.c \
	daemons/hasctl/validate_services.h \
	daemons/hasctl/validate_storage.c \
	daemons/hasctl/validate_storage.h
config_LIBS = daemons/hasctl/libconfig.a $(has_LIBS) $(CONFUSE_LIBS)

daemons_hasctl_hasctl_CFLAGS = $(has_CFLAGS)
daemons_hasctl_hasctl_LDADD = $(config_LIBS)
daemons_hasctl_hasctl_SOURCES = \
	daemons/hasctl/ask.c \
	daemons/hasctl/ask.h \
	daemons/hasctl/attribute.c \
	daemons/hasctl/attribute.h \
	daemons/hasctl/command.h \
	daemons/hasctl/config_command.c \
	daemons/hasctl/control_commands.c \
	daemons/hasctl/cvip_commands.c \
	daemons/hasctl/cvip_report.c \
	daemons/hasctl/cvip_report.h \
	daemons/hasctl/key_command.c \
	daemons/hasctl/main.c \
	daemons/hasctl/nfs_commands.c \
	daemons/hasctl/nfs_report.c \
	daemons/hasctl/nfs_report.h \
	daemons/hasctl/nfs_report_server.c \
	daemons/hasctl/nfs_server.c \
	daemons/hasctl/nfs_server.h \
	daemons/hasctl/ports_commands.c \
	daemons/hasctl/ports_report.c \
	daemons/hasctl/ports_report.h \
	daemons/hasctl/query_commands.c \
	daemons/hasctl/realserver.c \
	daemons/hasctl/realserver.h \
	daemons/hasctl/realserver_arp.c \
	daemons/hasctl/realserver_arp.h \
	daemons/hasctl/realserver_state.c \
	daemons/hasctl/realserver_state.h \
	daemons/hasctl/report.c \
	daemons/hasctl/report.h \
	daemons/hasctl/table.c \
	daemons/hasctl/table.h
