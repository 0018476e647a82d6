/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options of -o, and the command line. */
#include "unit.h"

#include "arguments.h"
#include "wrapper.h"

#include <errno.h>

static void parses(const char *text, struct mount_options *out)
{
    struct conf_error error = {""};
    if (mount_options_parse(text, out, &error) != 0)
        fail_msg("\"%s\": %s", text, error.text);
}

static void passes(const char *text, const char *passed)
{
    struct mount_options options;
    parses(text, &options);
    assert_string_equal(options.passed, passed);
}

static void refuses(const char *text, const char *why)
{
    struct mount_options options;
    struct conf_error error = {""};
    assert_int_equal(mount_options_parse(text, &options, &error), -EINVAL);
    if (strstr(error.text, why) == NULL)
        fail_msg("\"%s\": \"%s\" lacks \"%s\"", text, error.text, why);
}

static void ours_are_taken(void **state)
{
    struct mount_options options;
    (void)state;

    parses("", &options);
    assert_int_equal(options.replication, REPLICATION_STANDBY);
    assert_int_equal(options.mismatch, MISMATCH_REFUSE);
    assert_int_equal(options.failover, MOUNT_FAILOVER_AUTO);
    assert_true(options.compare);
    assert_false(options.readonly);
    parses("rw,replication=copies,mismatch=remount,compare=no,failover=kernel", &options);
    assert_int_equal(options.replication, REPLICATION_COPIES);
    assert_int_equal(options.mismatch, MISMATCH_REMOUNT);
    assert_int_equal(options.failover, MOUNT_FAILOVER_KERNEL);
    assert_false(options.compare);
    assert_true(options.readonly); /* the rw is mount(8)'s */
    assert_string_equal(options.passed, "ro");
    refuses("replication=two", "standby, copies, shared");
    refuses("replication", "standby, copies, shared");
    refuses("mismatch=", "refuse, remount");
    refuses("failover=daemons", "auto, daemon, kernel, none");
    refuses("compare=maybe", "yes, no");
    refuses("replication=copies,rw", "option rw");
    refuses(",rw,replication=copies", "option rw");
}

static void the_others_are_passed(void **state)
{
    (void)state;
    passes("", "rw");
    passes("hard,vers=4.2,timeo=600", "hard,vers=4.2,timeo=600,rw");
    passes("rw,hard,ro", "hard,ro");
    passes("_netdev,x-systemd.automount,x-systemd.requires=a,X-mount.mkdir,nofail,noauto,auto,defaults,comment=a",
           "rw");
    passes("context=\"system_u:object_r:a:s0:c1,c2\",noatime", "context=\"system_u:object_r:a:s0:c1,c2\",noatime,rw");
    passes(",,user,,proto=tcp6,port=2049,", "user,proto=tcp6,port=2049,rw");
}

static void what_cannot_work_is_refused(void **state)
{
    (void)state;
    refuses("proto=udp", "TCP");
    refuses("udp", "TCP");
    refuses("proto=rdma", "TCP");
    refuses("port=20049", "2049");
    refuses("replicas=10.0.0.1", "failover=kernel");
    refuses("mountaddr=10.0.0.1", "one server");
    refuses("bg", "fstab");
    refuses("context=\"a,b", "double quotes");
    refuses("sec=krb5p", "compare=no");
    passes("sec=krb5,compare=no", "sec=krb5,rw");
    passes("sec=sys", "sec=sys,rw");
}

static void versions_are_noted(void **state)
{
    static const struct {
        const char *text;
        unsigned version;
    } cases[] = {{"", 0},         {"vers=3", 3}, {"nfsvers=3", 3}, {"v3", 3},          {"vers=4", 4},
                 {"vers=4.2", 4}, {"v4.1", 4},   {"v4", 4},        {"nfsvers=4.0", 4}, {"vers=3,vers=4", 4}};
    struct mount_options options;
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        parses(cases[i].text, &options);
        assert_int_equal(options.version, cases[i].version);
    }
}

static void long_options_are_refused(void **state)
{
    char text[2 * MOUNT_OPTIONS_MAX];
    struct mount_options options;
    struct conf_error error;
    (void)state;

    memset(text, 'a', sizeof(text));
    text[MOUNT_OPTIONS_MAX] = '\0';
    refuses(text, "too long");
    text[MOUNT_OPTIONS_MAX - 4] = '\0'; /* and ",rw" */
    parses(text, &options);
    assert_int_equal(strlen(options.passed), MOUNT_OPTIONS_MAX - 1);
    assert_int_equal(mount_options_add(&options, "retry", "0", &error), -E2BIG);
    assert_int_equal(strlen(options.passed), MOUNT_OPTIONS_MAX - 1);
}

static void names_are_found(void **state)
{
    struct mount_options options;
    struct conf_error error;
    (void)state;
    parses("hard,retry=2", &options);
    assert_true(mount_options_has(&options, "retry"));
    assert_true(mount_options_has(&options, "hard"));
    assert_false(mount_options_has(&options, "har"));
    assert_int_equal(mount_options_add(&options, "replicas", "10.0.0.1+10.0.0.2", &error), 0);
    assert_string_equal(options.passed, "hard,retry=2,rw,replicas=10.0.0.1+10.0.0.2");
}

static int parse_words(struct mount_arguments *out, int count, const char *const *words)
{
    char *argv[16];
    for (int i = 0; i < count; i++)
        argv[i] = strdup(words[i]);
    argv[count] = NULL;
    int status = mount_arguments_parse(count, argv, out);
    if (status < 0) {
        assert_string_equal(out->source, "a,b:/x");
        assert_string_equal(out->directory, "/mnt");
        out->source = out->directory = NULL;
    }
    for (int i = 0; i < count; i++)
        free(argv[i]);
    return status;
}

#define WORDS(...)                                                                                                     \
    (int)(sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *)), (const char *[])                                    \
    {                                                                                                                  \
        __VA_ARGS__                                                                                                    \
    }

static void command_lines_are_parsed(void **state)
{
    struct mount_arguments arguments;
    (void)state;

    assert_int_equal(parse_words(&arguments, WORDS("mount.nfsha", "a,b:/x", "/mnt", "-v", "-n", "-s", "-f", "-o",
                                                   "rw,hard", "-r", "-o", "noatime")),
                     -1);
    assert_true(arguments.verbose && arguments.no_mtab && arguments.sloppy && arguments.fake);
    assert_string_equal(arguments.options, "rw,hard,ro,noatime");
    assert_int_equal(parse_words(&arguments, WORDS("mount.nfsha", "a,b:/x", "/mnt", "-w")), -1);
    assert_string_equal(arguments.options, ",rw"); /* written by hand */
    assert_int_equal(parse_words(&arguments, WORDS("mount.nfsha", "a,b:/x")), MOUNT_USAGE);
    assert_int_equal(parse_words(&arguments, WORDS("mount.nfsha", "a,", "b:/x", "/mnt")), MOUNT_USAGE);
    assert_int_equal(parse_words(&arguments, WORDS("mount.nfsha", "-q", "a,b:/x", "/mnt")), MOUNT_USAGE);
    assert_int_equal(parse_words(&arguments, WORDS("mount.nfsha", "-V")), MOUNT_OK);
}

static bool has_list(int count, const char *const *words)
{
    char *argv[16];
    for (int i = 0; i < count; i++)
        argv[i] = strdup(words[i]);
    bool result = wrapper_has_list(count, argv);
    for (int i = 0; i < count; i++)
        free(argv[i]);
    return result;
}

static void the_wrapper_knows_its_names(void **state)
{
    struct mount_arguments arguments = {.options = "rw"};
    (void)state;

    assert_false(wrapper_role("/sbin/mount.nfsha").wraps);
    assert_true(wrapper_role("/sbin/mount.nfs").wraps);
    assert_true(wrapper_role("umount.nfs4").wraps);
    assert_true(has_list(WORDS("mount.nfs", "a,b:/x", "/mnt", "-o", "rw")));
    assert_true(has_list(WORDS("mount.nfs", "-o", "rw", "-v", "a,b:/x", "/mnt")));
    assert_false(has_list(WORDS("mount.nfs", "-o", "rw,hard", "a:/x", "/mnt")));
    assert_false(has_list(WORDS("umount.nfs", "a,b:/x")));
    struct wrapper wrapper = wrapper_role("mount.nfs4");
    assert_true(wrapper_version(&wrapper, &arguments));
    assert_string_equal(arguments.options, "rw,vers=4");
    assert_true(wrapper_version(&wrapper, &arguments));
    assert_string_equal(arguments.options, "rw,vers=4");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(command_lines_are_parsed), cmocka_unit_test(long_options_are_refused),
        cmocka_unit_test(names_are_found),          cmocka_unit_test(ours_are_taken),
        cmocka_unit_test(the_others_are_passed),    cmocka_unit_test(the_wrapper_knows_its_names),
        cmocka_unit_test(versions_are_noted),       cmocka_unit_test(what_cannot_work_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
