/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values below /proc/sys. The root is passed in so that tests can use a directory of their own. */
#ifndef HAS_PROCSYS_H
#define HAS_PROCSYS_H

#define PROCSYS_ROOT "/proc/sys"
#define PROCSYS_VALUE_MAX 64

/* name: below root, with slashes: "net/ipv4/vs/conn_reuse_mode". Both return 0 or a negative errno. */
int procsys_read(const char *root, const char *name, char value[PROCSYS_VALUE_MAX]);
int procsys_write(const char *root, const char *name, const char *value);

/* The value as a number, or a negative errno. */
int procsys_number(const char *root, const char *name);

#endif
