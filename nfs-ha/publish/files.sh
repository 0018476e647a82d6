# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154 # stub
publish_files() { fail 69 "mode files: not yet"; }
resolve_files() { fail 69 "mode files: not yet"; }
receive_changes() { fail 69 "mode files: not yet"; }
receive_files() { fail 69 "mode files: not yet"; }
receive_published() { fail 69 "mode files: not yet"; }
