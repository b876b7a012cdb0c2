/* Checksums that files carry beside their digests, and numbers in the files' byte order. */
#ifndef SONOEDGE_CORE_READ_CHECKSUM_H
#define SONOEDGE_CORE_READ_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/* CRC-32 as PNG and ZIP have it (ISO/IEC 15948, annex D). */
uint32_t so_crc32(const uint8_t *data, size_t bytes);
/* Adler-32 (RFC 1950, section 8). */
uint32_t so_adler32(const uint8_t *data, size_t bytes);

static inline uint32_t so_big32(const uint8_t *at) {
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static inline uint32_t so_little32(const uint8_t *at) {
    return (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
}

static inline uint16_t so_little16(const uint8_t *at) {
    return (uint16_t)(at[0] | at[1] << 8);
}

#endif
