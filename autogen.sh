#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes ./configure in a fresh checkout.
exec autoreconf --install --warnings=all "$(dirname "$0")"
