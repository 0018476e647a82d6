/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "http_message.h"

#include <errno.h>

static struct check_config check_with(const char *match)
{
    struct check_config check = {.kind = CHECK_KIND_HTTP, .path = "/", .port = 80};
    addr_parse("127.0.0.1", &check.address);
    check.statuses[0] = (struct status_range){200, 299};
    check.statuses[1] = (struct status_range){401, 401};
    check.status_count = 2;
    if (match) {
        assert_int_equal(regcomp(&check.match, match, REG_EXTENDED | REG_NOSUB), 0);
        check.has_match = true;
    }
    return check;
}

static bool judge(const char *match, const char *text)
{
    struct check_config check = check_with(match);
    char reason[160];
    bool good = http_judge(&check, text, strlen(text), reason, sizeof(reason));
    if (check.has_match)
        regfree(&check.match);
    assert_true(reason[0] != '\0');
    return good;
}

static void requests(void **state)
{
    struct check_config check = check_with(NULL);
    char text[HTTP_REQUEST_MAX];
    (void)state;
    size_t length = http_request(&check, false, text);
    assert_int_equal(length, strlen(text));
    assert_non_null(strstr(text, "GET / HTTP/1.1\r\nHost: 127.0.0.1:80\r\n"));
    assert_non_null(strstr(text, "Connection: close\r\n\r\n"));
    http_request(&check, true, text);
    assert_non_null(strstr(text, "Connection: keep-alive\r\n\r\n"));
    addr_parse("::1", &check.address);
    http_request(&check, false, text);
    assert_non_null(strstr(text, "Host: [::1]:80\r\n"));
    strcpy(check.host, "www.example.org");
    http_request(&check, false, text);
    assert_non_null(strstr(text, "Host: www.example.org\r\n"));
}

static void the_longest_request_fits(void **state)
{
    struct check_config check = check_with(NULL);
    char text[HTTP_REQUEST_MAX];
    (void)state;
    memset(check.path, 'a', sizeof(check.path) - 1);
    memset(check.host, 'b', sizeof(check.host) - 1);
    size_t length = http_request(&check, false, text);
    assert_memory_equal(text + length - 4, "\r\n\r\n", 4);
}

static void statuses(void **state)
{
    (void)state;
    assert_true(judge(NULL, "HTTP/1.1 200 OK\r\n\r\n"));
    assert_true(judge(NULL, "HTTP/1.0 204 No Content\r\n\r\n"));
    assert_true(judge(NULL, "HTTP/1.1 401 Unauthorized\r\n\r\n"));
    assert_true(judge(NULL, "HTTP/1.1 200\r\n\r\n"));
    assert_false(judge(NULL, "HTTP/1.1 500 Oh\r\n\r\n"));
    assert_false(judge(NULL, "HTTP/1.1 099 Oh\r\n\r\n"));
    assert_false(judge(NULL, "HTTP/1.1 2x0 Oh\r\n\r\n"));
    assert_false(judge(NULL, "HTTP/2 200 OK\r\n\r\n"));
    assert_false(judge(NULL, "SSH-2.0-OpenSSH\r\n"));
    assert_false(judge(NULL, "HTTP/1.1 200 OK\r\n")); /* cut off */
    assert_false(judge(NULL, ""));
}

static void bodies(void **state)
{
    (void)state;
    assert_true(judge("^all (is )?well$", "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nall well"));
    assert_false(judge("^all (is )?well$", "HTTP/1.1 200 OK\r\n\r\nall ill"));
    assert_false(judge("well", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nall well")); /* beyond its length */
    assert_false(judge("well", "HTTP/1.1 200 OK\r\nX: well\r\n\r\n"));                   /* only in the head */
    assert_true(judge("well", "HTTP/1.1 200 OK\n\nwell"));
}

static void chunks_are_put_together(void **state)
{
    (void)state;
    assert_true(judge("^all well$", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                    "3\r\nall\r\n5;x=y\r\n well\r\n0\r\n\r\n"));
    assert_true(judge("^all$", "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n"
                               "3\r\nall\r\nffffffffffffffffffff\r\nmore\r\n"));
    assert_false(judge("all", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nall\r\n"));
}

static void completeness(void **state)
{
    static const struct {
        const char *text;
        bool complete;
    } table[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nwell", true},
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwell", false},
        {"HTTP/1.1 200 OK\r\n\r\nwell", false},
        {"HTTP/1.1 204 OK\r\n\r\n", true},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nwell\r\n0\r\n\r\n", true},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nwell\r\n0\r\n", false},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nwe", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct http_answer answer;
        size_t size = strlen(table[i].text);
        assert_int_equal(http_read_head(table[i].text, size, &answer), 0);
        assert_int_equal(http_is_complete(&answer, table[i].text, size), table[i].complete);
    }
}

/* Any beginning of a good answer is "not yet", never "bad": answers come in pieces. */
static void pieces(void **state)
{
    static const char text[] = "HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 4\r\n\r\nwell";
    struct http_answer answer;
    (void)state;
    size_t head = (size_t)(strstr(text, "\r\n\r\n") - text) + 4;
    for (size_t size = 0; size < sizeof(text); size++) {
        char *copy = malloc(size + 1);
        memcpy(copy, text, size);
        assert_int_equal(http_read_head(copy, size, &answer), size < head ? -EAGAIN : 0);
        free(copy);
    }
}

static void random_answers_are_survived(void **state)
{
    static const char letters[] = "HTTP/1. 20\r\n:Content-Length: chunked5;\r\n";
    uint64_t seed = 99;
    (void)state;
    for (int i = 0; i < 50000; i++) {
        char text[80] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        size_t size = sizeof(text) - 1;
        for (size_t j = i % 3 == 0 ? 0 : i % 3 == 1 ? 17 : 47; j < size; j++) {
            seed = seed * 6364136223846793005U + 1442695040888963407U;
            text[j] = letters[(seed >> 33) % (sizeof(letters) - 1)];
        }
        (void)judge("x", text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests), cmocka_unit_test(the_longest_request_fits),    cmocka_unit_test(statuses),
        cmocka_unit_test(bodies),   cmocka_unit_test(chunks_are_put_together),     cmocka_unit_test(completeness),
        cmocka_unit_test(pieces),   cmocka_unit_test(random_answers_are_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
