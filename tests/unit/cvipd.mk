# SPDX-License-Identifier: GPL-2.0-or-later
# The cluster virtual IP: the engine, the ownership of buckets under simulated time, the transport, the connections.
cvipd_unit_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/daemons/cvipd

if WITH_CMOCKA
cvipd_unit_tests =

# engine
cvipd_unit_tests += tests/unit/cvipd_checksum_test tests/unit/cvipd_hash_test tests/unit/cvipd_engine_live
tests_unit_cvipd_checksum_test_CPPFLAGS = $(cvipd_unit_CPPFLAGS)
tests_unit_cvipd_checksum_test_CFLAGS = $(unit_CFLAGS)
tests_unit_cvipd_checksum_test_LDADD = daemons/cvipd/libcvipd.a $(unit_LIBS)
tests_unit_cvipd_hash_test_CPPFLAGS = $(cvipd_unit_CPPFLAGS)
tests_unit_cvipd_hash_test_CFLAGS = $(unit_CFLAGS)
tests_unit_cvipd_hash_test_LDADD = $(unit_LIBS)

# In a real kernel, and skipped without root; ipvs_live.sh runs it in the lab's.
tests_unit_cvipd_engine_live_SOURCES = \
	tests/unit/cvipd_engine_client.c tests/unit/cvipd_engine_client.h \
	tests/unit/cvipd_engine_frames.c tests/unit/cvipd_engine_frames.h \
	tests/unit/cvipd_engine_live.c tests/unit/cvipd_engine_live.h \
	tests/unit/cvipd_engine_out.c \
	tests/unit/cvipd_engine_replays.c \
	tests/unit/cvipd_engine_table.c \
	tests/unit/cvipd_engine_twin.c \
	tests/unit/cvipd_engine_wire.c \
	tests/unit/cvipd_engine_world.c tests/unit/cvipd_engine_world.h
tests_unit_cvipd_engine_live_CPPFLAGS = $(cvipd_unit_CPPFLAGS)
tests_unit_cvipd_engine_live_CFLAGS = $(unit_CFLAGS) $(BPF_CFLAGS)
tests_unit_cvipd_engine_live_LDADD = daemons/cvipd/libcvipd.a $(unit_LIBS) $(BPF_LIBS)

# ownership
# Under simulated time and network: named tests, and random schedules (SCHEDULES=n so many, SEED=n runs one and tells it).
cvipd_unit_tests += \
	tests/unit/cvipd_random_test \
	tests/unit/cvipd_scenario_faults_test \
	tests/unit/cvipd_scenario_orders_test
cvipd_simulation_SOURCES = \
	tests/unit/cvipd_simulation.c tests/unit/cvipd_simulation.h \
	tests/unit/cvipd_simulation_chance.c \
	tests/unit/cvipd_simulation_check.c \
	tests/unit/cvipd_simulation_corosync.c \
	tests/unit/cvipd_simulation_faults.c \
	tests/unit/cvipd_simulation_network.c
tests_unit_cvipd_random_test_SOURCES = $(cvipd_simulation_SOURCES) tests/unit/cvipd_random_test.c
tests_unit_cvipd_random_test_CPPFLAGS = $(cvipd_unit_CPPFLAGS)
tests_unit_cvipd_random_test_CFLAGS = $(has_CFLAGS)
tests_unit_cvipd_random_test_LDADD = daemons/cvipd/libownership.a
tests_unit_cvipd_scenario_faults_test_SOURCES = \
	$(cvipd_simulation_SOURCES) tests/unit/cvipd_scenario.h tests/unit/cvipd_scenario_faults_test.c
tests_unit_cvipd_scenario_faults_test_CPPFLAGS = $(cvipd_unit_CPPFLAGS)
tests_unit_cvipd_scenario_faults_test_CFLAGS = $(unit_CFLAGS)
tests_unit_cvipd_scenario_faults_test_LDADD = daemons/cvipd/libownership.a $(unit_LIBS)
tests_unit_cvipd_scenario_orders_test_SOURCES = \
	$(cvipd_simulation_SOURCES) tests/unit/cvipd_scenario.h tests/unit/cvipd_scenario_orders_test.c
tests_unit_cvipd_scenario_orders_test_CPPFLAGS = $(cvipd_unit_CPPFLAGS)
tests_unit_cvipd_scenario_orders_test_CFLAGS = $(unit_CFLAGS)
tests_unit_cvipd_scenario_orders_test_LDADD = daemons/cvipd/libownership.a $(unit_LIBS)

# transport
cvipd_unit_tests += \
	tests/unit/cvipd_cluster_test \
	tests/unit/cvipd_heartbeat_test
tests_unit_cvipd_heartbeat_test_CPPFLAGS = $(cvipd_unit_CPPFLAGS)
tests_unit_cvipd_heartbeat_test_CFLAGS = $(unit_CFLAGS)
tests_unit_cvipd_heartbeat_test_LDADD = daemons/cvipd/libcvipd.a $(unit_LIBS)
# A Corosync of its own stands in for the libraries.
tests_unit_cvipd_cluster_test_CPPFLAGS = $(cvipd_unit_CPPFLAGS)
tests_unit_cvipd_cluster_test_CFLAGS = $(unit_CFLAGS) $(COROSYNC_CFLAGS)
tests_unit_cvipd_cluster_test_LDADD = daemons/cvipd/libcvipd.a $(unit_LIBS)
tests_unit_cvipd_cluster_test_SOURCES = \
	tests/unit/cvipd_cluster_test.c \
	tests/unit/fake_corosync.c \
	tests/unit/fake_corosync.h

cvipd_unit_tests += \
	tests/unit/cvipd_ownership_left_test \
	tests/unit/cvipd_ownership_order_test \
	tests/unit/cvipd_ownership_pause_test \
	tests/unit/cvipd_ownership_sight_test
tests_unit_cvipd_ownership_left_test_CPPFLAGS = $(cvipd_unit_CPPFLAGS)
tests_unit_cvipd_ownership_left_test_CFLAGS = $(unit_CFLAGS)
tests_unit_cvipd_ownership_left_test_LDADD = daemons/cvipd/libownership.a $(unit_LIBS)
tests_unit_cvipd_ownership_order_test_CPPFLAGS = $(cvipd_unit_CPPFLAGS)
tests_unit_cvipd_ownership_order_test_CFLAGS = $(unit_CFLAGS)
tests_unit_cvipd_ownership_order_test_LDADD = daemons/cvipd/libownership.a $(unit_LIBS)
tests_unit_cvipd_ownership_pause_test_CPPFLAGS = $(cvipd_unit_CPPFLAGS)
tests_unit_cvipd_ownership_pause_test_CFLAGS = $(unit_CFLAGS)
tests_unit_cvipd_ownership_pause_test_LDADD = daemons/cvipd/libownership.a $(unit_LIBS)
tests_unit_cvipd_ownership_sight_test_CPPFLAGS = $(cvipd_unit_CPPFLAGS)
tests_unit_cvipd_ownership_sight_test_CFLAGS = $(unit_CFLAGS)
tests_unit_cvipd_ownership_sight_test_LDADD = daemons/cvipd/libownership.a $(unit_LIBS)
# Skipped here; ipvs_live.sh runs it in a kernel of its own, where it may start a Corosync.
cvipd_unit_tests += tests/unit/cvipd_cluster_live
tests_unit_cvipd_cluster_live_CPPFLAGS = $(cvipd_unit_CPPFLAGS)
tests_unit_cvipd_cluster_live_CFLAGS = $(unit_CFLAGS)
tests_unit_cvipd_cluster_live_LDADD = daemons/cvipd/libcvipd.a $(unit_LIBS) $(COROSYNC_LIBS)

# cluster side
cvipd_unit_tests += tests/unit/cvipd_fencing_test
tests_unit_cvipd_fencing_test_CPPFLAGS = $(cvipd_unit_CPPFLAGS)
tests_unit_cvipd_fencing_test_CFLAGS = $(unit_CFLAGS)
tests_unit_cvipd_fencing_test_LDADD = daemons/cvipd/libcvipd.a $(has_LIBS) $(CMOCKA_LIBS)
cvipd_unit_tests += tests/unit/cvipd_port_test
tests_unit_cvipd_port_test_CPPFLAGS = $(cvipd_unit_CPPFLAGS)
tests_unit_cvipd_port_test_CFLAGS = $(unit_CFLAGS)
tests_unit_cvipd_port_test_LDADD = daemons/cvipd/libcvipd.a $(has_LIBS) $(CMOCKA_LIBS)
cvipd_unit_tests += tests/unit/cvipd_route_test
tests_unit_cvipd_route_test_CPPFLAGS = $(cvipd_unit_CPPFLAGS)
tests_unit_cvipd_route_test_CFLAGS = $(unit_CFLAGS)
tests_unit_cvipd_route_test_LDADD = daemons/cvipd/libcvipd.a $(has_LIBS) $(CMOCKA_LIBS)

# connections
cvipd_unit_tests += \
	tests/unit/cvipd_connections_live \
	tests/unit/cvipd_reconstruct_state_test \
	tests/unit/cvipd_reconstruct_table_test \
	tests/unit/cvipd_reconstruct_test \
	tests/unit/cvipd_sync_message_test
# In a real kernel with IPVS, as root; ipvs_live.sh runs it in the lab's. It starts tests/bench/fake_connections.
tests_unit_cvipd_connections_live_SOURCES = \
	tests/unit/cvipd_connections_live.c \
	tests/unit/cvipd_connections_table.c \
	tests/unit/cvipd_connections_world.c tests/unit/cvipd_connections_world.h \
	tests/unit/cvipd_engine_frames.c tests/unit/cvipd_engine_frames.h
tests_unit_cvipd_connections_live_CPPFLAGS = $(cvipd_unit_CPPFLAGS)
tests_unit_cvipd_connections_live_CFLAGS = $(unit_CFLAGS)
tests_unit_cvipd_connections_live_LDADD = daemons/cvipd/libcvipd.a $(unit_LIBS)
tests_unit_cvipd_reconstruct_state_test_CPPFLAGS = $(cvipd_unit_CPPFLAGS)
tests_unit_cvipd_reconstruct_state_test_CFLAGS = $(unit_CFLAGS)
tests_unit_cvipd_reconstruct_state_test_LDADD = daemons/cvipd/libcvipd.a $(unit_LIBS)
tests_unit_cvipd_reconstruct_table_test_CPPFLAGS = $(cvipd_unit_CPPFLAGS)
tests_unit_cvipd_reconstruct_table_test_CFLAGS = $(unit_CFLAGS)
tests_unit_cvipd_reconstruct_table_test_LDADD = daemons/cvipd/libcvipd.a $(unit_LIBS)
# With tcd's reporter at the other end; the kernel's table and the way into it are played.
tests_unit_cvipd_reconstruct_test_SOURCES = \
	tests/unit/cvipd_reconstruct_test.c \
	daemons/cvipd/reconstruct.c daemons/cvipd/reconstruct_socket.c \
	daemons/cvipd/reconstruct_state.c daemons/cvipd/reconstruct_table.c \
	tests/unit/fake_inject.c tests/unit/fake_inject.h \
	tests/unit/fake_ipvs.c tests/unit/fake_ipvs.h
tests_unit_cvipd_reconstruct_test_CPPFLAGS = $(cvipd_unit_CPPFLAGS) -I$(top_srcdir)/daemons/tcd
tests_unit_cvipd_reconstruct_test_CFLAGS = $(unit_CFLAGS) $(CURL_CFLAGS)
tests_unit_cvipd_reconstruct_test_LDADD = $(tcd_LIBS) $(CMOCKA_LIBS)
tests_unit_cvipd_sync_message_test_CPPFLAGS = $(cvipd_unit_CPPFLAGS)
tests_unit_cvipd_sync_message_test_CFLAGS = $(unit_CFLAGS)
tests_unit_cvipd_sync_message_test_LDADD = daemons/cvipd/libcvipd.a $(unit_LIBS)

# daemon
cvipd_unit_tests += tests/unit/cvipd_config_test
tests_unit_cvipd_config_test_CPPFLAGS = $(cvipd_unit_CPPFLAGS)
tests_unit_cvipd_config_test_CFLAGS = $(unit_CFLAGS)
tests_unit_cvipd_config_test_LDADD = daemons/cvipd/libcvipd.a $(has_LIBS) $(CMOCKA_LIBS)

cvipd_unit_tests += tests/unit/cvipd_redundancy_test
tests_unit_cvipd_redundancy_test_CPPFLAGS = $(cvipd_unit_CPPFLAGS)
tests_unit_cvipd_redundancy_test_CFLAGS = $(unit_CFLAGS)
tests_unit_cvipd_redundancy_test_LDADD = daemons/cvipd/libcvipd.a $(has_LIBS) $(CMOCKA_LIBS)

EXTRA_DIST += tests/unit/cvipd_live.sh tests/unit/cvipd_live_world.sh tests/unit/cvipd_twin_live.sh

check_PROGRAMS += $(cvipd_unit_tests)
TESTS += $(cvipd_unit_tests)
endif
