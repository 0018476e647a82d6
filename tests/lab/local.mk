# SPDX-License-Identifier: GPL-2.0-or-later
# The laboratory. Its C programs are for the lab only and are not installed.
noinst_PROGRAMS += tests/lab/execd tests/lab/flow tests/lab/flow_server tests/lab/load \
	tests/lab/nfs_load
tests_lab_execd_SOURCES = tests/lab/execd.c
tests_lab_execd_LDFLAGS = -static
tests_lab_flow_SOURCES = \
	tests/lab/flow.c \
	tests/lab/flow_options.c \
	tests/lab/flow_options.h \
	tests/lab/flow_pattern.h \
	tests/lab/flow_report.c \
	tests/lab/flow_report.h \
	tests/lab/flow_run.c \
	tests/lab/flow_run.h \
	tests/lab/source.c \
	tests/lab/source.h
tests_lab_flow_server_SOURCES = tests/lab/flow_pattern.h tests/lab/flow_server.c
tests_lab_flow_server_LDFLAGS = -static
tests_lab_load_SOURCES = \
	tests/lab/load.c \
	tests/lab/load_options.c \
	tests/lab/load_options.h \
	tests/lab/load_report.c \
	tests/lab/load_report.h \
	tests/lab/source.c \
	tests/lab/source.h
tests_lab_nfs_load_SOURCES = \
	tests/lab/nfs_load.c \
	tests/lab/nfs_load_options.c \
	tests/lab/nfs_load_options.h \
	tests/lab/nfs_load_record.c \
	tests/lab/nfs_load_record.h \
	tests/lab/nfs_load_report.c \
	tests/lab/nfs_load_report.h \
	tests/lab/nfs_load_verify.c \
	tests/lab/nfs_load_verify.h
tests_lab_nfs_load_LDFLAGS = -static

EXTRA_DIST += \
	tests/lab/README.md \
	tests/lab/demo \
	tests/lab/fence_lab \
	tests/lab/has.conf \
	tests/lab/haslab/__init__.py \
	tests/lab/haslab/agent.py \
	tests/lab/haslab/cables.py \
	tests/lab/haslab/cli.py \
	tests/lab/haslab/cluster.py \
	tests/lab/haslab/controller.py \
	tests/lab/haslab/files.py \
	tests/lab/haslab/host.py \
	tests/lab/haslab/kernel.py \
	tests/lab/haslab/lab.py \
	tests/lab/haslab/life.py \
	tests/lab/haslab/machine.py \
	tests/lab/haslab/network.py \
	tests/lab/haslab/orderly.py \
	tests/lab/haslab/prereq.py \
	tests/lab/haslab/router.py \
	tests/lab/haslab/status.py \
	tests/lab/haslab/storage.py \
	tests/lab/kernel/0001-um-vector-carrier.patch \
	tests/lab/kernel/0002-um-lost-interrupts.patch \
	tests/lab/kernel/0003-um-vector-drop-buffer.patch \
	tests/lab/kernel/0004-um-flush-broken-mm.patch \
	tests/lab/kernel/uml-6.12.config \
	tests/lab/lab \
	tests/lab/node/init \
	tests/lab/node/nfs_trees \
	tests/lab/node/nfsserver \
	tests/lab/node/software \
	tests/lab/node/start \
	tests/lab/storage.conf \
	tests/lab/twin.conf
