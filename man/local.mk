# SPDX-License-Identifier: GPL-2.0-or-later
# One mdoc page a program, file and agent; one line each, so that changes do not collide.
dist_man_MANS += man/erd.8
dist_man_MANS += man/erd.conf.5
dist_man_MANS += man/hasctl.8
dist_man_MANS += man/has.conf.5
dist_man_MANS += man/mount.nfsha.8
dist_man_MANS += man/nfshad.8
dist_man_MANS += man/nfshad.conf.5
dist_man_MANS += man/nfs-ha.7
if WITH_CLUSTER
dist_man_MANS += man/tmd.8
dist_man_MANS += man/tmd.conf.5
dist_man_MANS += man/tcd.8
dist_man_MANS += man/tcd.conf.5
dist_man_MANS += man/ocf_has_tmd.7
dist_man_MANS += man/ocf_has_tcd.7
dist_man_MANS += man/ocf_has_realserver.7
dist_man_MANS += man/ocf_has_cvip.7
dist_man_MANS += man/ocf_has_erd.7
dist_man_MANS += man/ocf_has_nfs-client.7
dist_man_MANS += man/ocf_has_nfs-server.7
dist_man_MANS += man/cvipd.8
dist_man_MANS += man/cvipd.conf.5
dist_man_MANS += man/has-nfs-publish.8
# Agents that share a page with another one
nodist_man_MANS = man/ocf_has_nfs-copy.7 man/ocf_has_nfs-mount.7
CLEANFILES += $(nodist_man_MANS)
man/ocf_has_nfs-copy.7: Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && echo '.so man7/ocf_has_nfs-server.7' > $@
man/ocf_has_nfs-mount.7: Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && echo '.so man7/ocf_has_nfs-client.7' > $@
endif
