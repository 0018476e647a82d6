# SPDX-License-Identifier: GPL-2.0-or-later
# HA-NFS: the mount helper and nfshad.
nfsha_unit_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/nfs-ha/client -I$(top_srcdir)/nfs-ha/nfshad -I$(top_srcdir)/nfs-ha/mount

if WITH_CMOCKA
nfsha_unit_tests =

check_PROGRAMS += $(nfsha_unit_tests)
TESTS += $(nfsha_unit_tests)
endif
