# SPDX-License-Identifier: GPL-2.0-or-later
EXTRA_DIST += tests/bench/README.md tests/bench/cvip tests/bench/cvip_peers.py tests/bench/cvip_reconstruction.py \
	tests/bench/cvip_table.py tests/bench/nfs tests/bench/nfs_cluster.py tests/bench/nfs_faults.py \
	tests/bench/nfs_mover.py tests/bench/nfs_peers.py tests/bench/nfs_priority.py tests/bench/nfs_table.py tests/bench/nfs_world.py \
	tests/bench/peers.py tests/bench/ports \
	tests/bench/ports_inside.py tests/bench/ports_peers.py tests/bench/ports_table.py tests/bench/ports_world.py \
	tests/bench/run

# The cost of tmd: see tmd_load.c. tmd_fake is tmd, but for a kernel's table in memory.
check_PROGRAMS += tests/bench/tmd_fake tests/bench/tmd_load
tests_bench_tmd_fake_SOURCES = daemons/tmd/main.c tests/unit/fake_ipvs.c tests/unit/fake_ipvs.h
tests_bench_tmd_fake_CFLAGS = $(has_CFLAGS)
tests_bench_tmd_fake_LDADD = $(tmd_LIBS)
tests_bench_tmd_load_SOURCES = tests/bench/tmd_load.c
tests_bench_tmd_load_CFLAGS = $(has_CFLAGS)
tests_bench_tmd_load_LDADD = $(has_LIBS) -lm

# A traffic node with made-up connections, for the reconstruction.
check_PROGRAMS += tests/bench/fake_connections
tests_bench_fake_connections_SOURCES = tests/bench/fake_connections.c
tests_bench_fake_connections_CFLAGS = $(has_CFLAGS)
tests_bench_fake_connections_LDADD = $(has_LIBS)

# The gap that a fault of a network port makes: see port_probe.c.
check_PROGRAMS += tests/bench/port_probe
tests_bench_port_probe_SOURCES = tests/bench/port_probe.c
tests_bench_port_probe_CFLAGS = $(has_CFLAGS)

# What clients notice of a take-over: see cvip_client.c.
check_PROGRAMS += tests/bench/cvip_client
tests_bench_cvip_client_SOURCES = tests/bench/cvip_client.c tests/bench/cvip_client_report.c \
	tests/bench/cvip_client_report.h
