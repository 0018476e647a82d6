# SPDX-License-Identifier: GPL-2.0-or-later
# The mount helper. All but main.c is a library, so that tests and fuzzers link it too.
nfsha_mount_CPPFLAGS = $(nfshad_CPPFLAGS) -I$(top_srcdir)/nfs-ha/mount

noinst_LIBRARIES += nfs-ha/mount/libnfshamount.a
nfs_ha_mount_libnfshamount_a_CPPFLAGS = $(nfsha_mount_CPPFLAGS) \
	-DNFSHAD_PROGRAM='"$(sbindir)/nfshad"' -DNFSHAD_UNIT='"$(systemdsystemunitdir)/nfshad.service"'
nfs_ha_mount_libnfshamount_a_CFLAGS = $(has_CFLAGS) -pthread
nfs_ha_mount_libnfshamount_a_SOURCES = \
	nfs-ha/mount/arguments.c \
	nfs-ha/mount/arguments.h \
	nfs-ha/mount/check.c \
	nfs-ha/mount/check.h \
	nfs-ha/mount/daemon_nfshad.c \
	nfs-ha/mount/daemon_nfshad.h \
	nfs-ha/mount/helper.c \
	nfs-ha/mount/helper.h \
	nfs-ha/mount/message.c \
	nfs-ha/mount/message.h \
	nfs-ha/mount/options.c \
	nfs-ha/mount/options.h \
	nfs-ha/mount/paths.c \
	nfs-ha/mount/paths.h \
	nfs-ha/mount/present.c \
	nfs-ha/mount/present.h \
	nfs-ha/mount/program.c \
	nfs-ha/mount/program.h \
	nfs-ha/mount/start.c \
	nfs-ha/mount/start.h \
	nfs-ha/mount/wrapper.c \
	nfs-ha/mount/wrapper.h

nfsha_mount_LIBS = nfs-ha/mount/libnfshamount.a $(nfshad_LIBS)

# mount(8) looks for its helpers in /sbin, which is the same directory where /usr is merged (Debian 12).
sbin_PROGRAMS += nfs-ha/mount/mount.nfsha
nfs_ha_mount_mount_nfsha_SOURCES = nfs-ha/mount/main.c
nfs_ha_mount_mount_nfsha_CPPFLAGS = $(nfsha_mount_CPPFLAGS)
nfs_ha_mount_mount_nfsha_CFLAGS = $(has_CFLAGS) -pthread
nfs_ha_mount_mount_nfsha_LDADD = $(nfsha_mount_LIBS)
