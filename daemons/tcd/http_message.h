/* SPDX-License-Identifier: GPL-2.0-or-later */
/* As much of HTTP/1.1 (RFC 9112) as a check needs: one GET, and the reading of its answer. Pure. */
#ifndef TCD_HTTP_MESSAGE_H
#define TCD_HTTP_MESSAGE_H

#include "tcd_config.h"

#define HTTP_ANSWER_MAX ((size_t)256 * 1024) /* bytes that a check reads at most */
#define HTTP_REQUEST_MAX 2048

/* Writes the request of a check. keep_alive: the server shall leave the connection open. Returns its length. */
size_t http_request(const struct check_config *check, bool keep_alive, char out[HTTP_REQUEST_MAX]);

struct http_answer {
    int status;         /* 100 to 999 */
    size_t body_offset; /* where the body begins */
    bool chunked;
    bool has_length;
    size_t length; /* Content-Length */
};

/* Reads the head. Returns 0; -EAGAIN when the head is not complete yet; -EBADMSG when this is no HTTP. */
int http_read_head(const char *data, size_t size, struct http_answer *out);

/* Whether the answer is complete as it stands; one without length is complete when the connection is closed. */
bool http_is_complete(const struct http_answer *answer, const char *data, size_t size);

/* Takes the body out into a new zero-ended string, chunks put together. Cut short where the data is malformed.
 * Returns NULL without memory. */
char *http_body(const struct http_answer *answer, const char *data, size_t size);

/* Whether status and body of the whole answer are what the check wants. reason gets a text for people. */
bool http_judge(const struct check_config *check, const char *data, size_t size, char *reason, size_t reason_size);

/* The same for an answer that was taken apart already. */
bool http_judge_parts(const struct check_config *check, long status, const char *body, char *reason,
                      size_t reason_size);

#endif
