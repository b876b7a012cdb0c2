/* The Huffman codes of a block (RFC 1951, sections 3.2.6 and 3.2.7). */
#include "inflater.h"

#include <string.h>

#define MOST_LENGTHS 286u
#define MOST_DISTANCES 30u

void so_inflater_fixed(struct so_inflater *state) {
    uint8_t lengths[SO_MOST_SYMBOLS];
    memset(lengths, 8, 144);
    memset(lengths + 144, 9, 112);
    memset(lengths + 256, 7, 24);
    memset(lengths + 280, 8, 8);
    (void)so_code_make(&state->lengths, lengths, SO_MOST_SYMBOLS);
    memset(lengths, 5, 32);
    (void)so_code_make(&state->distances, lengths, 32);
    state->fixed = 1;
}

/* An incomplete set is one code of one bit at most, as zlib has it. */
static int usable(const struct so_code *code, int32_t left) {
    unsigned longer = 0;
    for (unsigned length = 2; length <= SO_CODE_BITS; length++) {
        longer += code->count[length];
    }
    return left == 0 || (left > 0 && longer == 0);
}

const char *so_inflater_dynamic(struct so_inflater *state) {
    static const uint8_t ORDER[19] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                      11, 4,  12, 3, 13, 2, 14, 1, 15};
    uint8_t lengths[MOST_LENGTHS + MOST_DISTANCES] = {0};
    uint8_t first[19] = {0};
    int32_t literals = so_bits_take(&state->bits, 5), distances = so_bits_take(&state->bits, 5);
    int32_t counts = so_bits_take(&state->bits, 4);
    unsigned all, at = 0;
    if (literals < 0 || distances < 0 || counts < 0 || literals + 257 > (int32_t)MOST_LENGTHS ||
        distances + 1 > (int32_t)MOST_DISTANCES) {
        return SO_CUT;
    }
    for (int32_t i = 0; i < counts + 4; i++) {
        int32_t length = so_bits_take(&state->bits, 3);
        if (length < 0) {
            return SO_CUT;
        }
        first[ORDER[i]] = (uint8_t)length;
    }
    if (so_code_make(&state->lengths, first, 19) != 0) {
        return SO_CUT;
    }
    all = (unsigned)literals + 257 + (unsigned)distances + 1;
    while (at < all) {
        int32_t symbol = so_code_take(&state->lengths, &state->bits), again;
        uint8_t length = 0;
        if (symbol < 0) {
            return SO_CUT;
        }
        if (symbol < 16) {
            lengths[at++] = (uint8_t)symbol;
            continue;
        }
        again = so_bits_take(&state->bits, symbol == 16 ? 2 : symbol == 17 ? 3 : 7);
        if (again < 0 || (symbol == 16 && at == 0)) {
            return SO_CUT;
        }
        length = symbol == 16 ? lengths[at - 1] : 0;
        again += symbol == 18 ? 11 : 3;
        if ((unsigned)again > all - at) {
            return SO_CUT;
        }
        memset(lengths + at, length, (size_t)again);
        at += (unsigned)again;
    }
    state->fixed = 0;
    if (lengths[SO_END_OF_BLOCK] == 0) {
        return SO_CUT;
    }
    if (!usable(&state->lengths,
                so_code_make(&state->lengths, lengths, (unsigned)literals + 257)) ||
        !usable(&state->distances, so_code_make(&state->distances, lengths + literals + 257,
                                                (unsigned)distances + 1))) {
        return SO_CUT;
    }
    return NULL;
}
