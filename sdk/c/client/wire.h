/* The protocol's numbers (docs/reference/protocol.md) and little-endian words in its messages.
 *
 * A test compares every constant here with the service's own table.
 */
#ifndef SONOEDGE_CLIENT_WIRE_H
#define SONOEDGE_CLIENT_WIRE_H

#include <stdint.h>
#include <string.h>

#define SO_MAGIC 0x45474E53u
#define SO_VERSION 1
#define SO_MAX_MESSAGE 196608
#define SO_PAGE_BYTES 4096
#define SO_MAX_SLOTS 64                /* of a ring that this client maps */
#define SO_MAX_SLOT_BYTES 268435456u   /* likewise */

#define SO_HELLO 1
#define SO_FRAME 2
#define SO_ACK 3
#define SO_WELCOME 101
#define SO_RESULT 102
#define SO_STATE 103
#define SO_REFUSED 104

#define SO_HELLO_BYTES 16
#define SO_FRAME_BYTES 120
#define SO_ACK_BYTES 16
#define SO_WELCOME_BYTES 32
#define SO_RESULT_BYTES 80
#define SO_REGION_BYTES 72
#define SO_STATE_BYTES 32
#define SO_REFUSED_BYTES 12

#define SO_REFUSAL_VERSION_UNKNOWN 4
#define SO_REFUSAL_CLOSING 14

#define SO_RESULT_ANALYSED 1u
#define SO_RESULT_FLAGGED 2u
#define SO_RESULT_HAS_TEMPORAL_FLAG 4u
#define SO_RESULT_TEMPORAL_FLAG 8u
#define SO_RESULT_LOCALISED 16u
#define SO_RESULT_HAS_SUSPICION 32u

/* Words of the page, by index. */
#define SO_PAGE_VALID_UNTIL 0
#define SO_PAGE_TAKEN 1
#define SO_PAGE_STATE 2

static inline uint16_t so_get16(const uint8_t *at) {
    return (uint16_t)(at[0] | (at[1] << 8));
}

static inline uint32_t so_get32(const uint8_t *at) {
    return (uint32_t)so_get16(at) | ((uint32_t)so_get16(at + 2) << 16);
}

static inline uint64_t so_get64(const uint8_t *at) {
    return (uint64_t)so_get32(at) | ((uint64_t)so_get32(at + 4) << 32);
}

static inline int32_t so_get_i32(const uint8_t *at) {
    uint32_t bits = so_get32(at);
    int32_t value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline int64_t so_get_i64(const uint8_t *at) {
    uint64_t bits = so_get64(at);
    int64_t value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline double so_get_double(const uint8_t *at) {
    uint64_t bits = so_get64(at);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline void so_put16(uint8_t *at, uint16_t value) {
    at[0] = (uint8_t)(value & 0xFF);
    at[1] = (uint8_t)(value >> 8);
}

static inline void so_put32(uint8_t *at, uint32_t value) {
    so_put16(at, (uint16_t)(value & 0xFFFF));
    so_put16(at + 2, (uint16_t)(value >> 16));
}

static inline void so_put64(uint8_t *at, uint64_t value) {
    so_put32(at, (uint32_t)(value & 0xFFFFFFFFu));
    so_put32(at + 4, (uint32_t)(value >> 32));
}

static inline void so_put_double(uint8_t *at, double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    so_put64(at, bits);
}

#endif
