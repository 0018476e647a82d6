/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What many traffic nodes cost a traffic manager. Starts a tmd (the fake one writes to a kernel's table in memory; give
 * the real one with -x where IPVS is), plays its traffic clients over real UDP on loopback, each of which signs and
 * sends its own reports, and prints the manager's share of a processor and how long reports waited for their weight. */
#include "clock.h"
#include "ctl.h"
#include "wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#define NODES_MAX 4000
#define BATCH 64
#define WARM_UP_MS 3000

struct client {
    uint64_t session; /* random, but the low 16 bits are the client's number */
    uint64_t sequence;
    uint8_t cookie[WIRE_COOKIE_BYTES];
    struct addr address;
};

struct load {
    unsigned nodes;
    unsigned updates_ms;
    unsigned seconds;
    bool acknowledge; /* ask for an answer to each report, and not only for a cookie */
    const char *program;
    uint16_t port;
    char directory[64];
    char control[64];
    struct key key;
    int fd;
    pid_t manager;
    uint64_t sent;
    uint64_t acknowledged;
    struct client clients[NODES_MAX];
};

static struct load load = {.nodes = 1000, .updates_ms = 100, .seconds = 10, .port = 5577};

static void fail(const char *what)
{
    fprintf(stderr, "tmd_load: %s: %s\n", what, strerror(errno));
    if (load.manager > 0)
        kill(load.manager, SIGKILL);
    exit(EX_OSERR);
}

static FILE *create(const char *name, mode_t mode)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", load.directory, name);
    FILE *file = fopen(path, "w");
    if (file == NULL || chmod(path, mode) != 0)
        fail(path);
    return file;
}

static void write_files(void)
{
    strcpy(load.directory, "/tmp/tmd_load.XXXXXX");
    if (mkdtemp(load.directory) == NULL)
        fail("mkdtemp");
    FILE *keys = create("keys", 0600);
    fprintf(keys, "1 ");
    for (size_t i = 0; i < KEY_BYTES; i++)
        fprintf(keys, "%02x", load.key.bytes[i]);
    fprintf(keys, "\n");
    fclose(keys);
    FILE *conf = create("tmd.conf", 0644);
    fprintf(conf, "port %u\nErrorLog %s/log\nkeys %s/keys\nstate %s/overrides\nmetrics %s/prom\n", load.port,
            load.directory, load.directory, load.directory, load.directory);
    fprintf(conf, "timeout 400\nuser root\nsysctls no\nservice web tcp 127.100.0.1 80\n");
    for (unsigned i = 0; i < load.nodes; i++) {
        char text[ADDR_TEXT_MAX];
        fprintf(conf, "traffic%u %s\n", i + 1, addr_format(&load.clients[i].address, text));
    }
    fclose(conf);
}

static void make_clients(void)
{
    for (unsigned i = 0; i < load.nodes; i++) {
        struct client *client = &load.clients[i];
        randombytes_buf(&client->session, sizeof client->session);
        client->session = (client->session & ~UINT64_C(0xffff)) | i;
        client->session |= UINT64_C(1) << 63; /* never 0 */
        client->address.family = AF_INET;
        client->address.v4.s_addr = htonl(0x7f010000u + i + 1); /* 127.1.x.y: hellos do not leave this machine */
    }
}

static json_t *ask(const char *command)
{
    json_t *request = json_pack("{s:s}", "command", command);
    json_t *answer = NULL;
    int rc = ctl_request(load.control, request, 2000, &answer);
    json_decref(request);
    return rc == 0 ? answer : NULL;
}

static void start_manager(void)
{
    char configuration[128];
    char pidfile[128];
    snprintf(configuration, sizeof configuration, "%s/tmd.conf", load.directory);
    snprintf(pidfile, sizeof pidfile, "%s/pid", load.directory);
    snprintf(load.control, sizeof load.control, "has-tmd-load-%ld", (long)getpid());
    const char *program = load.program != NULL ? load.program : "tmd";
    load.manager = fork();
    if (load.manager < 0)
        fail("fork");
    if (load.manager == 0) {
        execl(program, program, "-f", configuration, "-p", pidfile, "-i", load.control, (char *)NULL);
        _exit(EX_UNAVAILABLE);
    }
    for (uint64_t end = clock_ms() + 10000; clock_ms() < end;) {
        json_t *answer = ask("ping");
        if (answer != NULL) {
            json_decref(answer);
            return;
        }
        if (waitpid(load.manager, NULL, WNOHANG) == load.manager)
            break;
        usleep(20000);
    }
    errno = ETIMEDOUT;
    fail("the manager does not come up; see its log");
}

static void open_socket(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(load.port)};
    int size = 8 * 1024 * 1024;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    load.fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    if (load.fd < 0 || connect(load.fd, (struct sockaddr *)&to, sizeof to) != 0)
        fail("socket");
    if (setsockopt(load.fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0)
        (void)setsockopt(load.fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
}

/* Every node has its own capacity, a load that comes and goes, and noise. */
static uint32_t index_of(unsigned i, uint64_t now_ms)
{
    double capacity = 3000.0 + 3.0 * (i % 700);
    double wave = 1.0 + 0.4 * sin((double)now_ms / 7000.0 + i);
    double noise = 0.9 + 0.2 * (double)randombytes_uniform(1000) / 1000.0;
    return (uint32_t)(capacity * wave * noise);
}

static void report(unsigned i, uint64_t now_ms)
{
    struct client *client = &load.clients[i];
    struct wire_message message = {.type = WIRE_REPORT};
    struct wire_report *r = &message.report;
    uint8_t data[WIRE_DATAGRAM_MAX];
    r->flags = load.acknowledge ? WIRE_WANT_ACK : 0;
    r->session = client->session;
    r->sequence = ++client->sequence;
    memcpy(r->cookie, client->cookie, WIRE_COOKIE_BYTES);
    r->address = client->address;
    r->index = index_of(i, now_ms);
    r->pressure = (uint16_t)(r->index % 1001);
    r->connections = i;
    snprintf(r->name, sizeof r->name, "t%u", i + 1);
    r->service_count = 1;
    strcpy(r->services[0].name, "web");
    r->services[0].up = true;
    int length = wire_encode(&message, &load.key, data);
    if (length > 0 && send(load.fd, data, (size_t)length, 0) == length)
        load.sent++;
}

static void take_acknowledgements(void)
{
    struct keyring ring = {.count = 1, .keys = {load.key}};
    uint8_t data[WIRE_DATAGRAM_MAX];
    ssize_t length;
    while ((length = recv(load.fd, data, sizeof data, MSG_DONTWAIT)) > 0) {
        struct wire_message message;
        if (wire_decode(data, (size_t)length, &ring, &message) != WIRE_OK || message.type != WIRE_ACKNOWLEDGEMENT)
            continue;
        unsigned i = (unsigned)(message.acknowledgement.session & 0xffff);
        if (i >= load.nodes)
            continue;
        memcpy(load.clients[i].cookie, message.acknowledgement.cookie, WIRE_COOKIE_BYTES);
        load.acknowledged++;
    }
}

/* The nodes' reports are spread evenly over the interval. */
static void send_for(uint64_t duration_ms)
{
    uint64_t start_us = clock_us();
    uint64_t gap_ns = (uint64_t)load.updates_ms * 1000000 / load.nodes;
    uint64_t sent = 0;
    for (uint64_t now_us = start_us; now_us < start_us + duration_ms * 1000; now_us = clock_us()) {
        while (sent * gap_ns / 1000 <= now_us - start_us)
            report((unsigned)(sent++ % load.nodes), now_us / 1000);
        take_acknowledgements();
        nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
    }
}

/* User and system time of the manager, in seconds: the 14th and 15th word of its stat. */
static double manager_time(void)
{
    char path[64];
    char line[1024] = "";
    snprintf(path, sizeof path, "/proc/%ld/stat", (long)load.manager);
    FILE *file = fopen(path, "r");
    if (file == NULL || fgets(line, sizeof line, file) == NULL)
        fail(path);
    fclose(file);
    char *word = strrchr(line, ')');
    for (int i = 2; i < 14 && word != NULL; i++)
        word = strchr(word + 1, ' ');
    if (word == NULL)
        fail(path);
    unsigned long long user = strtoull(word, &word, 10);
    unsigned long long system = strtoull(word, NULL, 10);
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

static json_int_t at(json_t *json, const char *group, const char *name)
{
    return json_integer_value(json_object_get(json_object_get(json, group), name));
}

static void print_result(double cpu, uint64_t reports)
{
    json_t *status = ask("status");
    if (status == NULL)
        fail("the manager does not answer");
    printf("%u nodes, a report each %u ms, %u s%s, writer: %s\n", load.nodes, load.updates_ms, load.seconds,
           load.acknowledge ? ", each acknowledged" : "", load.program);
    printf("  reports          %" PRIu64 " per second, %lld accepted in all\n", reports / load.seconds,
           (long long)at(status, "reports", "accepted"));
    printf("  active nodes     %lld\n", (long long)at(status, "nodes", "active"));
    printf("  weights written  %lld, errors %lld\n", (long long)at(status, "kernel", "writes"),
           (long long)at(status, "kernel", "errors"));
    printf("  CPU              %.1f %% of one core          (asked for: below 10)\n", cpu);
    printf("  report to weight p50 %.2f ms, p99 %.2f ms, max %.2f ms   (asked for: p99 at most 5)\n",
           (double)at(status, "latency_us", "p50") / 1000, (double)at(status, "latency_us", "p99") / 1000,
           (double)at(status, "latency_us", "max") / 1000);
    json_decref(status);
}

static void clean_up(void)
{
    static const char *const names[] = {"keys", "tmd.conf", "log", "overrides", "prom", "pid"};
    char path[128];
    kill(load.manager, SIGTERM);
    waitpid(load.manager, NULL, 0);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", load.directory, names[i]);
        unlink(path);
    }
    rmdir(load.directory);
}

static int parse(int argc, char **argv)
{
    int option;
    while ((option = getopt(argc, argv, "an:p:t:u:x:")) != -1) {
        unsigned value = optarg != NULL ? (unsigned)strtoul(optarg, NULL, 10) : 0;
        if (option == 'a')
            load.acknowledge = true;
        else if (option == 'n' && value >= 1 && value <= NODES_MAX)
            load.nodes = value;
        else if (option == 'p')
            load.port = (uint16_t)value;
        else if (option == 't' && value >= 1)
            load.seconds = value;
        else if (option == 'u' && value >= 20)
            load.updates_ms = value;
        else if (option == 'x')
            load.program = optarg;
        else
            return -1;
    }
    return optind == argc && load.program != NULL ? 0 : -1;
}

int main(int argc, char **argv)
{
    if (parse(argc, argv) != 0) {
        fputs("usage: tmd_load -x TMD [-a] [-n NODES] [-u UPDATES_MS] [-t SECONDS] [-p PORT]\n"
              "  -x TMD  tests/bench/tmd_fake, or the real tmd where the kernel has IPVS\n"
              "  -a      ask for an acknowledgement of every report\n",
              stderr);
        return EX_USAGE;
    }
    if (sodium_init() < 0)
        return EX_OSERR;
    load.key.id = 1;
    randombytes_buf(load.key.bytes, sizeof load.key.bytes);
    make_clients();
    write_files();
    start_manager();
    open_socket();
    send_for(WARM_UP_MS);
    uint64_t sent = load.sent;
    double before = manager_time();
    uint64_t start_us = clock_us();
    send_for((uint64_t)load.seconds * 1000);
    double cpu = 100.0 * (manager_time() - before) / ((double)(clock_us() - start_us) / 1e6);
    print_result(cpu, load.sent - sent);
    clean_up();
    return EX_OK;
}
