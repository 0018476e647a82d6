/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Node attributes of Pacemaker, by its own program: hasctl is no daemon, and the libraries of Pacemaker are no
 * dependency of HAS. */
#ifndef HAS_ATTRIBUTE_H
#define HAS_ATTRIBUTE_H

/* Asks Pacemaker which nodes have what as that attribute: runs attrd_updater, for timeout_ms at most. *text is what it
 * prints, to be freed, only with 0.
 * Errors: -ENOENT it is not installed; -ETIMEDOUT; -EIO it failed: Pacemaker does not run, or nobody has the attribute.
 */
int attribute_ask(const char *name, int timeout_ms, char **text);

#endif
