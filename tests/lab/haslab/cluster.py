# SPDX-License-Identifier: GPL-2.0-or-later
"""The cluster's configuration: has.conf for this lab, and what hasctl renders from it."""


def write(lab, config):
    raise NotImplementedError
