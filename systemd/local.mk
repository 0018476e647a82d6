# SPDX-License-Identifier: GPL-2.0-or-later
# Units, the daemons' user and their directories
systemd_made = systemd/cvipd.service systemd/erd.service systemd/has-nfs-publish.service \
	systemd/nfshad.service systemd/tcd.service systemd/tmd.service \
	systemd/sysusers.d/has.conf \
	systemd/tmpfiles.d/has.conf \
	systemd/uidgid.d/has
EXTRA_DIST += $(systemd_made:=.in)
CLEANFILES += $(systemd_made)

$(systemd_made): %: %.in Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(substitute) $< > $@.tmp && mv $@.tmp $@

sysusersdir = $(prefix)/lib/sysusers.d
nodist_sysusers_DATA = systemd/sysusers.d/has.conf
tmpfilesdir = $(prefix)/lib/tmpfiles.d
nodist_tmpfiles_DATA = systemd/tmpfiles.d/has.conf
if WITH_CLUSTER
# Corosync serves root and those whom this directory names.
uidgiddir = $(sysconfdir)/corosync/uidgid.d
nodist_uidgid_DATA = systemd/uidgid.d/has
endif
if WITH_SYSTEMD
nodist_systemdsystemunit_DATA = systemd/erd.service systemd/nfshad.service
if WITH_CLUSTER
nodist_systemdsystemunit_DATA += systemd/cvipd.service systemd/has-nfs-publish.service systemd/tcd.service \
	systemd/tmd.service
endif
endif
