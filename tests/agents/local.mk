# SPDX-License-Identifier: GPL-2.0-or-later
# The agents without a cluster
TESTS += tests/agents/run.sh
EXTRA_DIST += tests/agents/run.sh tests/agents/erd.sh tests/agents/fake-daemon tests/agents/fake-hasctl \
	tests/agents/nfs.sh tests/agents/fake-nfs tests/agents/fake-attrd_updater tests/agents/fake-systemctl
