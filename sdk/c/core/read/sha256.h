/* SHA-256 (FIPS 180-4). */
#ifndef SONOEDGE_CORE_READ_SHA256_H
#define SONOEDGE_CORE_READ_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SO_SHA256_DIGITS 64

struct so_sha256 {
    uint32_t state[8];
    uint64_t bytes;
    uint8_t held[64]; /* of a block that is not full yet */
};

void so_sha256_begin(struct so_sha256 *sum);
void so_sha256_add(struct so_sha256 *sum, const void *data, size_t bytes);
/* The digest in lower-case hexadecimal, with a zero behind it. */
void so_sha256_end(struct so_sha256 *sum, char digits[SO_SHA256_DIGITS + 1]);

#endif
