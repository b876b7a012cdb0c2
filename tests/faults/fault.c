/* Lets one change of the file system fail, or the process end with it: the n-th below a folder.

   Preloaded, so that it stands before libc; asleep until `fault_arm` is called, once in each forked
   process. Counted is what changes files or names, or makes a change last. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

enum kind { KILL_BEFORE, KILL_AFTER, TORN_THEN_KILL, NO_SPACE, IO_ERROR, TORN_THEN_NO_SPACE };

static char folder[4096];
static long at = -1, count;
static enum kind kind;
static int armed, no_fsync;

void fault_arm(const char *path, long number, int what) {
    snprintf(folder, sizeof folder, "%s", path);
    at = number, kind = (enum kind)what, count = 0, armed = 1;
}
void fault_without_fsync(void) { no_fsync = 1; }
long fault_count(void) { return count; }

static int below(const char *path) {
    size_t n = strlen(folder);
    return !strncmp(path, folder, n) && (path[n] == '/' || path[n] == 0);
}

/* The path of an open file, or of a name below an open folder. */
static const char *path_of(int fd, const char *name) {
    static char path[8192];
    char link[64];
    if (name && (name[0] == '/' || fd == AT_FDCWD)) return name;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, 4095);
    if (n < 0) return "";
    snprintf(path + n, sizeof path - n, "%s%s", name ? "/" : "", name ? name : "");
    return path;
}

/* Whether it is this call's turn; a process that is to end before it ends here. */
static int struck(const char *path) {
    int saved = errno, hit = armed && below(path) && ++count == at;
    errno = saved;
    if (hit && kind == KILL_BEFORE) _exit(99);
    return hit;
}

static int failed(void) {
    if (kind == TORN_THEN_KILL) _exit(99);
    errno = kind == IO_ERROR ? EIO : ENOSPC;
    return -1;
}

#define REAL(name) static __typeof__(name) *real; if (!real) real = dlsym(RTLD_NEXT, #name)
#define CALL(path, call) do {                                   \
    int hit = struck(path);                                     \
    if (hit && kind != KILL_AFTER) return failed();             \
    int result = (call);                                        \
    if (hit) _exit(99);                                         \
    return result;                                              \
} while (0)

ssize_t write(int fd, const void *data, size_t size) {
    REAL(write);
    int hit = armed && struck(path_of(fd, 0));
    if (hit && (kind == TORN_THEN_KILL || kind == TORN_THEN_NO_SPACE) && size > 1)
        if (real(fd, data, size / 2) < 0) return -1;
    if (hit && kind != KILL_AFTER) return failed();
    ssize_t result = real(fd, data, size);
    if (hit) _exit(99);
    return result;
}

int fsync(int fd) {
    REAL(fsync);
    CALL(path_of(fd, 0), no_fsync && armed ? 0 : real(fd));
}
int fdatasync(int fd) {
    REAL(fdatasync);
    CALL(path_of(fd, 0), no_fsync && armed ? 0 : real(fd));
}
int rename(const char *a, const char *b) { REAL(rename); CALL(b, real(a, b)); }
int renameat(int x, const char *a, int y, const char *b) {
    REAL(renameat);
    CALL(path_of(y, b), real(x, a, y, b));
}
int mkdir(const char *path, mode_t mode) { REAL(mkdir); CALL(path, real(path, mode)); }
int mkdirat(int fd, const char *path, mode_t mode) {
    REAL(mkdirat);
    CALL(path_of(fd, path), real(fd, path, mode));
}
int symlink(const char *a, const char *b) { REAL(symlink); CALL(b, real(a, b)); }
int symlinkat(const char *a, int fd, const char *b) {
    REAL(symlinkat);
    CALL(path_of(fd, b), real(a, fd, b));
}
int unlink(const char *path) { REAL(unlink); CALL(path, real(path)); }
int unlinkat(int fd, const char *path, int flags) {
    REAL(unlinkat);
    CALL(path_of(fd, path), real(fd, path, flags));
}
int rmdir(const char *path) { REAL(rmdir); CALL(path, real(path)); }
int chmod(const char *path, mode_t mode) { REAL(chmod); CALL(path, real(path, mode)); }
int fchmod(int fd, mode_t mode) { REAL(fchmod); CALL(path_of(fd, 0), real(fd, mode)); }
int fchmodat(int fd, const char *path, mode_t mode, int flags) {
    REAL(fchmodat);
    CALL(path_of(fd, path), real(fd, path, mode, flags));
}

#define WRITES(flags) ((flags) & (O_CREAT | O_TRUNC | O_WRONLY | O_RDWR))
#define MODE(flags) mode_t mode = 0; if ((flags) & O_CREAT) {   \
    va_list more; va_start(more, flags); mode = va_arg(more, mode_t); va_end(more); }
#define OPEN(name)                                              \
int name(const char *path, int flags, ...) {                    \
    REAL(name); MODE(flags)                                     \
    if (!WRITES(flags)) return real(path, flags, mode);         \
    CALL(path, real(path, flags, mode));                        \
}
#define OPENAT(name)                                            \
int name(int fd, const char *path, int flags, ...) {            \
    REAL(name); MODE(flags)                                     \
    if (!WRITES(flags)) return real(fd, path, flags, mode);     \
    CALL(path_of(fd, path), real(fd, path, flags, mode));       \
}
OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)
