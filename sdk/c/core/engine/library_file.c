/* A shared library's file, before the dynamic linker maps it.
 *
 * The linker trusts what the file says of itself: a copy that was interrupted ends the process by
 * SIGBUS when it touches what is missing, and a pipe holds it for good.
 */
#define _POSIX_C_SOURCE 200809L
#include "ort.h"

#include <fcntl.h>
#include <link.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int read_at(int file, void *to, size_t bytes, uint64_t offset) {
    return offset <= INT32_MAX && pread(file, to, bytes, (off_t)offset) == (ssize_t)bytes;
}

/* Whether a segment that is mapped lies outside the file. */
static int is_cut(int file, uint64_t bytes) {
    ElfW(Ehdr) header;
    ElfW(Phdr) segment;
    if (!read_at(file, &header, sizeof header, 0)) {
        return 1;
    }
    if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_phentsize != sizeof segment) {
        return 0; /* the linker refuses it, and has the better words */
    }
    for (uint64_t i = 0; i < header.e_phnum; i++) {
        if (!read_at(file, &segment, sizeof segment, header.e_phoff + i * sizeof segment)) {
            return 1;
        }
        if (segment.p_type == PT_LOAD &&
            (segment.p_offset > bytes || segment.p_filesz > bytes - segment.p_offset)) {
            return 1;
        }
    }
    return 0;
}

const char *so_library_file_fault(const char *path) {
    const char *fault = NULL;
    struct stat found;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) {
        return NULL; /* the linker says why */
    }
    if (fstat(file, &found) != 0 || !S_ISREG(found.st_mode)) {
        fault = "is not a regular file";
    } else if (is_cut(file, (uint64_t)found.st_size)) {
        fault = "is cut short: copy it again";
    }
    close(file);
    return fault;
}
