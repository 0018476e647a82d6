# SPDX-License-Identifier: GPL-2.0-or-later
# The failover daemon of an NFS client. All but main.c is a library, so that tests and fuzzers link it too.
nfshad_CPPFLAGS = $(nfsha_CPPFLAGS) -I$(top_srcdir)/nfs-ha/nfshad

noinst_LIBRARIES += nfs-ha/nfshad/libnfshad.a
nfs_ha_nfshad_libnfshad_a_CPPFLAGS = $(nfshad_CPPFLAGS)
nfs_ha_nfshad_libnfshad_a_CFLAGS = $(has_CFLAGS)
nfs_ha_nfshad_libnfshad_a_SOURCES = \
	nfs-ha/nfshad/failover.c \
	nfs-ha/nfshad/failover.h \
	nfs-ha/nfshad/failover_rules.c \
	nfs-ha/nfshad/failover_rules.h \
	nfs-ha/nfshad/failover_text.c \
	nfs-ha/nfshad/mountinfo.c \
	nfs-ha/nfshad/mountinfo.h \
	nfs-ha/nfshad/move.c \
	nfs-ha/nfshad/move.h \
	nfs-ha/nfshad/move_writers.c \
	nfs-ha/nfshad/move_writers.h \
	nfs-ha/nfshad/nfshad.c \
	nfs-ha/nfshad/nfshad.h \
	nfs-ha/nfshad/nfshad_act.c \
	nfs-ha/nfshad/nfshad_compare.c \
	nfs-ha/nfshad/nfshad_config.c \
	nfs-ha/nfshad/nfshad_config.h \
	nfs-ha/nfshad/nfshad_control.c \
	nfs-ha/nfshad/nfshad_groups.c \
	nfs-ha/nfshad/nfshad_metrics.c \
	nfs-ha/nfshad/nfshad_mounts.c \
	nfs-ha/nfshad/nfshad_move.c \
	nfs-ha/nfshad/probe.c \
	nfs-ha/nfshad/probe.h \
	nfs-ha/nfshad/probe_calls.c \
	nfs-ha/nfshad/probe_calls.h \
	nfs-ha/nfshad/probe_message.c \
	nfs-ha/nfshad/probe_message.h \
	nfs-ha/nfshad/probe_socket.c \
	nfs-ha/nfshad/probe_socket.h \
	nfs-ha/nfshad/reference.c \
	nfs-ha/nfshad/reference.h \
	nfs-ha/nfshad/remount.c \
	nfs-ha/nfshad/remount.h \
	nfs-ha/nfshad/sockets.c \
	nfs-ha/nfshad/sockets.h \
	nfs-ha/nfshad/thread.c \
	nfs-ha/nfshad/thread.h \
	nfs-ha/nfshad/transport.c \
	nfs-ha/nfshad/transport.h \
	nfs-ha/nfshad/worker.c \
	nfs-ha/nfshad/worker.h

nfshad_LIBS = nfs-ha/nfshad/libnfshad.a $(nfsha_LIBS)

sbin_PROGRAMS += nfs-ha/nfshad/nfshad
nfs_ha_nfshad_nfshad_SOURCES = nfs-ha/nfshad/main.c
nfs_ha_nfshad_nfshad_CPPFLAGS = $(nfshad_CPPFLAGS)
nfs_ha_nfshad_nfshad_CFLAGS = $(has_CFLAGS)
nfs_ha_nfshad_nfshad_LDADD = $(nfshad_LIBS)
