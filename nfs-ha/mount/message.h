/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What mount.nfsha says: on stderr, with its name before. */
#ifndef NFSHA_MOUNT_MESSAGE_H
#define NFSHA_MOUNT_MESSAGE_H

void message(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
