# SPDX-License-Identifier: GPL-2.0-or-later
# The rendered CIB, verified and simulated; skipped where Pacemaker, crmsh or pcs are missing.
TESTS += tests/cib/test_cib.py tests/cib/test_cib_storage.py
# The other rendered files, given to the daemons and to Corosync.
TESTS += tests/cib/test_files
EXTRA_DIST += \
	tests/cib/test_files \
	tests/cib/test_cib.py \
	tests/cib/test_cib_storage.py \
	tests/cib/cib.py \
	tests/cib/cases/copies.conf \
	tests/cib/cases/cvipd.conf \
	tests/cib/cases/drbd.conf \
	tests/cib/cases/full.conf \
	tests/cib/cases/nat.conf \
	tests/cib/cases/nway.conf \
	tests/cib/cases/remote.conf \
	tests/cib/cases/shared.conf \
	tests/cib/cases/twin.conf \
	tests/cib/cases/twin_ipaddr2.conf \
	tests/cib/golden/copies.xml \
	tests/cib/golden/cvipd.xml \
	tests/cib/golden/drbd.xml \
	tests/cib/golden/full.xml \
	tests/cib/golden/nat.xml \
	tests/cib/golden/nway.xml \
	tests/cib/golden/remote.xml \
	tests/cib/golden/shared.xml \
	tests/cib/golden/twin.xml \
	tests/cib/golden/twin_ipaddr2.xml
