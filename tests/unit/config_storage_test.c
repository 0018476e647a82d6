/* SPDX-License-Identifier: GPL-2.0-or-later */
/* has.conf: the section "storage", and what is rendered from it. */
#include "config_test.h"

#include "render.h"
#include "storage.h"

#define FENCED                                                                                                         \
    "cluster { name = \"web\" }\n"                                                                                     \
    "network \"lan1\" { ipv4 = \"10.1.0.0/24\" ipv6 = \"fd00:1::/64\" interface = \"eth0\" }\n"                        \
    "network \"lan2\" { ipv4 = \"10.2.0.0/24\" interface = \"eth1\" }\n" SMALL_MASTERS SMALL_TRAFFIC SMALL_CVIP        \
        SMALL_SERVICE "fencing \"m1\" { agent = \"fence_x\" }\nfencing \"m2\" { agent = \"fence_x\" }\n"               \
    "fencing \"t1\" { agent = \"fence_x\" }\nfencing \"t2\" { agent = \"fence_x\" }\n"
#define DRBD(more) FENCED "storage \"content\" { kind = drbd device = \"/dev/vdb\" secret = \"a b\" " more " }\n"
#define SHARED(more) FENCED "storage \"content\" { kind = shared device = \"/dev/sdb\" " more " }\n"
/* The clients' network has IPv6 alone, the private one IPv4. */
#define MOUNTED_V6                                                                                                     \
    "cluster { name = \"web\" fencing = off }\n"                                                                       \
    "network \"lan1\" { ipv6 = \"fd00:1::/64\" interface = \"eth0\" }\n"                                               \
    "network \"lan2\" { ipv4 = \"10.2.0.0/24\" interface = \"eth1\" }\n"                                               \
    "master \"m1\" { addresses = { \"10.2.0.1\", \"fd00:1::1\" } }\n"                                                  \
    "master \"m2\" { addresses = { \"10.2.0.2\", \"fd00:1::2\" } }\n"                                                  \
    "traffic \"t1\" { addresses = { \"10.2.0.11\", \"fd00:1::11\" } }\n"                                               \
    "cvip \"main\" { addresses = { \"fd00:1::100\" } }\n" SMALL_SERVICE                                                \
    "storage \"content\" { kind = drbd device = \"/dev/vdb\" secret = \"a\" mount = \"/mnt\" }\n"
#define COPIES(more) FENCED "storage \"content\" { kind = copies source = \"/srv/publish\" " more " }\n"

static void print_publish_m1(const struct model *model, FILE *out)
{
    render_publish(model, model_node(model, "m1"), out);
}

static void print_publish_m2(const struct model *model, FILE *out)
{
    render_publish(model, model_node(model, "m2"), out);
}

static void print_source(const struct model *model, FILE *out)
{
    char source[STORAGE_SOURCE_MAX];

    fputs(storage_source(model, source), out);
}

/* `has` is in what is printed; a text that begins with '!' is not. */
static void assert_rendered(const char *conf, void (*print)(const struct model *model, FILE *out), const char *has)
{
    struct config_test *test = config_test_load(conf);
    char *text;
    size_t length;
    FILE *out = open_memstream(&text, &length);

    if (test->result != 0)
        problems_print(&test->problems, stderr);
    assert_int_equal(test->result, 0);
    assert_non_null(out);
    print(&test->model, out);
    assert_int_equal(fclose(out), 0);
    if (has[0] == '!' ? strstr(text, has + 1) != NULL : strstr(text, has) == NULL)
        fail_msg("\"%s\":\n%s", has, text);
    free(text);
    config_test_free(test);
}

static void assert_wrong(const char *conf, const char *says)
{
    struct config_test *test = config_test_load(conf);

    assert_int_not_equal(test->result, 0);
    assert_true(config_test_says(test, says));
    config_test_free(test);
}

static void test_defaults(void **state)
{
    struct config_test *test = config_test_load(DRBD(""));
    const struct storage *storage = &test->model.storage;

    (void)state;
    assert_int_equal(test->result, 0);
    assert_int_equal(storage->server_count, 2);
    assert_string_equal(storage->servers[1]->name, "m2");
    assert_int_equal(storage->client_count, 2); /* both families of the first network */
    assert_int_equal(storage->versions, NFS_V3 | NFS_V4_1 | NFS_V4_2);
    assert_string_equal(storage_network(&test->model)->name, "lan2");
    assert_false(storage_is_mounted(&test->model));
    assert_true(storage_is_server(&test->model, storage->servers[0]));
    config_test_free(test);
    test = config_test_load(SMALL);
    assert_int_equal(test->result, 0);
    assert_int_equal(test->model.storage_count, 0);
    config_test_free(test);
}

static void test_drbd(void **state)
{
    (void)state;
    assert_rendered(DRBD(""), render_drbd, "    device /dev/drbd0 minor 0;\n    disk /dev/vdb;\n");
    assert_rendered(DRBD(""), render_drbd, "        shared-secret \"a b\";\n");
    assert_rendered(DRBD(""), render_drbd, "        fencing resource-and-stonith;\n    }\n    handlers {\n");
    assert_rendered(DRBD(""), render_drbd, "after-resync-target \"/usr/lib/drbd/crm-unfence-peer.sh\"");
    assert_rendered(DRBD(""), render_drbd, "    on m2 {\n        address 10.2.0.2:7788;\n    }\n");
    assert_rendered(DRBD(""), render_drbd, "!node-id");
    assert_rendered(DRBD("drbd = 9 minor = 3 port = 7790 network = lan1"), render_drbd,
                    "    on m2 {\n        node-id 1;\n        address 10.1.0.2:7790;\n    }\n");
    assert_rendered(DRBD("drbd = 9"), render_drbd, "unfence-peer \"/usr/lib/drbd/crm-unfence-peer.9.sh\"");
    assert_rendered(SMALL "storage \"content\" { kind = drbd device = \"/dev/vdb\" }", render_drbd,
                    "        fencing dont-care;\n    }\n    on m1 {\n");
}

static void test_nfs_conf(void **state)
{
    (void)state;
    assert_rendered(DRBD(""), render_nfs_conf,
                    "threads=16\nlease-time=10\ntcp=y\nudp=n\nvers3=y\nvers4=y\nvers4.0=n\n");
    assert_rendered(DRBD(""), render_nfs_conf, "!grace-time"); /* rpc.nfsd would give it to lockd, too */
    assert_rendered(DRBD(""), render_nfs_conf, "[nfsdcld]\nstoragedir=/srv/content/.nfs-ha/nfsdcld\n");
    assert_rendered(DRBD("versions = { \"4\" } threads = 4"), render_nfs_conf, "vers3=n\nvers4=y\nvers4.0=y\n");
    assert_rendered(DRBD("versions = { \"3\" }"), render_nfs_conf,
                    "vers3=y\nvers4=n\nvers4.0=n\nvers4.1=n\nvers4.2=n\n");
    assert_rendered(COPIES(""), render_nfs_conf, "!storagedir");
}

static void test_nfshad(void **state)
{
    (void)state;
    assert_rendered(DRBD(""), render_nfshad,
                    "user has\nErrorLog syslog\nprobe 100 timeout=500 fall=2 rise=3\nreturn no\n");
    assert_rendered(DRBD("probe = 20 timeout = 100 fall = 1 rise = 5 return = 60"), render_nfshad,
                    "probe 20 timeout=100 fall=1 rise=5\nreturn 60\n");
}

static void test_publish(void **state)
{
    (void)state;
    assert_rendered(COPIES(""), print_publish_m1,
                    "name m1\nmode image\ndirectory /srv/content\nsource /srv/publish\n"
                    "peer m2 10.2.0.2\n");
    assert_rendered(COPIES(""), print_publish_m2, "!source");
    assert_rendered(COPIES("publisher = m2"), print_publish_m2, "source /srv/publish\npeer m1 10.2.0.1\n");
}

static void test_source(void **state)
{
    (void)state;
    assert_rendered(DRBD(""), print_source, "10.1.0.1,10.1.0.2:/srv/content");
    assert_rendered(DRBD("servers = { m2, m1 } directory = \"/srv/x\""), print_source, "10.1.0.2,10.1.0.1:/srv/x");
    assert_rendered(MOUNTED_V6, print_source, "[fd00:1::1],[fd00:1::2]:/srv/content");
}

static void test_steps(void **state)
{
    (void)state;
    assert_rendered(DRBD(""), render_storage_steps, "    drbdadm create-md content        # /dev/vdb: ");
    assert_rendered(DRBD("versions = { \"4.2\" }"), render_storage_steps, "!rpcbind");
    assert_rendered(SHARED("filesystem = xfs"), render_storage_steps, "    mkfs.xfs /dev/sdb\n");
    assert_rendered(COPIES(""), render_storage_steps, "On m1, put the content into /srv/publish.");
}

static void test_wrong_kinds(void **state)
{
    (void)state;
    assert_wrong(FENCED "storage \"content\" { device = \"/dev/vdb\" }\n", "say which kind: drbd, shared or copies");
    assert_wrong(FENCED "storage \"content\" { kind = tape device = \"/dev/vdb\" }\n",
                 "storage: kind = \"tape\": one of");
    assert_wrong(FENCED "storage \"content\" { kind = drbd }\n", "say which device: the disk below DRBD");
    assert_wrong(FENCED "storage \"content\" { kind = copies }\n", "say which directory is published");
    assert_wrong(SHARED("secret = \"x\""), "secret means nothing with kind = shared");
    assert_wrong(COPIES("device = \"/dev/vdb\""), "device means nothing with kind = copies");
    assert_wrong(DRBD("source = \"/srv\""), "source means nothing with kind = drbd");
    assert_wrong(COPIES("publisher = t1"), "\"t1\" is none of its servers");
    assert_wrong(SMALL "storage \"content\" { kind = shared device = \"/dev/sdb\" }\n", "kind = shared needs fencing");
    assert_wrong(DRBD("") "storage \"more\" { kind = drbd device = \"/dev/vdc\" }\n", "there may be one storage only");
}

static void test_wrong_servers(void **state)
{
    (void)state;
    assert_wrong(DRBD("servers = { m1, m3 }"), "there is no node \"m3\"");
    assert_wrong(DRBD("servers = { m1, t1 }"), "\"t1\" is a traffic node");
    assert_wrong(DRBD("servers = { m1, m1 }"), "server \"m1\" is named twice");
    assert_wrong(DRBD("servers = { m1 }"), "kind = drbd needs two servers, and there are 1");
    assert_wrong(SHARED("servers = { m1 }"), "one server is not highly available");
    assert_wrong(DRBD("network = lan3"), "there is no network \"lan3\"");
}

static void test_wrong_exports(void **state)
{
    (void)state;
    assert_wrong(DRBD("export = \"rw,async\""), "async loses writes");
    assert_wrong(DRBD("export = \"rw,fsid=3\""), "the fsid is an option of its own");
    assert_wrong(DRBD("export = \"rw, sync\""), "with commas between");
    assert_wrong(COPIES("export = \"rw\""), "copies are only read");
    assert_wrong(DRBD("clients = { \"10.1.0.1\" }"), "\"10.1.0.1\" is not a network such as");
    assert_wrong(DRBD("versions = { \"5\" }"), "\"5\" is no version of NFS");
    assert_wrong(DRBD("lease = 9"), "a number from 10 to 3600 s");
    assert_wrong(DRBD("lease = 30 grace = 20"), "grace (20 s) must not be shorter than lease (30 s)");
    assert_wrong(DRBD("directory = \"/srv/content/\""), "without '/' at its end");
    assert_wrong(DRBD("mount = \"mnt\""), "a full path is wanted");
    assert_wrong(DRBD("mount = \"/mnt/a b\""), "a path without blanks");
    assert_wrong(DRBD("mount_options = \"replication=shared\""), "replication follows from the kind");
}

static void test_warnings(void **state)
{
    struct config_test *test = config_test_load(DRBD("mount_options = \"vers=4.2,soft\""));

    (void)state;
    assert_int_equal(test->result, 0);
    assert_true(config_test_says(test, "with soft, applications get errors"));
    config_test_free(test);
    test = config_test_load(SMALL "storage \"content\" { kind = drbd device = \"/dev/vdb\" }\n");
    assert_int_equal(test->result, 0);
    assert_true(config_test_says(test, "kind = drbd without fencing"));
    assert_true(config_test_says(test, "no secret"));
    config_test_free(test);
    test = config_test_load(MOUNTED_V6);
    assert_int_equal(test->result, 0);
    assert_true(config_test_says(test, "only with the kernel series"));
    config_test_free(test);
    test = config_test_load(DRBD("mount = \"/mnt\""));
    assert_false(config_test_says(test, "only with the kernel series"));
    config_test_free(test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),      cmocka_unit_test(test_drbd),        cmocka_unit_test(test_nfs_conf),
        cmocka_unit_test(test_nfshad),        cmocka_unit_test(test_publish),     cmocka_unit_test(test_source),
        cmocka_unit_test(test_steps),         cmocka_unit_test(test_wrong_kinds), cmocka_unit_test(test_wrong_servers),
        cmocka_unit_test(test_wrong_exports), cmocka_unit_test(test_warnings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
