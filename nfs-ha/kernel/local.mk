# SPDX-License-Identifier: GPL-2.0-or-later
# The kernel series. Installed as source only: `dkms add has-nfs-failover/VERSION` builds the modules where they are wanted.
kernel_patches_6_1 = \
	nfs-ha/kernel/patches/6.1/series \
	nfs-ha/kernel/patches/6.1/0001-sunrpc-read-a-transports-address-under-RCU.patch \
	nfs-ha/kernel/patches/6.1/0002-sunrpc-dstaddr-take-IPv6-addresses.patch \
	nfs-ha/kernel/patches/6.1/0003-sunrpc-failover-of-TCP-client-transports.patch \
	nfs-ha/kernel/patches/6.1/0004-nfs-mount-option-replicas.patch
kernel_patches_6_12 = $(kernel_patches_6_1:nfs-ha/kernel/patches/6.1/%=nfs-ha/kernel/patches/6.12/%)

EXTRA_DIST += nfs-ha/kernel/dkms.conf.in
CLEANFILES += nfs-ha/kernel/dkms.conf

nfs-ha/kernel/dkms.conf: nfs-ha/kernel/dkms.conf.in Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(substitute) $(srcdir)/nfs-ha/kernel/dkms.conf.in > $@.tmp && mv $@.tmp $@

dkmsdir = $(prefix)/src/$(PACKAGE)-nfs-failover-$(PACKAGE_VERSION)
dkms61dir = $(dkmsdir)/patches/6.1
dkms612dir = $(dkmsdir)/patches/6.12
nodist_dkms_DATA = nfs-ha/kernel/dkms.conf
dist_dkms_DATA = nfs-ha/kernel/Kbuild nfs-ha/kernel/README.md
dist_dkms_SCRIPTS = nfs-ha/kernel/prepare nfs-ha/kernel/check-crcs
dist_dkms61_DATA = $(kernel_patches_6_1)
dist_dkms612_DATA = $(kernel_patches_6_12)
