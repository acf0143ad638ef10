// Preloaded into the server (LD_PRELOAD), this makes one of its calls to the disk fail, or ends the
// process in the middle of it.
//
// DISK_FAULT is "FILE CALL NTH ACTION":
//   FILE    db, log (the write-ahead log) or lock
//   CALL    write, idle-write, sync, truncate or unlink. An idle-write is a write in a run of calls
//           that began after 150 ms without any: maintenance, not the commit of a round
//   NTH     the number of the call, from 1; with a + all calls from that one on
//   ACTION  kill-before, kill-within (half of the bytes are written), kill-after, io-error, full,
//           short (half of the bytes are written, and the caller learns it)
// If DISK_FAULT_WHEN is set, calls count only while the file of that name exists.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static char file[16], call[16], nth[16], action[16];
static const char *when;
static int is_set;
static long count;
static struct timespec last;
static int is_idle;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void read_rule(void) {
    const char *rule = getenv("DISK_FAULT");
    when = getenv("DISK_FAULT_WHEN");
    is_set = rule && sscanf(rule, "%15s %15s %15s %15s", file, call, nth, action) == 4;
    if (rule && *rule && !is_set) {
        fprintf(stderr, "DISK_FAULT is not FILE CALL NTH ACTION: %s\n", rule);
        abort();
    }
}

static int ends_with(const char *text, const char *end) {
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

static const char *kind(const char *path) {
    return ends_with(path, "-wal") ? "log" : ends_with(path, "-lock") ? "lock"
        : ends_with(path, ".db") ? "db" : "";
}

static const char *kind_of(int fd) {
    char link[32], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    path[length < 0 ? 0 : length] = 0;
    return kind(path);
}

// Returns true if the fault strikes this call.
static int strikes(const char *of, const char *name) {
    pthread_once(&once, read_rule);
    if (!is_set || !*of) return 0;
    pthread_mutex_lock(&mutex);
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    double quiet = now.tv_sec - last.tv_sec + (now.tv_nsec - last.tv_nsec) / 1e9;
    if (quiet > 0.15) is_idle = last.tv_sec != 0;
    last = now;
    int matches = strcmp(of, file) == 0 && (strcmp(name, call) == 0
        || (is_idle && strcmp(name, "write") == 0 && strcmp(call, "idle-write") == 0));
    int hit = 0;
    if (matches && (!when || access(when, F_OK) == 0)) {
        count++;
        hit = strchr(nth, '+') ? count >= atol(nth) : count == atol(nth);
    }
    pthread_mutex_unlock(&mutex);
    return hit;
}

static int is(const char *wanted) { return strcmp(action, wanted) == 0; }

static void die(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

// Carries out what comes before the call. Returns true if the call fails instead.
static int fails(void) {
    if (is("kill-before")) die();
    errno = is("full") ? ENOSPC : EIO;
    return is("io-error") || is("full");
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) {
    __typeof__(&pwrite64) real = REAL(pwrite64);
    if (!strikes(kind_of(fd), "write")) return real(fd, bytes, length, at);
    if (fails()) return -1;
    int halves = is("kill-within") || is("short");
    ssize_t written = real(fd, bytes, halves && length > 1 ? length / 2 : length, at);
    if (!is("short")) die();
    return written;
}

int fsync(int fd) {
    __typeof__(&fsync) real = REAL(fsync);
    if (!strikes(kind_of(fd), "sync")) return real(fd);
    if (fails()) return -1;
    real(fd);
    die();
    return 0;
}

int fdatasync(int fd) { return fsync(fd); }

int ftruncate64(int fd, off64_t length) {
    __typeof__(&ftruncate64) real = REAL(ftruncate64);
    if (!strikes(kind_of(fd), "truncate")) return real(fd, length);
    if (fails()) return -1;
    real(fd, length);
    die();
    return 0;
}

int unlink(const char *path) {
    __typeof__(&unlink) real = REAL(unlink);
    if (!strikes(kind(path), "unlink")) return real(path);
    if (fails()) return -1;
    real(path);
    die();
    return 0;
}
