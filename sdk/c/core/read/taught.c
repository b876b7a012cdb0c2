#define _XOPEN_SOURCE 700
#include "taught.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define BUNDLES "bundles"
#define SHA256_DIGITS 64

/* STORE/bundles/SHA256, as sonoedge.bundle.location.provision_in_store knows it: the length of
 * STORE, or -1 for a bundle that lies elsewhere. */
static int store_length(const char *real, const char *name) {
    size_t above = (size_t)(name - real) - 1; /* without the slash before the name */
    size_t length = strlen(BUNDLES);
    if (strlen(name) != SHA256_DIGITS || strspn(name, "0123456789abcdef") != SHA256_DIGITS ||
        above < length + 1 || real[above - length - 1] != '/' ||
        strncmp(real + above - length, BUNDLES, length) != 0) {
        return -1;
    }
    return (int)(above - length - 1);
}

int so_is_taught(const char *folder) {
    struct stat about;
    int taught = 1;
    char *real = realpath(folder, NULL);
    if (real != NULL) {
        const char *name = strrchr(real, '/') + 1;
        size_t size = strlen(real) + sizeof "/provision/" + sizeof "/scope.json";
        char *path = malloc(size);
        int store = store_length(real, name);
        if (path != NULL) {
            if (store >= 0) {
                snprintf(path, size, "%.*s/provision/%s/scope.json", store, real, name);
            } else {
                snprintf(path, size, "%s.provision/scope.json", real);
            }
            taught = lstat(path, &about) == 0 || (errno != ENOENT && errno != ENOTDIR);
        }
        free(path);
    }
    free(real);
    return taught;
}
