# SPDX-License-Identifier: GPL-2.0-or-later
# has-nfs-publish. publish_live.sh needs root and loop devices, nfs_live.sh the lab's kernel (tests/unit/ipvs_live.sh).
EXTRA_DIST += tests/publish/publish_live.sh tests/publish/world.sh \
	tests/publish/conflicts.sh \
	tests/publish/content.sh \
	tests/publish/faults.sh \
	tests/publish/files.sh \
	tests/publish/kills.sh \
	tests/publish/watch.sh \
	tests/publish/nfs_live.sh \
	tests/publish/nfs_reader.py
