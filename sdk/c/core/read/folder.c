#define _POSIX_C_SOURCE 200809L
#include "folder.h"
#include "characters.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER (O_RDONLY | O_DIRECTORY | O_CLOEXEC)
/* A pipe or a device does not make opening wait: O_NONBLOCK; what it is shows before reading. */
#define FILE_FLAGS (O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
#define MOST_PATH 256
#define PIECE ((size_t)65536)
#define MOST_AT_ONCE ((size_t)1 << 30)

int so_folder_open(const char *path) {
    return open(path, FOLDER);
}

int so_folder_has(int folder, const char *name) {
    struct stat about;
    return fstatat(folder, name, &about, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT;
}

static sonoedge_error unreadable(struct so_problem *problem, const char *path) {
    /* O_NOFOLLOW gives ELOOP for a link to a file, and with O_DIRECTORY ENOTDIR for one to a
     * folder; a socket gives ENXIO. */
    if (errno == ELOOP || errno == ENOTDIR || errno == ENXIO) {
        return so_fail(problem, SONOEDGE_ERROR_BUNDLE,
                       "%.80s is reached through a link, or is not a regular file; copy the bundle "
                       "again, with what its links point to (cp -rL)",
                       path);
    }
    return so_fail(problem, SONOEDGE_ERROR_BUNDLE, "%.80s cannot be read; copy the bundle again",
                   path);
}

/* The descriptor of a regular file and its size; -1 with the problem. */
static int open_file(int folder, const char *path, uint64_t *size, struct so_problem *problem) {
    char part[MOST_PATH];
    struct stat about;
    int above = folder, fd = -1;
    if (!so_is_plain_path(path)) {
        so_fail(problem, SONOEDGE_ERROR_BUNDLE, "%.80s is not a plain path within the bundle",
                path);
        return -1;
    }
    for (const char *at = path;;) {
        size_t bytes = strcspn(at, "/");
        int is_last = at[bytes] == '\0';
        memcpy(part, at, bytes);
        part[bytes] = '\0';
        fd = openat(above, part, is_last ? FILE_FLAGS : FOLDER | O_NOFOLLOW);
        if (above != folder) {
            int why = errno;
            close(above);
            errno = why;
        }
        if (fd < 0) {
            unreadable(problem, path);
            return -1;
        }
        if (is_last) {
            break;
        }
        above = fd;
        at += bytes + 1;
    }
    if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) {
        close(fd);
        so_fail(problem, SONOEDGE_ERROR_BUNDLE,
                "%.80s is not a regular file; copy the bundle again", path);
        return -1;
    }
    *size = (uint64_t)about.st_size;
    return fd;
}

/* As many bytes as there are, up to `bytes`; -1 after an error. */
static int64_t read_up_to(int fd, uint8_t *to, size_t bytes) {
    size_t done = 0;
    while (done < bytes) {
        size_t left = bytes - done;
        ssize_t got = read(fd, to + done, left < MOST_AT_ONCE ? left : MOST_AT_ONCE);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return -1;
        }
        if (got == 0) {
            break;
        }
        done += (size_t)got;
    }
    return (int64_t)done;
}

static sonoedge_error changed(struct so_problem *problem, const char *path) {
    return so_fail(problem, SONOEDGE_ERROR_BUNDLE,
                   "%.80s changed while it was read; copy the bundle again", path);
}

/* A file of this size, read whole; one byte more would show that it grew. */
static sonoedge_error read_all(int fd, const char *path, size_t size, uint8_t **data,
                               struct so_problem *problem) {
    uint8_t more;
    *data = malloc(size == 0 ? 1 : size);
    if (*data == NULL) {
        return so_fail(problem, SONOEDGE_ERROR_MEMORY, "there is no memory for %.80s", path);
    }
    if (read_up_to(fd, *data, size) != (int64_t)size || read_up_to(fd, &more, 1) != 0) {
        free(*data);
        *data = NULL;
        return changed(problem, path);
    }
    return SONOEDGE_OK;
}

static sonoedge_error check_size(uint64_t actual, size_t expected, const char *path,
                                 struct so_problem *problem) {
    if (actual == expected) {
        return SONOEDGE_OK;
    }
    return so_fail(problem, SONOEDGE_ERROR_BUNDLE,
                   "%.80s is not the file that the manifest names: expected %zu bytes, found %llu; "
                   "copy or export the bundle again",
                   path, expected, (unsigned long long)actual);
}

sonoedge_error so_folder_read(int folder, const char *path, size_t size, uint8_t **data,
                              struct so_problem *problem) {
    uint64_t actual = 0;
    sonoedge_error error;
    int fd = open_file(folder, path, &actual, problem);
    *data = NULL;
    if (fd < 0) {
        return SONOEDGE_ERROR_BUNDLE;
    }
    error = check_size(actual, size, path, problem);
    if (error == SONOEDGE_OK) {
        error = read_all(fd, path, size, data, problem);
    }
    close(fd);
    return error;
}

sonoedge_error so_folder_read_at_most(int folder, const char *path, size_t most, uint8_t **data,
                                      size_t *bytes, struct so_problem *problem) {
    uint64_t actual = 0;
    sonoedge_error error;
    int fd = open_file(folder, path, &actual, problem);
    *data = NULL;
    if (fd < 0) {
        return SONOEDGE_ERROR_BUNDLE;
    }
    if (actual > most) {
        error =
            so_fail(problem, SONOEDGE_ERROR_BUNDLE, "%.80s has %llu bytes; at most %zu are read",
                    path, (unsigned long long)actual, most);
    } else {
        *bytes = (size_t)actual;
        error = read_all(fd, path, *bytes, data, problem);
    }
    close(fd);
    return error;
}

static sonoedge_error add_all(int fd, const char *path, size_t size, struct so_sha256 *sum,
                              struct so_problem *problem) {
    uint8_t piece[PIECE];
    while (size != 0) {
        size_t part = size < PIECE ? size : PIECE;
        if (read_up_to(fd, piece, part) != (int64_t)part) {
            return changed(problem, path);
        }
        so_sha256_add(sum, piece, part);
        size -= part;
    }
    return read_up_to(fd, piece, 1) == 0 ? SONOEDGE_OK : changed(problem, path);
}

sonoedge_error so_folder_sha256(int folder, const char *path, size_t size,
                                char digits[SO_SHA256_DIGITS + 1], struct so_problem *problem) {
    struct so_sha256 sum;
    uint64_t actual = 0;
    sonoedge_error error;
    int fd = open_file(folder, path, &actual, problem);
    if (fd < 0) {
        return SONOEDGE_ERROR_BUNDLE;
    }
    so_sha256_begin(&sum);
    error = check_size(actual, size, path, problem);
    if (error == SONOEDGE_OK) {
        error = add_all(fd, path, size, &sum, problem);
    }
    so_sha256_end(&sum, digits);
    close(fd);
    return error;
}
