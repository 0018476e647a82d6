/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the answers of a server mean, held against what another one showed. Pure. */
#ifndef NFSHA_EXPORT_VERDICT_H
#define NFSHA_EXPORT_VERDICT_H

#include "nfs.h"

/* What a server said: of the root's handle (get_attributes), and of each name of the reference (get_lookup in the
 * directory of the reference). */
struct export_answers {
    struct nfs_object root;
    struct nfs_object names[EXPORT_SAMPLE_MAX];
};

/* The entry that is the directory of the entry with that index: its index, or -1 for the root. */
int export_parent(const struct export_identity *reference, size_t index);

/* Judges; root.status is 0. why: what differs, for people, "" when nothing does. */
enum export_verdict export_judge(const struct export_identity *reference, const struct export_answers *answers,
                                 struct conf_error *why);

#endif
