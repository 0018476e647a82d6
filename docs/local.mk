# SPDX-License-Identifier: GPL-2.0-or-later
dist_doc_DATA += docs/architecture.md
dist_doc_DATA += docs/dependencies.md
dist_doc_DATA += docs/sysctl.md
dist_doc_DATA += docs/examples/has.conf
dist_doc_DATA += docs/examples/tcd.conf
dist_doc_DATA += docs/weights.md
dist_doc_DATA += docs/examples/tmd.conf
