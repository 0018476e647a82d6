/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nfsha_helper_world.h"

#include "unit.h"

#include "ctl.h"
#include "helper.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

static json_t *on_command(void *context, const char *command, const json_t *request)
{
    FILE *file = fopen(context, "a");
    (void)request;
    if (file != NULL) {
        fprintf(file, "%s\n", command);
        fclose(file);
    }
    if (strcmp(command, "status") != 0)
        return json_pack("{s:b}", "ok", 1);
    return json_pack("{s:b, s:[{s:[{s:s, s:s}, {s:s, s:s}, {s:s, s:s}], s:s}]}", "ok", 1, "groups", "servers", "name",
                     "c", "address", "127.0.0.3", "name", "b", "address", CURRENT, "name", "a", "address", "127.0.0.1",
                     "current", "b");
}

/* Ends when it is ready; the service lives on in a child, whose number the file FILE.pid has. */
int helper_play_daemon(const char *name, char *file)
{
    char path[PATH_MAX], ready = 0;
    struct ctl_server *server;
    int ends[2];

    if (pipe(ends) != 0)
        return 1;
    pid_t pid = fork();
    if (pid > 0) {
        close(ends[1]);
        snprintf(path, sizeof(path), "%s.pid", file);
        FILE *out = fopen(path, "w");
        if (out != NULL) {
            fprintf(out, "%d\n", (int)pid);
            fclose(out);
        }
        return read(ends[0], &ready, 1) == 1 ? 0 : 1;
    }
    qb_loop_t *loop = qb_loop_create();
    alarm(60); /* never longer than the test */
    if (pid < 0 || ctl_server_open(name, loop, on_command, file, &server) != 0 || write(ends[1], "r", 1) != 1)
        return 1;
    close(ends[0]);
    close(ends[1]);
    qb_loop_run(loop);
    return 0;
}

const char *helper_path(const struct world *world, const char *name)
{
    static char path[PATH_MAX];
    snprintf(path, sizeof(path), "%s/%s", world->directory, name);
    return path;
}

void helper_script(struct world *world, const char *name, const char *text)
{
    unit_put(helper_path(world, name), text, strlen(text), 0755);
}

static const char *keep(struct world *world, size_t place, const char *name)
{
    snprintf(world->files[place], sizeof(world->files[place]), "%s/%s", world->directory, name);
    return world->files[place];
}

int helper_make(void **state)
{
    struct world *world = calloc(1, sizeof(*world));
    char text[1024], self[PATH_MAX] = "";

    assert_non_null(world);
    snprintf(world->directory, sizeof(world->directory), "/tmp/has-helper.XXXXXX");
    assert_non_null(mkdtemp(world->directory));
    assert_true(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
    snprintf(world->control, sizeof(world->control), "has-nfs-%d", (int)getpid());
    snprintf(world->point, sizeof(world->point), "%s/point", world->directory);
    assert_int_equal(mkdir(world->point, 0755), 0);
    unit_put(helper_path(world, "mountinfo"), "", 0, 0644);
    snprintf(text, sizeof(text),
             "#!/bin/sh\nd=%s\necho \"$@\" >>$d/calls\n[ ! -e $d/fail ] || { echo 'mount.nfs: no'; exit 32; }\n"
             "echo \"36 35 0:40 / $2 rw shared:1 - nfs4 $1 rw,vers=4.2,addr=${1%%%%:/*}\" >>$d/mountinfo\n",
             world->directory);
    helper_script(world, "mount.nfs", text);
    snprintf(text, sizeof(text), "#!/bin/sh\n[ ! -e %s/no-daemon ] || exit 78\nexec %s daemon %s %s/commands\n",
             world->directory, self, world->control, world->directory);
    helper_script(world, "nfshad", text);
    world->paths = (struct mount_paths){.distrib = keep(world, 0, "mount.nfs.distrib"),
                                        .plain = keep(world, 1, "mount.nfs"),
                                        .registry = keep(world, 2, "run/mounts"),
                                        .mountinfo = keep(world, 3, "mountinfo"),
                                        .series = keep(world, 4, "series"),
                                        .control = world->control,
                                        .nfshad = keep(world, 5, "nfshad"),
                                        .unit = keep(world, 6, "unit"),
                                        .systemd = keep(world, 7, "systemd"),
                                        .systemctl = keep(world, 8, "systemctl")};
    *state = world;
    return 0;
}

const char *helper_content(const struct world *world, const char *name)
{
    static char text[TEXT_MAX];
    FILE *file = fopen(helper_path(world, name), "r");
    size_t length = file != NULL ? fread(text, 1, sizeof(text) - 1, file) : 0;
    text[length] = '\0';
    if (file != NULL)
        fclose(file);
    return text;
}

int helper_remove(void **state)
{
    struct world *world = *state;
    long pid = strtol(helper_content(world, "commands.pid"), NULL, 10);

    if (pid > 1)
        kill((pid_t)pid, SIGTERM);
    for (size_t i = 0; i < 3; i++)
        if (world->servers[i] > 0)
            fake_nfs_stop(world->servers[i]);
    assert_int_equal(nftw(world->directory, unit_remove, 16, FTW_DEPTH | FTW_PHYS), 0);
    free(world);
    return 0;
}

void helper_serve(struct world *world, size_t place, uint8_t generation, enum fake_nfs_fault fault)
{
    static const char *const addresses[] = {"127.0.0.1", "127.0.0.2", "127.0.0.3"};
    struct fake_nfs server = {.address = addresses[place], .fsid = 7, .generation = generation, .fault = fault};
    world->servers[place] = fake_nfs_start(&server);
}

/* Runs it in a process of its own; its exit status. What it says is in world->said. */
int helper_call(struct world *world, const char *name, const char *source, const char *options)
{
    char said[PATH_MAX];
    char *argv[] = {strdup(name), strdup(source), world->point, strdup("-o"), strdup(options), NULL};
    int status;

    snprintf(said, sizeof(said), "%s", helper_path(world, "said"));
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        int fd = open(said, O_WRONLY | O_CREAT | O_TRUNC, 0644);
        dup2(fd, 1);
        dup2(fd, 2);
        _exit(helper_run(5, argv, &world->paths));
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    free(argv[0]);
    free(argv[1]);
    free(argv[3]);
    free(argv[4]);
    snprintf(world->said, sizeof(world->said), "%s", helper_content(world, "said"));
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

int helper_mount(struct world *world, const char *options)
{
    return helper_call(world, "mount.nfsha", "127.0.0.1,127.0.0.2:/content", options);
}

void helper_says(const struct world *world, const char *text)
{
    if (strstr(world->said, text) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", world->said, text);
}

size_t helper_noted(const struct world *world, struct registry_mount *out)
{
    struct registry_mount *mounts;
    size_t count;
    assert_int_equal(registry_read(world->paths.registry, &mounts, &count), 0);
    if (count > 0 && out != NULL)
        *out = mounts[0];
    free(mounts);
    return count;
}

void helper_nothing_done(const struct world *world)
{
    assert_string_equal(helper_content(world, "calls"), "");
    assert_int_equal(helper_noted(world, NULL), 0);
}

void helper_called(const struct world *world, const char *source, const char *options)
{
    char text[1024];
    snprintf(text, sizeof(text), "%s:/content %s -o %s\n", source, world->point, options);
    assert_string_equal(helper_content(world, "calls"), text);
}
