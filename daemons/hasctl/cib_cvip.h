/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the names of the cluster virtual IP in the templates of cib/ stand for, by IPaddr2 or by cvipd. Each function
 * prints the value of its name; cib_values.c has the table. */
#ifndef HAS_CIB_CVIP_H
#define HAS_CIB_CVIP_H

#include "cib_values.h"

/* The group of one CVIP, "cvip-NAME". */
void cib_put_cvip(const struct cib_cursor *cursor, FILE *out);

/* The group's members. */
void cib_put_cvip_members(const struct cib_cursor *cursor, FILE *out);

/* "cvip-NAME-N". */
void cib_put_cvip_address_id(const struct cib_cursor *cursor, FILE *out);

/* The address. */
void cib_put_cvip_address(const struct cib_cursor *cursor, FILE *out);

/* Its prefix length. */
void cib_put_cvip_address_length(const struct cib_cursor *cursor, FILE *out);

/* More of IPaddr2's parameters, each with a blank before. */
void cib_put_cvip_address_parameters(const struct cib_cursor *cursor, FILE *out);

/* The path of cvipd's file. */
void cib_put_cvipd_conf(const struct cib_cursor *cursor, FILE *out);

/* How long its stop may take, s. */
void cib_put_cvipd_stop(const struct cib_cursor *cursor, FILE *out);

/* The path of the alert agent. */
void cib_put_fenced_alert(const struct cib_cursor *cursor, FILE *out);

#endif
