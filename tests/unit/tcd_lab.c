/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tcd_lab.h"

#include "clock.h"
#include "unit.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define NOBODY 65534

const char *lab_path_in(const struct lab *lab, const char *name)
{
    static char path[2][PATH_MAX];
    static int turn;
    turn = !turn;
    snprintf(path[turn], sizeof(path[turn]), "%s/%s", lab->directory, name);
    return path[turn];
}

void lab_write_config(const struct lab *lab, const char *more)
{
    char text[2048];
    int length = snprintf(text, sizeof(text),
                          "master1 127.0.0.1\nmaster2 127.0.0.5\nport %u\nupdates 50\nErrorLog %s\nRAM 256\n"
                          "keys %s\nname t1\naddress " NODE "\nbind " NODE "\nretry 300\n"
                          "service web tcp 127.0.0.1 %u\nservice off tcp 127.0.0.1 1\n"
                          "check web http port=%u interval=200 service=web\n"
                          "check off tcp port=1 interval=200 service=off\n%s",
                          lab->peers[0].port, lab_path_in(lab, "log"), lab_path_in(lab, "keys"), lab->server.port,
                          lab->server.port, more);
    unit_put(lab_path_in(lab, "tcd.conf"), text, (size_t)length, 0644);
}

static void give_to_nobody(const char *path)
{
    if (geteuid() == 0)
        assert_int_equal(chown(path, NOBODY, NOBODY), 0);
}

static void write_keys(const struct lab *lab)
{
    char text[128] = "1 ";
    char *end = text + strlen(text);
    for (int i = 0; i < KEY_BYTES; i++)
        end += snprintf(end, 3, "ab");
    *end++ = '\n';
    unit_put(lab_path_in(lab, "keys"), text, (size_t)(end - text), 0600);
    give_to_nobody(lab_path_in(lab, "keys"));
}

/* The program is opened before the user is
 * changed, so that it may lie where others may not go. */
pid_t lab_run_tcd(const struct lab *lab, const char *option, const char *config)
{
    const char *name = getenv("TCD") ? getenv("TCD") : "./tcd";
    int program = open(name, O_PATH | O_CLOEXEC);
    assert_true(program >= 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid > 0) {
        close(program);
        return pid;
    }
    int errors = open(lab_path_in(lab, "stderr"), O_WRONLY | O_CREAT | O_APPEND, 0666);
    dup2(errors, STDERR_FILENO);
    if (geteuid() == 0 && (setgid(NOBODY) != 0 || setuid(NOBODY) != 0))
        _exit(126);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    char *arguments[] = {"tcd",
                         (char *)option,
                         "-d",
                         "-f",
                         strdup(lab_path_in(lab, config)),
                         "-p",
                         strdup(lab_path_in(lab, "tcd.pid")),
                         "-i",
                         (char *)lab->control,
                         NULL};
    fexecve(program, arguments, environ);
    _exit(127);
}

int lab_end_of(pid_t pid)
{
    int status = 0;
    uint64_t deadline_ms = clock_ms() + DEADLINE_MS;
    while (waitpid(pid, &status, WNOHANG) == 0) {
        assert_true(clock_ms() < deadline_ms);
        poll(NULL, 0, 2);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}

int lab_set_up(void **state)
{
    static struct lab lab;
    static int count;
    lab = (struct lab){.directory = "/tmp/has-tcd.XXXXXX"};
    assert_non_null(mkdtemp(lab.directory));
    assert_int_equal(chmod(lab.directory, 0777), 0);
    snprintf(lab.control, sizeof(lab.control), "has-tcd-%d-%d", (int)getpid(), count++);
    peer_open(&lab.peers[0], "127.0.0.1");
    lab.peers[1] = lab.peers[0]; /* the second master: another address, the same port */
    struct sockaddr_in second = {.sin_family = AF_INET, .sin_port = htons(lab.peers[0].port)};
    inet_pton(AF_INET, "127.0.0.5", &second.sin_addr);
    lab.peers[1].fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    lab.peers[1].cookie = 2;
    assert_int_equal(bind(lab.peers[1].fd, (struct sockaddr *)&second, sizeof(second)), 0);
    lab.server = server_start(GOOD, 0);
    struct server spare = server_start(NULL, 0);
    lab.agent_port = spare.port;
    server_kill(&spare);
    write_keys(&lab);
    lab_write_config(&lab, "");
    *state = &lab;
    return 0;
}

int lab_tear_down(void **state)
{
    struct lab *lab = *state;
    if (lab->tcd > 0) {
        kill(lab->tcd, SIGKILL);
        waitpid(lab->tcd, NULL, 0);
    }
    server_kill(&lab->server);
    peer_close(&lab->peers[0]);
    peer_close(&lab->peers[1]);
    return nftw(lab->directory, unit_remove, 16, FTW_DEPTH | FTW_PHYS);
}

bool is_up(const struct peer *peer)
{
    return peer->last.index > 0 && peer->accepted > 0 && peer->last.cookie[0] == peer->cookie;
}

bool is_down(const struct peer *peer)
{
    return peer->received > 0 && peer->last.index == 0;
}

bool is_draining(const struct peer *peer)
{
    return peer->last.flags & WIRE_DRAINING;
}

bool has_client(const struct peer *peer)
{
    return peer->last.connections == 1;
}

static void show_log(const struct lab *lab)
{
    char line[512];
    FILE *log = fopen(lab_path_in(lab, "log"), "r");
    while (log && fgets(line, sizeof(line), log))
        print_message("%s", line);
    if (log)
        fclose(log);
}

void lab_await(struct lab *lab, int master, condition reached)
{
    struct peer *peer = &lab->peers[master];
    uint64_t deadline_ms = clock_ms() + DEADLINE_MS;
    while (!reached(peer)) {
        if (peer_receive(peer, deadline_ms))
            continue;
        show_log(lab);
        fail_msg("master%d: not reached in time; %llu reports", master + 1, (unsigned long long)peer->received);
    }
}

void lab_await_both(struct lab *lab, condition reached)
{
    lab_await(lab, 0, reached);
    lab_await(lab, 1, reached);
}

void lab_start(struct lab *lab)
{
    lab->tcd = lab_run_tcd(lab, "-n", "tcd.conf");
    lab_await_both(lab, is_up);
}

uint64_t lab_reports_within(struct lab *lab, int master, uint64_t wait_ms)
{
    struct peer *peer = &lab->peers[master];
    while (peer_receive(peer, 0))
        ;
    uint64_t before = peer->received;
    uint64_t deadline_ms = clock_ms() + wait_ms;
    while (peer_receive(peer, deadline_ms))
        ;
    return peer->received - before;
}

json_t *lab_ask(const struct lab *lab, const char *command)
{
    json_t *request = json_pack("{s:s}", "command", command);
    json_t *answer = NULL;
    assert_int_equal(ctl_request(lab->control, request, DEADLINE_MS, &answer), 0);
    json_decref(request);
    assert_true(json_is_true(json_object_get(answer, "ok")));
    return answer;
}
