# SPDX-License-Identifier: GPL-2.0-or-later
# The daemon of the cluster virtual IP. All but main() is a library, so that tests and fuzzers link the real thing.
cvipd_CFLAGS_all = $(has_CFLAGS) $(BPF_CFLAGS) $(COROSYNC_CFLAGS)

# What runs in the kernel, and what only the daemon needs, are libraries of their own: the ownership logic stands alone.
noinst_LIBRARIES += daemons/cvipd/libownership.a
daemons_cvipd_libownership_a_CFLAGS = $(has_CFLAGS)
daemons_cvipd_libownership_a_SOURCES = \
	daemons/cvipd/engine_table.h \
	daemons/cvipd/hash.h \
	daemons/cvipd/ownership.c \
	daemons/cvipd/ownership_assign.c \
	daemons/cvipd/ownership_internal.h \
	daemons/cvipd/ownership_members.c \
	daemons/cvipd/ownership_move.c \
	daemons/cvipd/ownership_orders.c \
	daemons/cvipd/ownership_view.c \
	daemons/cvipd/ownership.h

noinst_LIBRARIES += daemons/cvipd/libcvipd.a
daemons_cvipd_libcvipd_a_CFLAGS = $(cvipd_CFLAGS_all)
daemons_cvipd_libcvipd_a_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/daemons/cvipd
daemons_cvipd_libcvipd_a_SOURCES =

# engine
daemons_cvipd_libcvipd_a_SOURCES += \
	daemons/cvipd/checksum.c \
	daemons/cvipd/checksum.h \
	daemons/cvipd/engine.c \
	daemons/cvipd/engine.h \
	daemons/cvipd/engine_attach.c \
	daemons/cvipd/engine_load.c \
	daemons/cvipd/engine_private.h \
	daemons/cvipd/engine_replay.c
nodist_daemons_cvipd_libcvipd_a_SOURCES = daemons/cvipd/engine_object.c

# The programs in the kernel: compiled for BPF by clang whatever CC is, and put into the daemon as an array of bytes.
engine_bpf_files = \
	daemons/cvipd/engine.bpf.c \
	daemons/cvipd/engine_neighbour.h \
	daemons/cvipd/engine_packet.h
EXTRA_DIST += $(engine_bpf_files)
CLEANFILES += daemons/cvipd/engine.bpf.o daemons/cvipd/engine_object.c

# The kernel's headers need <asm/types.h>, which lies where only a compiler for this machine looks.
daemons/cvipd/engine.bpf.o: $(engine_bpf_files) daemons/cvipd/engine_table.h daemons/cvipd/hash.h
	$(AM_V_GEN)$(MKDIR_P) daemons/cvipd && \
	includes=$$($(BPF_CLANG) -v -E -x c - </dev/null 2>&1 | \
		$(SED) -n '/^#include </,/^End of/s|^ \(/.*\)|-idirafter \1|p') && \
	$(BPF_CLANG) -target bpf -mcpu=v3 -O2 -g -fdebug-prefix-map=$(abs_top_srcdir)=. \
		-std=gnu17 -Wall -Wextra -Wshadow -Werror $(BPF_CFLAGS) $$includes \
		-c $(top_srcdir)/daemons/cvipd/engine.bpf.c -o $@.new && \
	$(BPF_STRIP) -g $@.new && mv $@.new $@

daemons/cvipd/engine_object.c: daemons/cvipd/engine.bpf.o
	$(AM_V_GEN){ echo '/* Made of engine.bpf.c by the build. */'; echo '#include "engine_private.h"'; \
	echo '_Alignas(8) const unsigned char engine_object[] = {'; \
	od -An -v -tx1 daemons/cvipd/engine.bpf.o | $(SED) 's/ \(..\)/0x\1,/g'; \
	echo '};'; echo 'const size_t engine_object_size = sizeof(engine_object);'; } >$@.new && mv $@.new $@

# transport
daemons_cvipd_libcvipd_a_SOURCES += \
	daemons/cvipd/cluster.c \
	daemons/cvipd/cluster.h \
	daemons/cvipd/cluster_corosync.c \
	daemons/cvipd/cluster_corosync.h \
	daemons/cvipd/heartbeat.c \
	daemons/cvipd/heartbeat.h

# cluster side
daemons_cvipd_libcvipd_a_SOURCES += \
	daemons/cvipd/fencing.c \
	daemons/cvipd/fencing.h

# connections
daemons_cvipd_libcvipd_a_SOURCES += \
	daemons/cvipd/inject.c \
	daemons/cvipd/inject.h \
	daemons/cvipd/reconstruct.c \
	daemons/cvipd/reconstruct.h \
	daemons/cvipd/reconstruct_socket.c \
	daemons/cvipd/reconstruct_socket.h \
	daemons/cvipd/reconstruct_state.c \
	daemons/cvipd/reconstruct_state.h \
	daemons/cvipd/reconstruct_table.c \
	daemons/cvipd/reconstruct_table.h \
	daemons/cvipd/sync.c \
	daemons/cvipd/sync.h \
	daemons/cvipd/sync_message.c \
	daemons/cvipd/sync_message.h

# daemon
daemons_cvipd_libcvipd_a_SOURCES += \
	daemons/cvipd/act.c \
	daemons/cvipd/addresses.c \
	daemons/cvipd/addresses.h \
	daemons/cvipd/clean.c \
	daemons/cvipd/connections.c \
	daemons/cvipd/control.c \
	daemons/cvipd/cvipd.c \
	daemons/cvipd/cvipd.h \
	daemons/cvipd/cvipd_config.c \
	daemons/cvipd/cvipd_config.h \
	daemons/cvipd/cvipd_config_check.c \
	daemons/cvipd/cvipd_config_line.c \
	daemons/cvipd/events.c \
	daemons/cvipd/load.c \
	daemons/cvipd/load.h \
	daemons/cvipd/metrics.c \
	daemons/cvipd/port.c \
	daemons/cvipd/port.h \
	daemons/cvipd/port_pair.c \
	daemons/cvipd/port_pair.h \
	daemons/cvipd/ports.c \
	daemons/cvipd/redundancy.c \
	daemons/cvipd/redundancy.h \
	daemons/cvipd/reload.c \
	daemons/cvipd/replay.c \
	daemons/cvipd/route.c \
	daemons/cvipd/route.h \
	daemons/cvipd/tell.c \
	daemons/cvipd/timers.c \
	daemons/cvipd/view.c \
	daemons/cvipd/watch.c \
	daemons/cvipd/watch.h

cvipd_LIBS = daemons/cvipd/libcvipd.a daemons/cvipd/libownership.a $(has_LIBS) $(BPF_LIBS) \
	$(COROSYNC_LIBS)

sbin_PROGRAMS += cvipd
cvipd_CFLAGS = $(cvipd_CFLAGS_all)
cvipd_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/daemons/cvipd
cvipd_SOURCES = daemons/cvipd/main.c
cvipd_LDADD = $(cvipd_LIBS)
