/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "http_message.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

size_t http_request(const struct check_config *check, bool keep_alive, char out[HTTP_REQUEST_MAX])
{
    char address[ADDR_TEXT_MAX];
    char host[sizeof(check->host) + ADDR_TEXT_MAX];
    addr_format(&check->address, address);
    if (check->host[0])
        snprintf(host, sizeof(host), "%s", check->host);
    else if (check->address.family == AF_INET6)
        snprintf(host, sizeof(host), "[%s]:%u", address, check->port);
    else
        snprintf(host, sizeof(host), "%s:%u", address, check->port);
    int length = snprintf(out, HTTP_REQUEST_MAX,
                          "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: has-tcd\r\nAccept: */*\r\nConnection: %s\r\n\r\n",
                          check->path, host, keep_alive ? "keep-alive" : "close");
    return length < HTTP_REQUEST_MAX ? (size_t)length : HTTP_REQUEST_MAX - 1;
}

static bool read_status_line(const char *data, size_t size, int *status)
{
    static const char shape[] = "HTTP/1.d ddd"; /* d: a digit */
    if (size < sizeof(shape) - 1)
        return false;
    for (size_t i = 0; i < sizeof(shape) - 1; i++)
        if (shape[i] == 'd' ? !isdigit((unsigned char)data[i]) : data[i] != shape[i])
            return false;
    *status = (data[9] - '0') * 100 + (data[10] - '0') * 10 + (data[11] - '0');
    return *status >= 100;
}

/* The value of a header when the line has that name, else NULL. */
static const char *header_value(const char *line, size_t size, const char *name, size_t *value_size)
{
    size_t length = strlen(name);
    if (size <= length || strncasecmp(line, name, length) != 0 || line[length] != ':')
        return NULL;
    line += length + 1;
    size -= length + 1;
    while (size > 0 && (*line == ' ' || *line == '\t')) {
        line++;
        size--;
    }
    *value_size = size;
    return line;
}

static size_t read_size(const char *text, size_t size, unsigned base, size_t *used)
{
    size_t value = 0;
    size_t i;
    for (i = 0; i < size; i++) {
        int c = tolower((unsigned char)text[i]);
        unsigned digit = isdigit(c) ? (unsigned)(c - '0') : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 16;
        if (digit >= base)
            break;
        value = value > HTTP_ANSWER_MAX ? value : value * base + digit; /* more is never read, so it may stop there */
    }
    *used = i;
    return value;
}

static void read_header(const char *line, size_t size, struct http_answer *out)
{
    size_t value_size;
    size_t used;
    const char *value = header_value(line, size, "Content-Length", &value_size);
    if (value) {
        out->length = read_size(value, value_size, 10, &used);
        out->has_length = used > 0;
    }
    value = header_value(line, size, "Transfer-Encoding", &value_size);
    if (value && value_size >= 7 && strncasecmp(value, "chunked", 7) == 0)
        out->chunked = true;
}

/* Whether the bytes so far may be the beginning of an answer. */
static bool may_begin(const char *data, size_t size)
{
    static const char start[] = "HTTP/1.";
    return strncmp(data, start, size < sizeof(start) - 1 ? size : sizeof(start) - 1) == 0;
}

int http_read_head(const char *data, size_t size, struct http_answer *out)
{
    *out = (struct http_answer){0};
    if (!may_begin(data, size))
        return -EBADMSG;
    size_t offset = 0;
    for (bool first = true;; first = false) {
        const char *line = data + offset;
        const char *end = memchr(line, '\n', size - offset);
        if (!end)
            return size < HTTP_ANSWER_MAX ? -EAGAIN : -EBADMSG;
        size_t length = (size_t)(end - line);
        offset += length + 1;
        if (length > 0 && line[length - 1] == '\r')
            length--;
        if (first && !read_status_line(line, length, &out->status))
            return -EBADMSG;
        if (length == 0)
            break;
        read_header(line, length, out);
    }
    out->body_offset = offset;
    return 0;
}

/* Moves over one chunk; *body and *length say where its data is. Returns false when it is not there as a whole. */
static bool next_chunk(const char *data, size_t size, size_t *offset, const char **body, size_t *length)
{
    size_t used;
    const char *end = memchr(data + *offset, '\n', size - *offset);
    if (!end)
        return false;
    *length = read_size(data + *offset, (size_t)(end - data) - *offset, 16, &used);
    size_t start = (size_t)(end - data) + 1;
    if (used == 0 || *length > size - start)
        return false;
    *body = data + start;
    start += *length;
    const char *line_end = memchr(data + start, '\n', size - start);
    if (!line_end)
        return false;
    *offset = (size_t)(line_end - data) + 1;
    return true;
}

bool http_is_complete(const struct http_answer *answer, const char *data, size_t size)
{
    if (answer->status == 204 || answer->status == 304)
        return true;
    if (!answer->chunked)
        return answer->has_length && size - answer->body_offset >= answer->length;
    size_t offset = answer->body_offset;
    size_t length = 1;
    const char *body;
    while (length > 0)
        if (!next_chunk(data, size, &offset, &body, &length))
            return false;
    return true;
}

char *http_body(const struct http_answer *answer, const char *data, size_t size)
{
    char *out = malloc(size - answer->body_offset + 1);
    if (!out)
        return NULL;
    size_t used = 0;
    if (answer->chunked) {
        size_t offset = answer->body_offset;
        size_t length;
        const char *body;
        while (next_chunk(data, size, &offset, &body, &length) && length > 0) {
            memcpy(out + used, body, length);
            used += length;
        }
    } else {
        used = size - answer->body_offset;
        if (answer->has_length && used > answer->length)
            used = answer->length;
        memcpy(out, data + answer->body_offset, used);
    }
    out[used] = '\0';
    return out;
}

static bool status_is_wanted(const struct check_config *check, long status)
{
    for (size_t i = 0; i < check->status_count; i++)
        if (status >= check->statuses[i].low && status <= check->statuses[i].high)
            return true;
    return false;
}

bool http_judge_parts(const struct check_config *check, long status, const char *body, char *reason, size_t reason_size)
{
    snprintf(reason, reason_size, "status %ld", status);
    if (!status_is_wanted(check, status)) {
        snprintf(reason, reason_size, "status %ld is not the wanted one", status);
        return false;
    }
    if (check->has_match && regexec(&check->match, body, 0, NULL, 0) != 0) {
        snprintf(reason, reason_size, "status %ld, but the body does not match", status);
        return false;
    }
    return true;
}

bool http_judge(const struct check_config *check, const char *data, size_t size, char *reason, size_t reason_size)
{
    struct http_answer answer;
    if (http_read_head(data, size, &answer) != 0) {
        snprintf(reason, reason_size, size ? "the answer is no HTTP" : "closed without an answer");
        return false;
    }
    char *body = http_body(&answer, data, size);
    bool good = http_judge_parts(check, answer.status, body ? body : "", reason, reason_size);
    free(body);
    return good;
}
