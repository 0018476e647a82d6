# SPDX-License-Identifier: GPL-2.0-or-later
EXTRA_DIST += \
	tests/scenarios/conftest.py \
	tests/scenarios/copies.py \
	tests/scenarios/harness.py \
	tests/scenarios/masters.py \
	tests/scenarios/nfs.py \
	tests/scenarios/ports.py \
	tests/scenarios/soak \
	tests/scenarios/soaking.py \
	tests/scenarios/test_3_09_n_plus_m.py \
	tests/scenarios/test_3_24_01_normal_request.py \
	tests/scenarios/test_3_24_02_load_report.py \
	tests/scenarios/test_3_24_03_joining.py \
	tests/scenarios/test_3_24_07_master_unavailable.py \
	tests/scenarios/test_3_24_08_traffic_node_unavailable.py \
	tests/scenarios/test_3_24_10_leaving.py \
	tests/scenarios/test_3_24_11_application_dies.py \
	tests/scenarios/test_cvip_faults.py \
	tests/scenarios/test_cvip_moves.py \
	tests/scenarios/test_cvip_own_mac.py \
	tests/scenarios/test_cvip_soak.py \
	tests/scenarios/test_cvip_three_masters.py \
	tests/scenarios/test_erd_addresses.py \
	tests/scenarios/test_erd_daemon.py \
	tests/scenarios/test_erd_lans.py \
	tests/scenarios/test_erd_ports.py \
	tests/scenarios/test_nfs_copies.py \
	tests/scenarios/test_nfs_failover.py \
	tests/scenarios/test_nfs_mount.py \
	tests/scenarios/trees.py
