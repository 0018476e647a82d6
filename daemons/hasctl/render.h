/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the model to the files of daemons, Corosync and Pacemaker. These functions only print: nothing is opened,
 * changed or asked. */
#ifndef HAS_RENDER_H
#define HAS_RENDER_H

#include "model.h"

#include <stdio.h>

/* Every rendered file begins with this and a line end. */
#define RENDER_NOTICE "# Rendered by hasctl from has.conf: do not edit, change has.conf and render again."

/* tcd.conf of a traffic node. */
void render_tcd(const struct model *model, const struct node *node, FILE *out);

/* tmd.conf, the same on every master: tmd knows its own addresses. */
void render_tmd(const struct model *model, FILE *out);

/* cvipd.conf of a master. */
void render_cvipd(const struct model *model, const struct node *node, FILE *out);

/* erd.conf of a node: its pairs of ports, and for each pair the targets other than the node itself. */
void render_erd(const struct model *model, const struct node *node, FILE *out);

/* corosync.conf, the same on every member. */
void render_corosync(const struct model *model, FILE *out);

/* The DRBD resource of the storage, the same on both servers. It has a secret. */
void render_drbd(const struct model *model, FILE *out);

/* The NFS server's part of nfs.conf(5), the same on all servers. */
void render_nfs_conf(const struct model *model, FILE *out);

/* publish.conf of a server, with kind = copies. */
void render_publish(const struct model *model, const struct node *node, FILE *out);

/* nfshad.conf of a traffic node. */
void render_nfshad(const struct model *model, FILE *out);

/* What an administrator has to do once, as text. */
void render_storage_steps(const struct model *model, FILE *out);

/* The master nodes with all their addresses, "masterN ADDRESS…" a line. */
void render_masters(const struct model *model, FILE *out);

/* The settings of a daemon's file, "keyword value" a line. */
void render_settings(const struct model *model, enum setting_file file, FILE *out);

/* One word of a daemon's file, in quotes where lib/conf needs them. */
void render_word(const char *word, FILE *out);

#endif
