/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "cvipd_config.h"
#include "ownership.h"

#include <config.h>
#include <errno.h>

#define HEAD "name m1\ninterface eth0\naddress 10.1.0.100\n"
#define MAC "mac shared 02:48:41:53:00:64\n"
#define MEMBERS "member 1 m1 10.1.0.1 10.2.0.1\nmember 2 m2 10.1.0.2 10.2.0.2 weight=3\n"

static struct cvipd_config *load(const char *text)
{
    struct cvipd_config *config = NULL;
    struct conf_error error = {""};
    if (cvipd_config_load_text("cvipd.conf", text, strlen(text), &config, &error) != 0)
        fail_msg("refused: %s", error.text);
    return config;
}

/* The text must be refused with a message that has all the words. */
static void refused(const char *text, const char *const words[])
{
    struct cvipd_config *config = NULL;
    struct conf_error error = {""};
    assert_int_equal(cvipd_config_load_text("cvipd.conf", text, strlen(text), &config, &error), -EINVAL);
    assert_null(config);
    for (; *words; words++)
        if (!strstr(error.text, *words))
            fail_msg("\"%s\" does not say \"%s\"", error.text, *words);
}

#define REFUSED_WHOLE(text, ...) refused(text, (const char *const[]){__VA_ARGS__, NULL})
#define REFUSED(text, ...) REFUSED_WHOLE(HEAD MAC MEMBERS text "\n", __VA_ARGS__)

static void defaults(void **state)
{
    struct cvipd_config *config = load(HEAD MAC MEMBERS);
    (void)state;
    assert_int_equal(config->active, 1);
    assert_int_equal(config->hash, ENGINE_HASH_ADDRESS);
    assert_int_equal(config->behind, ENGINE_DISPATCHER);
    assert_int_equal(config->port, 5501);
    assert_int_equal(config->heartbeat_ms, 30);
    assert_int_equal(config->dead, 3);
    assert_int_equal(config->rejoin_ms, 2000);
    assert_int_equal(config->own_s, 30);
    assert_int_equal(config->traffic_port, 5500);
    assert_true(config->corosync);
    assert_false(config->sync);
    assert_false(config->threshold.set);
    assert_string_equal(config->twin, "");
    assert_string_equal(config->sync_twin, "");
    assert_string_equal(config->manager, "has-tmd");
    assert_string_equal(config->error_log, "syslog");
    assert_string_equal(config->user, HAS_USER);
    assert_string_equal(config->keys, HAS_CONFDIR "/keys");
    assert_string_equal(config->metrics, "");
    cvipd_config_free(config);
}

static void every_keyword(void **state)
{
    struct cvipd_config *config =
        load(MEMBERS "member 3 m3 10.1.0.3 10.2.0.3\nname M2\nuser has\nErrorLog /var/log/has/cvipd.log\nkeys "
                     "/etc/k\nmetrics /run/m.prom\n"
                     "manager none\ninterface eth7 twin=eth8\naddress 10.1.0.100\naddress fd00:1::100\nmode 2\n"
                     "mac shared 03:48:41:53:00:64\nhash address+port\nseed 4294967295\nbehind sockets\nport 6000\n"
                     "heartbeat 50\ndead 4\nrejoin 0\nown 0\ncorosync no\nsync eth1 id=7 twin=eth2\ntraffic_port 6001\n"
                     "threshold up=80 down=30 seconds=5\n");
    (void)state;
    assert_int_equal(config->self, 1);
    assert_string_equal(config->interface, "eth7");
    assert_string_equal(config->twin, "eth8");
    assert_string_equal(config->sync_twin, "eth2");
    assert_false(cvipd_config_syncs_by_service(config));
    assert_int_equal(config->address_count, 2);
    assert_int_equal(config->addresses[1].family, AF_INET6);
    assert_int_equal(config->active, 2);
    assert_int_equal(config->mac_kind, ENGINE_MAC_SHARED);
    assert_int_equal(config->shared_mac[0], 3);
    assert_int_equal(config->shared_mac[5], 0x64);
    assert_int_equal(config->hash, ENGINE_HASH_ADDRESS_PORT);
    assert_int_equal(config->seed, UINT32_MAX);
    assert_int_equal(config->behind, ENGINE_SOCKETS);
    assert_int_equal(config->own_s, 0);
    assert_false(config->corosync);
    assert_true(config->sync);
    assert_string_equal(config->sync_interface, "eth1");
    assert_int_equal(config->sync_id, 7);
    assert_int_equal(config->threshold.up, 80);
    assert_int_equal(config->threshold.down, 30);
    assert_int_equal(config->threshold.seconds, 5);
    assert_string_equal(config->manager, "");
    cvipd_config_free(config);
}

static void members(void **state)
{
    struct cvipd_config *config = load(HEAD MAC MEMBERS);
    (void)state;
    assert_int_equal(config->member_count, 2);
    assert_int_equal(config->members[0].weight, 1);
    assert_int_equal(config->members[1].weight, 3);
    assert_int_equal(config->members[1].address_count, 2);
    assert_ptr_equal(cvipd_config_member(config, 2), &config->members[1]);
    assert_null(cvipd_config_member(config, 3));
    assert_ptr_equal(cvipd_config_member_named(config, "M1"), &config->members[0]);
    assert_null(cvipd_config_member_named(config, "m"));
    cvipd_config_free(config);
}

static uint32_t digest_of(const char *text)
{
    struct cvipd_config *config = load(text);
    uint32_t digest = cvipd_config_digest(config);
    cvipd_config_free(config);
    return digest;
}

/* What must be the same on all members counts, and nothing else. */
static void digest(void **state)
{
    uint32_t digest = digest_of(HEAD MAC MEMBERS);
    (void)state;
    assert_int_equal(digest, digest_of("name m2\ninterface eth1\naddress 10.1.0.100\n" MAC MEMBERS "own 5\n"));
    assert_int_equal(digest, digest_of(HEAD MAC MEMBERS "interface eth0 twin=eth1\nsync eth2 twin=eth3\n"));
    assert_int_not_equal(digest, digest_of(HEAD MAC MEMBERS "address 10.1.0.101\n"));
    assert_int_not_equal(digest, digest_of(HEAD MAC MEMBERS "seed 1\n"));
    assert_int_not_equal(digest, digest_of(HEAD MAC MEMBERS "hash address+port\n"));
    assert_int_not_equal(digest, digest_of(HEAD MAC MEMBERS "behind sockets\n"));
    assert_int_not_equal(digest, digest_of(HEAD MEMBERS "mac own\n"));
    assert_int_not_equal(digest, digest_of(HEAD MEMBERS "mac shared 02:48:41:53:00:65\n"));
}

static void sync_by(const char *lines, const char *twin, bool by_service)
{
    char text[512];
    snprintf(text, sizeof text, HEAD MAC MEMBERS "%s", lines);
    struct cvipd_config *config = load(text);
    assert_string_equal(config->sync_twin, twin);
    assert_int_equal(cvipd_config_syncs_by_service(config), by_service);
    cvipd_config_free(config);
}

/* By whichever port of the service's pair the connections are synchronised, it is that pair. */
static void twins(void **state)
{
    (void)state;
    sync_by("interface eth0\nsync eth0\n", "", true);
    sync_by("interface eth0 twin=eth1\nsync eth0 id=2\n", "eth1", true);
    sync_by("sync eth1\ninterface eth0 twin=eth1\n", "eth0", true);
    sync_by("interface eth0 twin=eth1\nsync eth1 twin=eth0 id=2\n", "eth0", true);
    sync_by("interface eth0 twin=eth1\nsync eth2\n", "", false);
    sync_by("interface eth0\nsync eth2 twin=eth3\n", "eth3", false);
    sync_by("interface eth0 twin=eth1\nsync off\n", "", false);
    REFUSED("interface eth0 twin=eth0", "its own twin");
    REFUSED("interface eth0 eth1", "twin=INTERFACE");
    REFUSED("interface eth0 twin=", "1 to 15");
    REFUSED("interface eth0 twin=a-name-that-is-too-long", "1 to 15");
    REFUSED("sync eth2 twin=eth2", "its own twin");
    REFUSED("interface eth0 twin=eth1\nsync eth0 twin=eth2", "eth0 and eth1");
    REFUSED("interface eth0\nsync eth0 twin=eth2", "eth0 and none");
    REFUSED("interface eth0 twin=eth1\nsync eth2 twin=eth1", "cannot be the twin");
}

static void the_whole_must_fit(void **state)
{
    (void)state;
    REFUSED_WHOLE("name m1\naddress 10.1.0.1\n" MAC MEMBERS, "cvipd.conf", "interface");
    REFUSED_WHOLE("name m1\ninterface eth0\n" MAC MEMBERS, "address");
    REFUSED_WHOLE(HEAD MAC, "member ID NAME");
    REFUSED_WHOLE(HEAD MEMBERS, "no mac");
    REFUSED_WHOLE("name m3\ninterface eth0\naddress 10.1.0.100\n" MAC MEMBERS, "m3", "add it");
    REFUSED_WHOLE(HEAD MAC "member 1 m1 10.1.0.1\n" MEMBERS, "cvipd.conf:6", "there already");
    REFUSED_WHOLE(HEAD MAC "member 1 m1 10.1.0.1\nmember 2 m2 10.1.0.2 10.2.0.2\n", "m1 has 1", "m2 has 2");
    REFUSED_WHOLE(HEAD MAC "member 1 m1 10.1.0.1\nmember 2 m2 fd00::2\n", "family", "same LAN");
    REFUSED_WHOLE(HEAD MAC "mode 2\n" MEMBERS, "mode 2 leaves none of 2", "mode split");
    REFUSED_WHOLE(HEAD MAC "mode 3\n" MEMBERS, "mode 3 leaves none of 2");
    REFUSED_WHOLE(HEAD "mac own\nmode split\n" MEMBERS, "mac own", "standby");
    REFUSED_WHOLE(HEAD "mac own\nthreshold up=80 down=10\n" MEMBERS, "mac own", "threshold");
    REFUSED_WHOLE(HEAD "mac shared 00:48:41:53:00:64\n" MEMBERS, "locally administered");
}

static void wrong_lines(void **state)
{
    (void)state;
    REFUSED("speed 5", "cvipd.conf:7", "speed");
    REFUSED("mode both", "standby", "split");
    REFUSED("mode 17", "1 to 16");
    REFUSED("mac shared", "own", "shared");
    REFUSED("mac shared 02:48:41:53:00", "no MAC");
    REFUSED("mac shared 00:00:00:00:00:00", "no MAC");
    REFUSED("mac shared 02:48:41:53:00:6g", "no MAC");
    REFUSED("address 10.1.0.100", "there already");
    REFUSED("address www.example.org", "www.example.org");
    REFUSED("member 17 m3 10.1.0.3 10.2.0.3", "member 17: the member's id must be 1 to 16");
    REFUSED("member m3 10.1.0.3 10.2.0.3", "member m3: the member's id must be 1 to 16");
    REFUSED("member 3 M1 10.1.0.3 10.2.0.3", "there already");
    REFUSED("member 3 m3 weight=1", "no address");
    REFUSED("member 3 m3 10.1.0.3 10.2.0.3 weight=101", "weight", "100");
    REFUSED("member 3 m3 10.1.0.3 10.2.0.3 10.3.0.3 10.4.0.3 10.5.0.3", "more than 4");
    REFUSED("sync eth1 7", "id=NUMBER");
    REFUSED("sync eth1 id=256", "255");
    REFUSED("sync eth1 id=0", "1 to 255");
    REFUSED("threshold up=80", "down=");
    REFUSED("threshold up=30 down=80", "smaller");
    REFUSED("threshold above=30", "up=");
    REFUSED("heartbeat 5", "10");
    REFUSED("dead 1", "2");
    REFUSED("port 80", "1024");
    REFUSED("hash client", "address+port");
    REFUSED("keys keys", "full path");
    REFUSED("interface a-name-that-is-too-long", "longer");
}

static void the_example_is_good(void **state)
{
    struct cvipd_config *config = NULL;
    struct conf_error error = {""};
    (void)state;
    const char *source = getenv("srcdir");
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/docs/examples/cvipd.conf", source != NULL ? source : "..");
    if (cvipd_config_load(path, &config, &error) == -ENOENT)
        skip();
    if (config == NULL)
        fail_msg("%s", error.text);
    assert_int_equal(config->member_count, 2);
    cvipd_config_free(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults),
        cmocka_unit_test(every_keyword),
        cmocka_unit_test(members),
        cmocka_unit_test(digest),
        cmocka_unit_test(twins),
        cmocka_unit_test(wrong_lines),
        cmocka_unit_test(the_whole_must_fit),
        cmocka_unit_test(the_example_is_good),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
