/* Bits from the lowest of each byte on, and Huffman codes made of them (RFC 1951, section 3). */
#ifndef SONOEDGE_CORE_READ_BITS_H
#define SONOEDGE_CORE_READ_BITS_H

#include <stddef.h>
#include <stdint.h>

#define SO_FAST_BITS 10
#define SO_CODE_BITS 15
#define SO_MOST_SYMBOLS 288

struct so_bits {
    const uint8_t *data;
    size_t bytes;
    size_t at;
    uint64_t held; /* bits that were read and not used, the next one lowest; zeros above */
    unsigned count;
};

/* Codes of up to SO_FAST_BITS are found in one look, longer ones bit by bit. */
struct so_code {
    uint16_t fast[1 << SO_FAST_BITS];  /* symbol * 16 + length; 0: none, or a longer one */
    uint16_t count[SO_CODE_BITS + 1];  /* codes of each length */
    uint16_t symbols[SO_MOST_SYMBOLS]; /* in the order of their codes */
};

static inline void so_bits_fill(struct so_bits *bits) {
    while (bits->count <= 48 && bits->at < bits->bytes) {
        bits->held |= (uint64_t)bits->data[bits->at++] << bits->count;
        bits->count += 8;
    }
}

static inline void so_bits_drop(struct so_bits *bits, unsigned count) {
    bits->held >>= count;
    bits->count -= count;
}

/* The next bits as a number, at most 16; -1 where the data end before. */
int32_t so_bits_take(struct so_bits *bits, unsigned count);
/* The next symbol; -1 where the data end before, or no symbol has this code. */
int32_t so_code_take(const struct so_code *code, struct so_bits *bits);
/* Codes by their lengths, one per symbol; 0 is no code. Returns how many codes of the greatest
 * length are left unused: 0 for a complete set; below 0 for one that cannot be, and whose code
 * must not be used. */
int32_t so_code_make(struct so_code *code, const uint8_t *lengths, unsigned symbols);

#endif
