# SPDX-License-Identifier: GPL-2.0-or-later
# has-nfs-publish: POSIX shell; and what a shell cannot do: changing a mount under the eyes of its users.
publish_parts = \
	nfs-ha/publish/config.sh \
	nfs-ha/publish/files.sh \
	nfs-ha/publish/image.sh \
	nfs-ha/publish/receive.sh \
	nfs-ha/publish/records.sh \
	nfs-ha/publish/resolve.sh \
	nfs-ha/publish/send.sh \
	nfs-ha/publish/status.sh \
	nfs-ha/publish/switch.sh \
	nfs-ha/publish/watch.sh
EXTRA_DIST += nfs-ha/publish/has-nfs-publish.in
CLEANFILES += nfs-ha/publish/has-nfs-publish

nfs-ha/publish/has-nfs-publish: %: %.in Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(substitute) -e 's|@libexecdir[@]|$(libexecdir)|g' $< > $@.tmp && \
		chmod 755 $@.tmp && mv $@.tmp $@

nodist_sbin_SCRIPTS = nfs-ha/publish/has-nfs-publish
publishdir = $(pkgdatadir)/publish
dist_publish_DATA = $(publish_parts)

pkglibexec_PROGRAMS = nfs-ha/publish/publish-mount
nfs_ha_publish_publish_mount_SOURCES = nfs-ha/publish/publish_mount.c
nfs_ha_publish_publish_mount_CFLAGS = $(AM_CFLAGS)
