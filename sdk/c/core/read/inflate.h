/* Inflate (RFC 1951, and RFC 1950 around it) into memory whose size is known before.
 *
 * Each call gives NULL, or in a few words what is wrong with the data: what is written then means
 * nothing. Time is bounded by the sizes: data that have much more packed than unpacked are
 * refused, as no compressor makes them.
 */
#ifndef SONOEDGE_CORE_READ_INFLATE_H
#define SONOEDGE_CORE_READ_INFLATE_H

#include <stddef.h>
#include <stdint.h>

#define SO_WINDOW_BYTES 32768u

/* The packed data must end where `bytes` end, and unpack to exactly `out_bytes`.
 * window: furthest that a copy may reach back. */
const char *so_inflate(const uint8_t *data, size_t bytes, uint8_t *out, size_t out_bytes,
                       size_t window);
/* The same with zlib's header before and its checksum behind. */
const char *so_inflate_zlib(const uint8_t *data, size_t bytes, uint8_t *out, size_t out_bytes);

#endif
