#include "identity.h"
#include "sha256.h"

#include <string.h>

#define DIGITS 12u

/* Where the id stands in quotes; NULL where it does not. */
static const uint8_t *find(const uint8_t *at, const uint8_t *end, const char *id, size_t length) {
    while ((size_t)(end - at) >= length + 2) {
        at = memchr(at, '"', (size_t)(end - at) - length - 1);
        if (at == NULL) {
            return NULL;
        }
        if (memcmp(at + 1, id, length) == 0 && at[length + 1] == '"') {
            return at;
        }
        at++;
    }
    return NULL;
}

int so_is_id_of(const char *bundle_id, const char *name, const char *version, const uint8_t *text,
                size_t bytes) {
    size_t before = strlen(name), after = strlen(version);
    size_t length = before + after + 2 + DIGITS;
    const uint8_t *at, *end = text + bytes;
    struct so_sha256 sum;
    char digits[SO_SHA256_DIGITS + 1];
    if (strlen(bundle_id) != length || memcmp(bundle_id, name, before) != 0 ||
        bundle_id[before] != '-' || memcmp(bundle_id + before + 1, version, after) != 0 ||
        bundle_id[before + 1 + after] != '-') {
        return 0;
    }
    at = find(text, end, bundle_id, length);
    if (at == NULL || find(at + 1, end, bundle_id, length) != NULL) {
        return 0;
    }
    at += 1 + length - DIGITS;
    so_sha256_begin(&sum);
    so_sha256_add(&sum, text, (size_t)(at - text));
    so_sha256_add(&sum, "000000000000", DIGITS);
    so_sha256_add(&sum, at + DIGITS, (size_t)(end - at) - DIGITS);
    so_sha256_end(&sum, digits);
    return memcmp(digits, bundle_id + length - DIGITS, DIGITS) == 0;
}
