/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Load on a file system for the lab: what a process sees that reads or writes all the time while servers die. */
#include "config.h"

#include "nfs_load_options.h"
#include "nfs_load_record.h"
#include "nfs_load_report.h"
#include "nfs_load_verify.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

enum { STATE_MS = 100, READ_AGAIN = 8 }; /* the database reads after each so many writes */

struct run {
    const struct nfs_load_options *options;
    struct nfs_load_report report;
    struct nfs_load_record *record;
    int fd, direct, log, state;
    uint64_t file, sequence;
    uint64_t *written; /* the database: sequence of the last write to each place */
    double state_ms;
};

static int open_or_end(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC, 0644);

    if (fd < 0) {
        fprintf(stderr, "nfs_load: %s: %m\n", path);
        exit(EX_NOINPUT);
    }
    return fd;
}

static uint64_t places(int fd)
{
    struct stat seen;

    return fstat(fd, &seen) == 0 ? (uint64_t)seen.st_size / NFS_LOAD_RECORD : 0;
}

static off_t offset_of(uint64_t slot)
{
    return (off_t)(slot * NFS_LOAD_RECORD);
}

/* Reads a place. Returns its sequence, or a negative errno. */
static int64_t read_place(struct run *run, int fd, uint64_t slot)
{
    ssize_t length = pread(fd, run->record, NFS_LOAD_RECORD, offset_of(slot));

    if (length < 0)
        return -errno;
    if (length < NFS_LOAD_RECORD || !nfs_load_record_good(run->record, run->file, slot))
        return -EBADMSG;
    return (int64_t)run->record->sequence;
}

static int write_place(struct run *run, uint64_t slot)
{
    ssize_t length;

    nfs_load_record_make(run->record, run->file, slot, ++run->sequence);
    length = pwrite(run->fd, run->record, NFS_LOAD_RECORD, offset_of(slot));
    if (length >= 0 && length < NFS_LOAD_RECORD)
        return -EIO;
    return length < 0 || (run->direct < 0 ? false : fdatasync(run->fd) != 0) ? -errno : 0;
}

static int read_next(struct run *run)
{
    int64_t found = read_place(run, run->fd, run->sequence % run->options->records);

    run->sequence++;
    return found < 0 ? (int)found : 0;
}

static int write_next(struct run *run)
{
    uint64_t slot = run->sequence % run->options->records;
    int error = write_place(run, slot);

    if (!error)
        nfs_load_log_add(run->log, slot, run->sequence);
    return error;
}

/* A random place is written, then it is on the disk, then acknowledged. Now and then one is read past the cache. */
static int transact(struct run *run)
{
    uint64_t slot = (uint64_t)random() % run->options->records;
    int error = write_place(run, slot);
    int64_t found;

    if (error)
        return error;
    run->written[slot] = run->sequence;
    nfs_load_log_add(run->log, slot, run->sequence);
    slot = (uint64_t)random() % run->options->records;
    if (run->sequence % READ_AGAIN != 0 || run->written[slot] == 0)
        return 0;
    found = read_place(run, run->direct, slot);
    if (found >= 0 && (uint64_t)found != run->written[slot]) {
        fprintf(stderr, "nfs_load: place %" PRIu64 ": %" PRId64 " instead of %" PRIu64 "\n", slot, found,
                run->written[slot]);
        return -EBADMSG;
    }
    return found < 0 ? (int)found : 0;
}

static int open_read(struct run *run)
{
    struct stat seen;
    int fd = open(run->options->file, O_RDONLY | O_CLOEXEC);
    int64_t found;

    if (fd < 0)
        return -errno;
    found = read_place(run, fd, run->sequence++ % run->options->records);
    if (found >= 0 && fstat(fd, &seen) != 0)
        found = -errno;
    if (close(fd) != 0 && found >= 0)
        found = -errno;
    return found < 0 ? (int)found : 0;
}

static int operate(struct run *run)
{
    switch (run->options->mode) {
    case NFS_LOAD_READER:
        return read_next(run);
    case NFS_LOAD_DATABASE:
        return transact(run);
    case NFS_LOAD_OPENER:
        return open_read(run);
    default:
        return write_next(run);
    }
}

static void hold_lock(const struct run *run)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

    if (fcntl(run->fd, F_SETLK, &lock) != 0) {
        fprintf(stderr, "nfs_load: no lock on %s: %m\n", run->options->file);
        exit(EX_TEMPFAIL);
    }
}

/* Opens what the mode needs. `direct` is a second way to the file, past the cache; with -1 the first one is. */
static void prepare(struct run *run, struct nfs_load_options *options)
{
    bool reads = options->mode == NFS_LOAD_READER || options->mode == NFS_LOAD_OPENER;
    bool cached = options->mode == NFS_LOAD_DATABASE || options->mode == NFS_LOAD_LOCKER;

    run->direct = -1;
    run->fd = open_or_end(options->file, reads    ? O_RDONLY | O_DIRECT
                                         : cached ? O_RDWR | O_CREAT | O_TRUNC
                                                  : O_RDWR | O_CREAT | O_TRUNC | O_DIRECT | O_SYNC);
    if (cached)
        run->direct = open_or_end(options->file, O_RDONLY | O_DIRECT);
    if (reads)
        options->records = places(run->fd);
    if (options->records == 0) {
        fprintf(stderr, "nfs_load: %s has no records; make them with: nfs_load fill --file %s\n", options->file,
                options->file);
        exit(EX_DATAERR);
    }
    if (options->mode == NFS_LOAD_LOCKER)
        hold_lock(run);
    run->written = calloc(options->records, sizeof(*run->written));
    if (!run->written)
        exit(EX_OSERR);
}

static void note_state(struct run *run)
{
    double now = nfs_load_now_ms();

    if (run->state < 0 || now - run->state_ms < STATE_MS)
        return;
    run->state_ms = now;
    nfs_load_report_state(&run->report, run->state);
}

/* Operates until a signal comes or the time is over. */
static void work(struct run *run, const sigset_t *ends)
{
    struct timespec pause = {.tv_sec = run->options->interval_us / 1000000,
                             .tv_nsec = run->options->interval_us % 1000000 * 1000};
    double began = nfs_load_now_ms();

    do {
        nfs_load_report_add(&run->report, operate(run));
        note_state(run);
        if (run->options->seconds > 0 && nfs_load_now_ms() - began >= run->options->seconds * 1e3)
            return;
    } while (sigtimedwait(ends, NULL, &pause) < 0);
}

static int load(struct nfs_load_options *options, const sigset_t *ends)
{
    struct run *run = calloc(1, sizeof(*run));

    if (!run)
        return EX_OSERR;
    run->options = options;
    run->record = nfs_load_record_new();
    run->file = nfs_load_record_file(options->file);
    run->log = nfs_load_log_open(options->log);
    run->state = options->state ? open_or_end(options->state, O_WRONLY | O_CREAT | O_TRUNC) : -1;
    prepare(run, options);
    nfs_load_report_start(&run->report, options->gap_ms);
    work(run, ends);
    nfs_load_report_print(&run->report, nfs_load_mode_name(options->mode), stdout);
    free(run->written);
    free(run->record);
    free(run);
    return EXIT_SUCCESS;
}

static int fill(const struct nfs_load_options *options)
{
    struct nfs_load_record *record = nfs_load_record_new();
    uint64_t file = nfs_load_record_file(options->file);
    int fd = open_or_end(options->file, O_WRONLY | O_CREAT | O_TRUNC);
    bool good = true;

    for (uint64_t slot = 0; slot < options->records && good; slot++) {
        nfs_load_record_make(record, file, slot, 0);
        good = pwrite(fd, record, NFS_LOAD_RECORD, offset_of(slot)) == NFS_LOAD_RECORD;
    }
    good = good && fsync(fd) == 0;
    if (!good)
        fprintf(stderr, "nfs_load: %s: %m\n", options->file);
    free(record);
    return close(fd) == 0 && good ? EXIT_SUCCESS : EX_IOERR;
}

static int locked(const struct nfs_load_options *options)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int fd = open_or_end(options->file, O_RDWR);

    if (fcntl(fd, F_GETLK, &lock) != 0) {
        fprintf(stderr, "nfs_load: %s: %m\n", options->file);
        return EX_OSERR;
    }
    printf("{\"locked\": %s}\n", lock.l_type == F_UNLCK ? "false" : "true");
    return EXIT_SUCCESS;
}

int main(int argc, char *argv[])
{
    struct nfs_load_options options;
    sigset_t ends;
    int status = nfs_load_options_parse(&options, argc, argv);

    if (status)
        return status - 1;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    switch (options.mode) {
    case NFS_LOAD_FILL:
        return fill(&options);
    case NFS_LOAD_LOCKED:
        return locked(&options);
    case NFS_LOAD_VERIFY:
        return nfs_load_verify(&options);
    default:
        return load(&options, &ends);
    }
}
