# SPDX-License-Identifier: GPL-2.0-or-later
"""The laboratory: a HAS cluster on one machine, each node a User-Mode Linux kernel."""
