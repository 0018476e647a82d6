# SPDX-License-Identifier: GPL-2.0-or-later
# HA-NFS: the mount helper and nfshad.
nfsha_unit_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/nfs-ha/client -I$(top_srcdir)/nfs-ha/nfshad -I$(top_srcdir)/nfs-ha/mount

if WITH_CMOCKA
nfsha_unit_tests =

# What the client's programs share, and the mount helper
nfsha_unit_tests += \
	tests/unit/nfsha_export_test \
	tests/unit/nfsha_helper_test \
	tests/unit/nfsha_options_test \
	tests/unit/nfsha_registry_test \
	tests/unit/nfsha_source_test \
	tests/unit/nfsha_verdict_test
# With a server of its own, in a network namespace; skipped where that is not possible.
tests_unit_nfsha_export_test_SOURCES = \
	tests/unit/nfsha_export_test.c \
	tests/unit/fake_nfs.c tests/unit/fake_nfs.h \
	tests/unit/veth.c tests/unit/veth.h
tests_unit_nfsha_export_test_CPPFLAGS = $(nfsha_unit_CPPFLAGS)
tests_unit_nfsha_export_test_CFLAGS = $(unit_CFLAGS)
tests_unit_nfsha_export_test_LDADD = $(nfsha_LIBS) $(unit_LIBS)
tests_unit_nfsha_helper_test_SOURCES = \
	tests/unit/nfsha_helper_test.c \
	tests/unit/nfsha_helper_world.c tests/unit/nfsha_helper_world.h \
	tests/unit/fake_nfs.c tests/unit/fake_nfs.h \
	tests/unit/veth.c tests/unit/veth.h
tests_unit_nfsha_helper_test_CPPFLAGS = $(nfsha_unit_CPPFLAGS)
tests_unit_nfsha_helper_test_CFLAGS = $(unit_CFLAGS)
tests_unit_nfsha_helper_test_LDADD = $(nfsha_mount_LIBS) $(unit_LIBS)
tests_unit_nfsha_options_test_CPPFLAGS = $(nfsha_unit_CPPFLAGS)
tests_unit_nfsha_options_test_CFLAGS = $(unit_CFLAGS)
tests_unit_nfsha_options_test_LDADD = $(nfsha_mount_LIBS) $(unit_LIBS)
tests_unit_nfsha_registry_test_CPPFLAGS = $(nfsha_unit_CPPFLAGS)
tests_unit_nfsha_registry_test_CFLAGS = $(unit_CFLAGS)
tests_unit_nfsha_registry_test_LDADD = $(nfsha_LIBS) $(unit_LIBS)
tests_unit_nfsha_source_test_CPPFLAGS = $(nfsha_unit_CPPFLAGS)
tests_unit_nfsha_source_test_CFLAGS = $(unit_CFLAGS)
tests_unit_nfsha_source_test_LDADD = $(nfsha_LIBS) $(unit_LIBS)
tests_unit_nfsha_verdict_test_CPPFLAGS = $(nfsha_unit_CPPFLAGS)
tests_unit_nfsha_verdict_test_CFLAGS = $(unit_CFLAGS)
tests_unit_nfsha_verdict_test_LDADD = $(nfsha_LIBS) $(unit_LIBS)

# nfshad: what it reads
nfsha_unit_tests += \
	tests/unit/nfshad_config_test \
	tests/unit/nfshad_mountinfo_test
tests_unit_nfshad_config_test_CPPFLAGS = $(nfsha_unit_CPPFLAGS) -DEXAMPLE='"$(top_srcdir)/docs/examples/nfshad.conf"'
tests_unit_nfshad_config_test_CFLAGS = $(unit_CFLAGS)
tests_unit_nfshad_config_test_LDADD = $(nfshad_LIBS) $(unit_LIBS)
tests_unit_nfshad_mountinfo_test_CPPFLAGS = $(nfsha_unit_CPPFLAGS)
tests_unit_nfshad_mountinfo_test_CFLAGS = $(unit_CFLAGS)
tests_unit_nfshad_mountinfo_test_LDADD = $(nfshad_LIBS) $(unit_LIBS)

# nfshad: probes, of a server that is played on the same loop
nfsha_unit_tests += \
	tests/unit/nfshad_probe_message_test \
	tests/unit/nfshad_probe_return_test \
	tests/unit/nfshad_probe_test
tests_unit_nfshad_probe_message_test_CPPFLAGS = $(nfsha_unit_CPPFLAGS)
tests_unit_nfshad_probe_message_test_CFLAGS = $(unit_CFLAGS)
tests_unit_nfshad_probe_message_test_LDADD = $(nfshad_LIBS) $(unit_LIBS)
tests_unit_nfshad_probe_return_test_SOURCES = \
	tests/unit/nfshad_probe_return_test.c tests/unit/nfshad_probe_test.h \
	tests/unit/fake_probed.c tests/unit/fake_probed.h
tests_unit_nfshad_probe_return_test_CPPFLAGS = $(nfsha_unit_CPPFLAGS)
tests_unit_nfshad_probe_return_test_CFLAGS = $(unit_CFLAGS)
tests_unit_nfshad_probe_return_test_LDADD = $(nfshad_LIBS) $(unit_LIBS)
tests_unit_nfshad_probe_test_SOURCES = \
	tests/unit/nfshad_probe_test.c tests/unit/nfshad_probe_test.h \
	tests/unit/fake_probed.c tests/unit/fake_probed.h
tests_unit_nfshad_probe_test_CPPFLAGS = $(nfsha_unit_CPPFLAGS)
tests_unit_nfshad_probe_test_CFLAGS = $(unit_CFLAGS)
tests_unit_nfshad_probe_test_LDADD = $(nfshad_LIBS) $(unit_LIBS)

# nfshad: what is decided: named tests, and random schedules under simulated time (SCHEDULES=n so many, SEED=n runs one
# and tells it)
nfsha_unit_tests += \
	tests/unit/nfshad_failover_cells_test \
	tests/unit/nfshad_failover_copies_test \
	tests/unit/nfshad_failover_failed_test \
	tests/unit/nfshad_failover_random_test \
	tests/unit/nfshad_failover_remount_test \
	tests/unit/nfshad_failover_return_test \
	tests/unit/nfshad_failover_switch_test \
	tests/unit/nfshad_failover_test \
	tests/unit/nfshad_failover_told_test
tests_unit_nfshad_failover_cells_test_SOURCES = \
	tests/unit/nfshad_failover_cells_test.c tests/unit/nfshad_failover_test.h
tests_unit_nfshad_failover_cells_test_CPPFLAGS = $(nfsha_unit_CPPFLAGS)
tests_unit_nfshad_failover_cells_test_CFLAGS = $(unit_CFLAGS)
tests_unit_nfshad_failover_cells_test_LDADD = $(nfshad_LIBS) $(unit_LIBS)
tests_unit_nfshad_failover_copies_test_SOURCES = \
	tests/unit/nfshad_failover_copies_test.c tests/unit/nfshad_failover_test.h
tests_unit_nfshad_failover_copies_test_CPPFLAGS = $(nfsha_unit_CPPFLAGS)
tests_unit_nfshad_failover_copies_test_CFLAGS = $(unit_CFLAGS)
tests_unit_nfshad_failover_copies_test_LDADD = $(nfshad_LIBS) $(unit_LIBS)
tests_unit_nfshad_failover_failed_test_SOURCES = \
	tests/unit/nfshad_failover_failed_test.c tests/unit/nfshad_failover_test.h
tests_unit_nfshad_failover_failed_test_CPPFLAGS = $(nfsha_unit_CPPFLAGS)
tests_unit_nfshad_failover_failed_test_CFLAGS = $(unit_CFLAGS)
tests_unit_nfshad_failover_failed_test_LDADD = $(nfshad_LIBS) $(unit_LIBS)
tests_unit_nfshad_failover_random_test_SOURCES = \
	tests/unit/nfshad_failover_random_test.c \
	tests/unit/nfshad_simulation.c tests/unit/nfshad_simulation.h \
	tests/unit/nfshad_simulation_check.c \
	tests/unit/nfshad_simulation_world.c
tests_unit_nfshad_failover_random_test_CPPFLAGS = $(nfsha_unit_CPPFLAGS)
tests_unit_nfshad_failover_random_test_CFLAGS = $(has_CFLAGS)
tests_unit_nfshad_failover_random_test_LDADD = $(nfshad_LIBS)
tests_unit_nfshad_failover_remount_test_SOURCES = \
	tests/unit/nfshad_failover_remount_test.c tests/unit/nfshad_failover_test.h
tests_unit_nfshad_failover_remount_test_CPPFLAGS = $(nfsha_unit_CPPFLAGS)
tests_unit_nfshad_failover_remount_test_CFLAGS = $(unit_CFLAGS)
tests_unit_nfshad_failover_remount_test_LDADD = $(nfshad_LIBS) $(unit_LIBS)
tests_unit_nfshad_failover_return_test_SOURCES = \
	tests/unit/nfshad_failover_return_test.c tests/unit/nfshad_failover_test.h
tests_unit_nfshad_failover_return_test_CPPFLAGS = $(nfsha_unit_CPPFLAGS)
tests_unit_nfshad_failover_return_test_CFLAGS = $(unit_CFLAGS)
tests_unit_nfshad_failover_return_test_LDADD = $(nfshad_LIBS) $(unit_LIBS)
tests_unit_nfshad_failover_switch_test_SOURCES = \
	tests/unit/nfshad_failover_switch_test.c tests/unit/nfshad_failover_test.h
tests_unit_nfshad_failover_switch_test_CPPFLAGS = $(nfsha_unit_CPPFLAGS)
tests_unit_nfshad_failover_switch_test_CFLAGS = $(unit_CFLAGS)
tests_unit_nfshad_failover_switch_test_LDADD = $(nfshad_LIBS) $(unit_LIBS)
tests_unit_nfshad_failover_test_SOURCES = \
	tests/unit/nfshad_failover_test.c tests/unit/nfshad_failover_test.h
tests_unit_nfshad_failover_test_CPPFLAGS = $(nfsha_unit_CPPFLAGS)
tests_unit_nfshad_failover_test_CFLAGS = $(unit_CFLAGS)
tests_unit_nfshad_failover_test_LDADD = $(nfshad_LIBS) $(unit_LIBS)
tests_unit_nfshad_failover_told_test_SOURCES = \
	tests/unit/nfshad_failover_told_test.c tests/unit/nfshad_failover_test.h
tests_unit_nfshad_failover_told_test_CPPFLAGS = $(nfsha_unit_CPPFLAGS)
tests_unit_nfshad_failover_told_test_CFLAGS = $(unit_CFLAGS)
tests_unit_nfshad_failover_told_test_LDADD = $(nfshad_LIBS) $(unit_LIBS)

# nfshad: the kernel's transports, moves, threads
nfsha_unit_tests += \
	tests/unit/nfshad_groups_test \
	tests/unit/nfshad_look_test \
	tests/unit/nfshad_move_test \
	tests/unit/nfshad_reference_test \
	tests/unit/nfshad_remount_test \
	tests/unit/nfshad_transport_test
tests_unit_nfshad_groups_test_CPPFLAGS = $(nfsha_unit_CPPFLAGS)
tests_unit_nfshad_groups_test_CFLAGS = $(unit_CFLAGS)
tests_unit_nfshad_groups_test_LDADD = $(nfshad_LIBS) $(unit_LIBS)
tests_unit_nfshad_look_test_CPPFLAGS = $(nfsha_unit_CPPFLAGS)
tests_unit_nfshad_look_test_CFLAGS = $(unit_CFLAGS)
tests_unit_nfshad_look_test_LDADD = $(nfshad_LIBS) $(unit_LIBS)
tests_unit_nfshad_move_test_CPPFLAGS = $(nfsha_unit_CPPFLAGS)
tests_unit_nfshad_move_test_CFLAGS = $(unit_CFLAGS)
tests_unit_nfshad_move_test_LDADD = $(nfshad_LIBS) $(unit_LIBS)
tests_unit_nfshad_reference_test_CPPFLAGS = $(nfsha_unit_CPPFLAGS)
tests_unit_nfshad_reference_test_CFLAGS = $(unit_CFLAGS)
tests_unit_nfshad_reference_test_LDADD = $(nfshad_LIBS) $(unit_LIBS)
tests_unit_nfshad_remount_test_CPPFLAGS = $(nfsha_unit_CPPFLAGS)
tests_unit_nfshad_remount_test_CFLAGS = $(unit_CFLAGS)
tests_unit_nfshad_remount_test_LDADD = $(nfshad_LIBS) $(unit_LIBS)
tests_unit_nfshad_transport_test_CPPFLAGS = $(nfsha_unit_CPPFLAGS)
tests_unit_nfshad_transport_test_CFLAGS = $(unit_CFLAGS)
tests_unit_nfshad_transport_test_LDADD = $(nfshad_LIBS) $(unit_LIBS)

check_PROGRAMS += $(nfsha_unit_tests)
TESTS += $(nfsha_unit_tests)
endif

# What real servers serve, for nfsha_mount_live.sh
check_PROGRAMS += tests/unit/nfsha_export_tool
tests_unit_nfsha_export_tool_CPPFLAGS = $(nfsha_unit_CPPFLAGS)
tests_unit_nfsha_export_tool_CFLAGS = $(has_CFLAGS)
tests_unit_nfsha_export_tool_LDADD = $(nfsha_LIBS)

# The helper with the kernel's client and servers: has-lab runs it in the lab's kernel.
EXTRA_DIST += tests/unit/nfsha_live_world.sh tests/unit/nfsha_mount_live.sh

# In the lab's kernel; ipvs_live.sh runs it.
EXTRA_DIST += tests/unit/nfs_series_live.sh tests/unit/nfs_series_live_world.sh
