/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What people see of NFS: nfshad's answers, and what a server shows. */
#include "unit.h"

#include "file.h"
#include "nfs_report.h"
#include "nfs_server.h"

#include <limits.h>
#include <sys/stat.h>

#define NOW 1795278600

static void report_server_now(const json_t *server, FILE *out)
{
    nfs_report_server(server, NOW, out);
}

/* Shows an answer; the caller frees the text. */
static char *shown(const json_t *answer, void (*report)(const json_t *answer, FILE *out))
{
    char *text;
    size_t length;
    FILE *out = open_memstream(&text, &length);

    assert_non_null(answer);
    assert_non_null(out);
    report(answer, out);
    assert_int_equal(fclose(out), 0);
    return text;
}

static const char client[] =
    "{\"ok\":true,\"series\":false,\"groups\":[{\"servers\":["
    "{\"name\":\"s1\",\"address\":\"10.1.0.1\",\"health\":\"down\",\"identity\":\"unknown\",\"why\":\"no answer\","
    "\"answers\":100,\"misses\":7,\"since_ms\":700},"
    "{\"name\":\"s2\",\"address\":\"10.1.0.2\",\"health\":\"up\",\"identity\":\"same\",\"why\":\"\",\"answers\":99,"
    "\"misses\":0,\"since_ms\":60000}],\"current\":\"s2\",\"state\":\"steady\",\"reason\":\"\",\"replication\":"
    "\"standby\","
    "\"own_copies\":false,\"moves\":1,\"moved_ms_ago\":500,\"last_gap_ms\":142,\"transports\":2,\"mounts\":["
    "{\"directory\":\"/mnt\",\"source\":\"s1,s2:/srv\",\"version\":\"4.2\",\"readonly\":false,\"foreign\":false},"
    "{\"directory\":\"/old\",\"source\":\"s1:/srv\",\"version\":\"3\",\"readonly\":true,\"foreign\":true}]}]}";

static void test_client(void **state)
{
    json_t *answer = json_loads(client, 0, NULL);
    char *text = shown(answer, nfs_report_client);

    (void)state;
    assert_string_equal(text, "s2 is in use\n"
                              "  SERVER  ADDRESS   STATE  FOR     DATA     ANSWERS  MISSES\n"
                              "  s1      10.1.0.1  down   700 ms  unknown      100       7\n"
                              "  s2 *    10.1.0.2  up     1 min   same          99       0\n"
                              "  s1: no answer\n"
                              "  s1,s2:/srv on /mnt, NFSv4.2, read and write\n"
                              "  s1:/srv on /old, NFSv3, read-only; not made by mount.nfsha, moves along\n"
                              "  moves: 1, the last 500 ms ago, 142 ms after the last answer; transports: 2; "
                              "replication: standby\n");
    assert_true(nfs_report_is_well(answer, stderr));
    free(text);
    json_decref(answer);
}

static void test_a_client_in_trouble(void **state)
{
    static const char *const states[][2] = {
        {"waiting", "WAITING: s2 is down, and no other server can take over: why\n"},
        {"refused", "REFUSED: s2 is down, and a move would not be safe: why\n"},
        {"moving", "moving, from s2: why\n"}};
    json_t *answer = json_loads(client, 0, NULL);
    json_t *group = json_array_get(json_object_get(answer, "groups"), 0);

    (void)state;
    json_object_set_new(group, "reason", json_string("why"));
    for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++) {
        char *text;
        size_t length;
        FILE *out = open_memstream(&text, &length);

        assert_non_null(out);
        json_object_set_new(group, "state", json_string(states[i][0]));
        assert_false(nfs_report_is_well(answer, out));
        assert_int_equal(fclose(out), 0);
        assert_string_equal(text, states[i][1]);
        free(text);
    }
    json_decref(answer);
}

static void test_no_mounts(void **state)
{
    json_t *answer = json_loads("{\"ok\":true,\"groups\":[]}", 0, NULL);
    char *text = shown(answer, nfs_report_client);

    (void)state;
    assert_string_equal(text, "no mounts of type nfsha\n");
    free(text);
    json_decref(answer);
}

/* A server's files in a directory of the test's. */
struct server {
    char directory[64];
    char paths[5][PATH_MAX];
    struct nfs_server_paths where;
};

static void put(const char *path, const char *text)
{
    assert_int_equal(file_write(path, text, strlen(text), 0644, 0), 0);
}

static struct server *server_new(void)
{
    static const char *const names[] = {"nfsd", "etab", "drbd", "none*", "status.json"};
    struct server *server = calloc(1, sizeof(*server));

    assert_non_null(server);
    snprintf(server->directory, sizeof(server->directory), "nfs_report_test.XXXXXX");
    assert_non_null(mkdtemp(server->directory));
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        snprintf(server->paths[i], PATH_MAX, "%s/%s", server->directory, names[i]);
    server->where = (struct nfs_server_paths){server->paths[0], server->paths[1], server->paths[2], server->paths[3],
                                              server->paths[4]};
    return server;
}

static void server_free(struct server *server)
{
    char command[128];

    snprintf(command, sizeof(command), "rm -rf %s", server->directory);
    assert_int_equal(system(command), 0);
    free(server);
}

static void assert_server(const struct server *server, const char *expected)
{
    json_t *answer = nfs_server_read(&server->where);
    char *text = shown(answer, report_server_now);

    assert_string_equal(text, expected);
    free(text);
    json_decref(answer);
}

#define DRBD_HEAD "version: 8.4.11 (api:1/proto:86-101)\nsrcversion: A\n\n"

static void test_a_serving_server(void **state)
{
    struct server *server = server_new();
    char path[PATH_MAX];

    (void)state;
    assert_null(nfs_server_read(&server->where)); /* nothing of it is there */
    assert_int_equal(mkdir(server->paths[0], 0755), 0);
    snprintf(path, sizeof(path), "%s/nfsd/threads", server->directory);
    put(path, "16\n");
    snprintf(path, sizeof(path), "%s/nfsd/v4_end_grace", server->directory);
    put(path, "N\n");
    snprintf(path, sizeof(path), "%s/nfsd/clients", server->directory);
    assert_int_equal(mkdir(path, 0755), 0);
    snprintf(path, sizeof(path), "%s/nfsd/clients/5", server->directory);
    assert_int_equal(mkdir(path, 0755), 0);
    put(server->paths[1],
        "/srv/content\t10.1.0.0/24(rw,sync,fsid=1)\n/srv/content\tfd00:1::/64(rw,fsid=1)\nnonsense\n");
    put(server->paths[2], DRBD_HEAD " 0: cs:Connected ro:Primary/Secondary ds:UpToDate/UpToDate C r-----\n"
                                    "    ns:0 nr:0 dw:0 dr:0 al:8 bm:0 lo:0 pe:0 ua:0 ap:0 ep:1 wo:f oos:0\n");
    assert_server(server, "NFS server: 16 threads, 1 clients of NFSv4; in its grace period\n"
                          "  exported   /srv/content to 10.1.0.0/24, fd00:1::/64\n"
                          "  DRBD 0     Connected; here Primary, UpToDate; there Secondary, UpToDate\n");
    server_free(server);
}

static void test_drbd_in_trouble(void **state)
{
    struct server *server = server_new();

    (void)state;
    put(server->paths[2],
        DRBD_HEAD " 0: cs:StandAlone ro:Secondary/Unknown ds:UpToDate/DUnknown   r-----\n"
                  "    ns:0 nr:0 dw:0 dr:0 al:8 bm:0 lo:0 pe:0 ua:0 ap:0 ep:1 wo:f oos:4096\n"
                  " 1: cs:SyncTarget ro:Secondary/Primary ds:Inconsistent/UpToDate C r-----\n"
                  "    ns:0 nr:49152 dw:49152 dr:0 al:0 bm:0 lo:0 pe:0 ua:0 ap:0 ep:1 wo:f oos:344064\n"
                  "\t[=>..................] sync'ed: 12.8% (336/384)M\n\tfinish: 0:00:07 speed: 49,152 (49,152) K/sec\n"
                  " 2: cs:WFConnection ro:Primary/Unknown ds:UpToDate/Outdated C r-----\n"
                  " 3: cs:Connected ro:Primary/Secondary ds:Diskless/UpToDate C r-----\n"
                  " 4: cs:Unconfigured\n");
    assert_server(server,
                  "NFS server: standing by\n"
                  "  exported   nothing\n"
                  "  DRBD 0     StandAlone; here Secondary, UpToDate; there Unknown, DUnknown\n"
                  "             4096 KB differ\n"
                  "             NOT REPLICATED, and it does not try again: split brain? docs/nfs.md says what to "
                  "do\n"
                  "  DRBD 1     SyncTarget; here Secondary, Inconsistent; there Primary, UpToDate\n"
                  "             344064 KB differ, 12.8 % done\n"
                  "  DRBD 2     WFConnection; here Primary, UpToDate; there Unknown, Outdated\n"
                  "             NOT REPLICATED: the other server is not connected\n"
                  "  DRBD 3     Connected; here Primary, Diskless; there Secondary, UpToDate\n"
                  "             THIS SERVER'S DISK has failed\n");
    server_free(server);
}

static void test_publishing(void **state)
{
    struct server *server = server_new();

    (void)state;
    put(server->paths[4],
        "{\"ok\":true,\"written\":1795278595,\"server\":\"m1\",\"mode\":\"image\",\"role\":\"publisher\","
        "\"directory\":\"/srv/content\",\"serving\":false,\"version\":{\"sequence\":12,\"publisher\":\"m1\"},"
        "\"pending\":{\"files\":3,\"since\":1795278599},\"peers\":[{\"name\":\"m2\",\"address\":\"10.2.0.2\","
        "\"state\":\"behind\",\"sequence\":11,\"lag_s\":8,\"differences\":1},{\"name\":\"m3\",\"address\":\"10.2.0.3\","
        "\"state\":\"unreachable\",\"sequence\":null,\"lag_s\":null,\"differences\":null}],\"conflicts\":[{\"server\":"
        "\"m2\",\"kind\":\"changed\",\"text\":\"it was written to\",\"resolve\":\"has-nfs-publish resolve --take "
        "m1\"}],"
        "\"error\":\"no space\"}");
    assert_server(server, "NFS server: standing by\n"
                          "  exported   nothing\n"
                          "  published  publisher of /srv/content, version 12 by m1, NOT MOUNTED; told 5 s ago\n"
                          "             changed since: 3 files\n"
                          "  PEER  ADDRESS   STATE        VERSION  LAG  DIFFERENCES\n"
                          "  m2    10.2.0.2  behind            11  8 s            1\n"
                          "  m3    10.2.0.3  unreachable        0    -            0\n"
                          "  CONFLICT with m2 (changed): it was written to; to end it: "
                          "has-nfs-publish resolve --take m1\n"
                          "  publishing failed: no space\n");
    put(server->paths[4], "{\"ok\":");
    assert_null(nfs_server_read(&server->where)); /* half a file is none */
    server_free(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_client),          cmocka_unit_test(test_a_client_in_trouble),
        cmocka_unit_test(test_no_mounts),       cmocka_unit_test(test_a_serving_server),
        cmocka_unit_test(test_drbd_in_trouble), cmocka_unit_test(test_publishing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
