# SPDX-License-Identifier: GPL-2.0-or-later
# libFuzzer programs, built with: CC=clang ./configure --enable-fuzzing && make fuzzers
# A program tests/fuzz/fuzz_NAME has its seeds in tests/fuzz/corpus/fuzz_NAME.
EXTRA_DIST += tests/fuzz/run tests/fuzz/corpus

fuzz_programs =
fuzz_cflags = $(has_CFLAGS)
fuzz_ldflags = -fsanitize=fuzzer

if FUZZING
fuzz_programs += tests/fuzz/fuzz_wire
tests_fuzz_fuzz_wire_CFLAGS = $(fuzz_cflags)
tests_fuzz_fuzz_wire_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_wire_LDADD = $(has_LIBS)

fuzz_programs += tests/fuzz/fuzz_conf
tests_fuzz_fuzz_conf_CFLAGS = $(fuzz_cflags)
tests_fuzz_fuzz_conf_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_conf_LDADD = $(has_LIBS)

fuzz_programs += tests/fuzz/fuzz_keys
tests_fuzz_fuzz_keys_CFLAGS = $(fuzz_cflags)
tests_fuzz_fuzz_keys_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_keys_LDADD = $(has_LIBS)

fuzz_programs += tests/fuzz/fuzz_tmd_conf
tests_fuzz_fuzz_tmd_conf_CPPFLAGS = $(tmd_unit_CPPFLAGS)
tests_fuzz_fuzz_tmd_conf_CFLAGS = $(fuzz_cflags)
tests_fuzz_fuzz_tmd_conf_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_tmd_conf_LDADD = daemons/tmd/libtmd.a $(has_LIBS) -lm

fuzz_programs += tests/fuzz/fuzz_tcd_conf
tests_fuzz_fuzz_tcd_conf_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/daemons/tcd
tests_fuzz_fuzz_tcd_conf_CFLAGS = $(fuzz_cflags) $(CURL_CFLAGS)
tests_fuzz_fuzz_tcd_conf_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_tcd_conf_LDADD = $(tcd_LIBS)

fuzz_programs += tests/fuzz/fuzz_tcd_answer
tests_fuzz_fuzz_tcd_answer_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/daemons/tcd
tests_fuzz_fuzz_tcd_answer_CFLAGS = $(fuzz_cflags) $(CURL_CFLAGS)
tests_fuzz_fuzz_tcd_answer_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_tcd_answer_LDADD = $(tcd_LIBS)

fuzz_programs += tests/fuzz/fuzz_cvipd_conf
tests_fuzz_fuzz_cvipd_conf_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/daemons/cvipd
tests_fuzz_fuzz_cvipd_conf_CFLAGS = $(fuzz_cflags)
tests_fuzz_fuzz_cvipd_conf_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_cvipd_conf_LDADD = $(cvipd_LIBS)

fuzz_programs += tests/fuzz/fuzz_erd_conf
tests_fuzz_fuzz_erd_conf_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/erd
tests_fuzz_fuzz_erd_conf_CFLAGS = $(fuzz_cflags)
tests_fuzz_fuzz_erd_conf_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_erd_conf_LDADD = $(erd_LIBS)

fuzz_programs += tests/fuzz/fuzz_erd_frame
tests_fuzz_fuzz_erd_frame_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/erd
tests_fuzz_fuzz_erd_frame_CFLAGS = $(fuzz_cflags)
tests_fuzz_fuzz_erd_frame_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_erd_frame_LDADD = erd/liberd.a $(has_LIBS)

fuzz_programs += tests/fuzz/fuzz_nfshad_conf
tests_fuzz_fuzz_nfshad_conf_CPPFLAGS = $(nfshad_CPPFLAGS)
tests_fuzz_fuzz_nfshad_conf_CFLAGS = $(fuzz_cflags)
tests_fuzz_fuzz_nfshad_conf_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_nfshad_conf_LDADD = nfs-ha/nfshad/libnfshad.a $(has_LIBS)

fuzz_programs += tests/fuzz/fuzz_nfshad_mountinfo
tests_fuzz_fuzz_nfshad_mountinfo_CPPFLAGS = $(nfshad_CPPFLAGS)
tests_fuzz_fuzz_nfshad_mountinfo_CFLAGS = $(fuzz_cflags)
tests_fuzz_fuzz_nfshad_mountinfo_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_nfshad_mountinfo_LDADD = nfs-ha/nfshad/libnfshad.a $(has_LIBS)

fuzz_programs += tests/fuzz/fuzz_nfshad_reply
tests_fuzz_fuzz_nfshad_reply_CPPFLAGS = $(nfshad_CPPFLAGS)
tests_fuzz_fuzz_nfshad_reply_CFLAGS = $(fuzz_cflags)
tests_fuzz_fuzz_nfshad_reply_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_nfshad_reply_LDADD = nfs-ha/nfshad/libnfshad.a $(has_LIBS)

fuzz_programs += tests/fuzz/fuzz_has_conf
tests_fuzz_fuzz_has_conf_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/daemons/hasctl
tests_fuzz_fuzz_has_conf_CFLAGS = $(fuzz_cflags) $(CONFUSE_CFLAGS)
tests_fuzz_fuzz_has_conf_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_has_conf_LDADD = $(config_LIBS)

fuzz_programs += tests/fuzz/fuzz_nfsha_source
tests_fuzz_fuzz_nfsha_source_CPPFLAGS = $(nfsha_mount_CPPFLAGS)
tests_fuzz_fuzz_nfsha_source_CFLAGS = $(fuzz_cflags)
tests_fuzz_fuzz_nfsha_source_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_nfsha_source_LDADD = $(nfsha_mount_LIBS)

fuzz_programs += tests/fuzz/fuzz_nfsha_reply
tests_fuzz_fuzz_nfsha_reply_CPPFLAGS = $(nfsha_CPPFLAGS)
tests_fuzz_fuzz_nfsha_reply_CFLAGS = $(fuzz_cflags)
tests_fuzz_fuzz_nfsha_reply_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_nfsha_reply_LDADD = $(nfsha_LIBS)
endif

noinst_PROGRAMS += $(fuzz_programs)

.PHONY: fuzzers
fuzzers: $(fuzz_programs)
