/* A device with a policy demands signatures, and this library checks none. */
#define _POSIX_C_SOURCE 200809L
#include "library.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

sonoedge_error so_check_policy(const char *pin, struct so_problem *problem) {
    struct stat found;
    if (pin != NULL && (strspn(pin, "0123456789abcdefABCDEF") != 64 || pin[64] != '\0')) {
        return so_fail(problem, SONOEDGE_ERROR_ARGUMENT,
                       "options.manifest_sha256 must be 64 hexadecimal digits");
    }
    /* One that cannot be looked at is no absence. */
    if (pin == NULL && (lstat(SONOEDGE_POLICY_FILE, &found) == 0 ||
                        (errno != ENOENT && errno != ENOTDIR))) {
        return so_fail(problem, SONOEDGE_ERROR_BUNDLE,
                       "this device has a policy of trust (%s), and the library in process checks "
                       "no signatures: give the SHA-256 of the bundle's manifest.json in "
                       "options.manifest_sha256, or use the service",
                       SONOEDGE_POLICY_FILE);
    }
    return SONOEDGE_OK;
}
