# SPDX-License-Identifier: GPL-2.0-or-later
# What the mount helper and nfshad share: servers as they are written, the mounts that were made, what a server serves.
nfsha_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/nfs-ha/client

noinst_LIBRARIES += nfs-ha/client/libnfsha.a
nfs_ha_client_libnfsha_a_CPPFLAGS = $(nfsha_CPPFLAGS)
nfs_ha_client_libnfsha_a_CFLAGS = $(has_CFLAGS)
nfs_ha_client_libnfsha_a_SOURCES = \
	nfs-ha/client/export.c \
	nfs-ha/client/export.h \
	nfs-ha/client/export_compare.c \
	nfs-ha/client/export_sample.c \
	nfs-ha/client/export_sample.h \
	nfs-ha/client/export_session.c \
	nfs-ha/client/export_session.h \
	nfs-ha/client/export_verdict.c \
	nfs-ha/client/export_verdict.h \
	nfs-ha/client/mount3.c \
	nfs-ha/client/mount3.h \
	nfs-ha/client/nfs.c \
	nfs-ha/client/nfs.h \
	nfs-ha/client/nfs3.c \
	nfs-ha/client/nfs4.c \
	nfs-ha/client/registry.c \
	nfs-ha/client/registry.h \
	nfs-ha/client/rpc.c \
	nfs-ha/client/rpc.h \
	nfs-ha/client/rpc_message.c \
	nfs-ha/client/rpc_message.h \
	nfs-ha/client/rpc_socket.c \
	nfs-ha/client/rpc_socket.h \
	nfs-ha/client/source.c \
	nfs-ha/client/source.h \
	nfs-ha/client/xdr.c \
	nfs-ha/client/xdr.h

nfsha_LIBS = nfs-ha/client/libnfsha.a $(has_LIBS)
