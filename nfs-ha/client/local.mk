# SPDX-License-Identifier: GPL-2.0-or-later
# What the mount helper and nfshad share: servers as they are written, the mounts that were made, what a server serves.
nfsha_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/nfs-ha/client

noinst_LIBRARIES += nfs-ha/client/libnfsha.a
nfs_ha_client_libnfsha_a_CPPFLAGS = $(nfsha_CPPFLAGS)
nfs_ha_client_libnfsha_a_CFLAGS = $(has_CFLAGS)
nfs_ha_client_libnfsha_a_SOURCES = \
	nfs-ha/client/export.c \
	nfs-ha/client/export.h \
	nfs-ha/client/registry.c \
	nfs-ha/client/registry.h \
	nfs-ha/client/source.c \
	nfs-ha/client/source.h

nfsha_LIBS = nfs-ha/client/libnfsha.a $(has_LIBS)
