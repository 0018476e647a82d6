/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's transports, played by files. */
#include "transport.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char root[] = "/tmp/nfshad_transport_XXXXXX";

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void make(const char *name, const char *file, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", root, name);
    (void)mkdir(path, 0755);
    if (file == NULL)
        return;
    snprintf(path, sizeof path, "%s/%s/%s", root, name, file);
    write_text(path, text);
}

static void read_back(const char *name, char *out, size_t size)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", root, name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    if (fgets(out, (int)size, file) == NULL)
        out[0] = '\0';
    fclose(file);
}

static int set_up(void **state)
{
    (void)state;
    if (mkdtemp(root) == NULL)
        return -1;
    make("switch-1", NULL, NULL);
    make("switch-1/xprt-1-tcp", "dstaddr", "10.1.0.1\n");
    make("switch-1/xprt-1-tcp", "xprt_info",
         "last_used=1\nmain_xprt=1\nsrc_port=700\ntasks_queuelen=0\ndst_port=2049\n");
    make("switch-2", NULL, NULL);
    make("switch-2/xprt-2-tcp", "dstaddr", "fd00::1\n");
    make("switch-2/xprt-2-tcp", "xprt_info", "<closed>\n");
    make("switch-2/xprt-2-tcp", "failover", "");
    make("switch-3", NULL, NULL);
    make("switch-3/xprt-3-local", "dstaddr", "/run/rpcbind.sock\n");
    make("switch-3/xprt-4-udp", "dstaddr", "10.1.0.1\n");
    make("other", NULL, NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    char command[64];
    snprintf(command, sizeof command, "rm -r %s", root);
    return system(command);
}

static const struct transport *find(const struct transport_list *list, const char *end)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->transports[i].path + strlen(root), end) == 0)
            return &list->transports[i];
    fail_msg("no transport %s", end);
    return NULL;
}

static void tcp_transports_are_read(void **state)
{
    (void)state;
    struct transport_list list;
    char text[ADDR_TEXT_MAX];
    assert_int_equal(transport_read(root, &list), 0);
    assert_int_equal(list.count, 2);
    const struct transport *first = find(&list, "/switch-1/xprt-1-tcp");
    assert_string_equal(addr_format(&first->server, text), "10.1.0.1");
    assert_int_equal(first->port, 2049);
    assert_int_equal(first->own_port, 700);
    assert_false(first->series);
    const struct transport *second = find(&list, "/switch-2/xprt-2-tcp");
    assert_string_equal(addr_format(&second->server, text), "fd00::1");
    assert_int_equal(second->port, 0);
    assert_true(second->series);
}

static void an_old_kernel_has_none(void **state)
{
    (void)state;
    struct transport_list list;
    assert_int_equal(transport_read("/nonexistent/xprt-switches", &list), -ENOENT);
}

static void a_move_is_a_write(void **state)
{
    (void)state;
    struct transport_list list;
    struct addr to;
    char text[64];
    assert_int_equal(transport_read(root, &list), 0);
    assert_int_equal(addr_parse("10.1.0.2", &to), 0);
    assert_int_equal(transport_move(find(&list, "/switch-1/xprt-1-tcp"), &to), 0);
    read_back("switch-1/xprt-1-tcp/dstaddr", text, sizeof text);
    assert_string_equal(text, "10.1.0.2\n");
}

/* dstaddr of mainline would leave the transport without an address */
static void ipv6_needs_the_series(void **state)
{
    (void)state;
    struct transport_list list;
    struct addr to;
    char text[64];
    assert_int_equal(transport_read(root, &list), 0);
    assert_int_equal(addr_parse("fd00::2", &to), 0);
    assert_int_equal(transport_move(find(&list, "/switch-1/xprt-1-tcp"), &to), -EAFNOSUPPORT);
    assert_int_equal(transport_move(find(&list, "/switch-2/xprt-2-tcp"), &to), 0);
    read_back("switch-2/xprt-2-tcp/failover", text, sizeof text);
    assert_string_equal(text, "fd00::2\n");
    read_back("switch-2/xprt-2-tcp/dstaddr", text, sizeof text);
    assert_string_equal(text, "fd00::1\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(tcp_transports_are_read),
                                       cmocka_unit_test(an_old_kernel_has_none),
                                       cmocka_unit_test(ipv6_needs_the_series), cmocka_unit_test(a_move_is_a_write)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
