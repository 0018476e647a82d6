/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One question to a daemon, and what to tell people when there is no answer. */
#ifndef HAS_ASK_H
#define HAS_ASK_H

#include "command.h"

#include <jansson.h>

#define ASK_TMD "has-tmd"
#define ASK_TCD "has-tcd"
#define ASK_CVIPD "has-cvipd"
#define ASK_ERD "has-erd"
#define ASK_NFSHAD "has-nfs"

/* Asks; takes the request over. Returns EX_OK with *answer set, which the caller frees, or another exit code after
 * a message on stderr: EX_UNAVAILABLE no such daemon, EX_TEMPFAIL it does not answer, EX_DATAERR it refused. */
int ask(const struct options *options, const char *daemon, json_t *request, json_t **answer);

/* {"command": NAME} */
json_t *ask_command(const char *name);

/* Whether the daemon answers a ping within the time. Says nothing. */
bool ask_is_alive(const char *daemon, int timeout_ms);

/* Members of an answer, with a fallback for what an older daemon does not send. */
const char *answer_text(const json_t *object, const char *member);
long long answer_number(const json_t *object, const char *member);

#endif
