#include "bits.h"

#include <string.h>

int32_t so_bits_take(struct so_bits *bits, unsigned count) {
    int32_t value;
    so_bits_fill(bits);
    if (bits->count < count) {
        return -1;
    }
    value = (int32_t)(bits->held & ((1u << count) - 1));
    so_bits_drop(bits, count);
    return value;
}

int32_t so_code_make(struct so_code *code, const uint8_t *lengths, unsigned symbols) {
    uint16_t offsets[SO_CODE_BITS + 2] = {0};
    uint32_t next[SO_CODE_BITS + 1] = {0};
    int32_t left = 1;
    uint32_t value = 0;
    memset(code, 0, sizeof *code);
    for (unsigned i = 0; i < symbols; i++) {
        code->count[lengths[i]]++;
    }
    code->count[0] = 0;
    for (unsigned length = 1; length <= SO_CODE_BITS; length++) {
        left = left * 2 - code->count[length];
        if (left < 0) {
            return left;
        }
        value = (value + code->count[length - 1]) << 1;
        next[length] = value;
        offsets[length + 1] = (uint16_t)(offsets[length] + code->count[length]);
    }
    for (unsigned i = 0; i < symbols; i++) {
        unsigned length = lengths[i];
        if (length == 0) {
            continue;
        }
        code->symbols[offsets[length]++] = (uint16_t)i;
        value = next[length]++;
        if (length <= SO_FAST_BITS) {
            uint32_t reversed = 0;
            for (unsigned bit = 0; bit < length; bit++) {
                reversed |= (value >> bit & 1u) << (length - 1 - bit);
            }
            for (; reversed < 1u << SO_FAST_BITS; reversed += 1u << length) {
                code->fast[reversed] = (uint16_t)(i * 16 + length);
            }
        }
    }
    return left;
}

int32_t so_code_take(const struct so_code *code, struct so_bits *bits) {
    uint32_t entry;
    int32_t value = 0, first = 0, index = 0;
    so_bits_fill(bits);
    entry = code->fast[bits->held & ((1u << SO_FAST_BITS) - 1)];
    if (entry != 0) {
        unsigned length = entry & 15u;
        if (length > bits->count) {
            return -1; /* the zeros behind the end looked like a code */
        }
        so_bits_drop(bits, length);
        return (int32_t)(entry >> 4);
    }
    for (unsigned length = 1; length <= SO_CODE_BITS && length <= bits->count; length++) {
        int32_t count = code->count[length];
        value |= (int32_t)(bits->held >> (length - 1) & 1u);
        if (value - count < first) {
            so_bits_drop(bits, length);
            return code->symbols[index + (value - first)];
        }
        index += count;
        first = (first + count) << 1;
        value <<= 1;
    }
    return -1;
}
