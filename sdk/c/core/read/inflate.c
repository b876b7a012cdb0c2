/* Blocks one after the other. What is refused is what zlib refuses, and copies beyond the window. */
#include "inflate.h"
#include "bits.h"
#include "checksum.h"

#include <string.h>

#define CUT "it is cut off or damaged"
#define MOST_LENGTHS 286u
#define MOST_DISTANCES 30u
#define END_OF_BLOCK 256

struct inflater {
    struct so_bits bits;
    uint8_t *out;
    size_t out_bytes;
    size_t made;
    size_t window;
    struct so_code lengths;
    struct so_code distances;
    int fixed; /* the codes are the fixed ones */
};

static const char *stored(struct inflater *state) {
    struct so_bits *bits = &state->bits;
    int32_t length, inverse;
    so_bits_drop(bits, bits->count & 7u);
    length = so_bits_take(bits, 16);
    inverse = so_bits_take(bits, 16);
    if (length < 0 || inverse < 0 || length != (~inverse & 0xffff)) {
        return CUT;
    }
    bits->at -= bits->count / 8; /* whole bytes that were read ahead */
    bits->held = 0;
    bits->count = 0;
    if ((size_t)length > bits->bytes - bits->at) {
        return CUT;
    }
    if ((size_t)length > state->out_bytes - state->made) {
        return "it unpacks to more than it should";
    }
    memcpy(state->out + state->made, bits->data + bits->at, (size_t)length);
    bits->at += (size_t)length;
    state->made += (size_t)length;
    return NULL;
}

/* A copy of what was made before; symbol is that of its length. */
static const char *copy(struct inflater *state, unsigned symbol) {
    static const uint16_t LENGTH[29] = {3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                                        31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
    static const uint8_t LENGTH_BITS[29] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                            2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
    static const uint16_t DISTANCE[30] = {1,   2,   3,   4,   5,   7,    9,    13,   17,   25,
                                          33,  49,  65,  97,  129, 193,  257,  385,  513,  769,
                                          1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
    int32_t more, far, distance;
    size_t length, from;
    if (symbol >= 29) {
        return CUT;
    }
    more = so_bits_take(&state->bits, LENGTH_BITS[symbol]);
    far = so_code_take(&state->distances, &state->bits);
    if (more < 0 || far < 0 || far >= 30) {
        return CUT;
    }
    distance = so_bits_take(&state->bits, far < 4 ? 0 : (unsigned)far / 2 - 1);
    if (distance < 0) {
        return CUT;
    }
    distance += DISTANCE[far];
    length = (size_t)LENGTH[symbol] + (size_t)more;
    if ((size_t)distance > state->made || (size_t)distance > state->window) {
        return "it copies from before its begin";
    }
    if (length > state->out_bytes - state->made) {
        return "it unpacks to more than it should";
    }
    from = state->made - (size_t)distance;
    for (; length != 0; length--) {
        state->out[state->made++] = state->out[from++]; /* may read what it just wrote */
    }
    return NULL;
}

static const char *coded(struct inflater *state) {
    for (;;) {
        int32_t symbol = so_code_take(&state->lengths, &state->bits);
        if (symbol < 0) {
            return CUT;
        }
        if (symbol == END_OF_BLOCK) {
            return NULL;
        }
        if (symbol > END_OF_BLOCK) {
            const char *fault = copy(state, (unsigned)symbol - END_OF_BLOCK - 1);
            if (fault != NULL) {
                return fault;
            }
        } else if (state->made == state->out_bytes) {
            return "it unpacks to more than it should";
        } else {
            state->out[state->made++] = (uint8_t)symbol;
        }
    }
}

static void make_fixed(struct inflater *state) {
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

static const char *make_dynamic(struct inflater *state) {
    static const uint8_t ORDER[19] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
    uint8_t lengths[MOST_LENGTHS + MOST_DISTANCES] = {0};
    uint8_t first[19] = {0};
    int32_t literals = so_bits_take(&state->bits, 5), distances = so_bits_take(&state->bits, 5);
    int32_t counts = so_bits_take(&state->bits, 4);
    unsigned all, at = 0;
    if (literals < 0 || distances < 0 || counts < 0 || literals + 257 > (int32_t)MOST_LENGTHS ||
        distances + 1 > (int32_t)MOST_DISTANCES) {
        return CUT;
    }
    for (int32_t i = 0; i < counts + 4; i++) {
        int32_t length = so_bits_take(&state->bits, 3);
        if (length < 0) {
            return CUT;
        }
        first[ORDER[i]] = (uint8_t)length;
    }
    if (so_code_make(&state->lengths, first, 19) != 0) {
        return CUT;
    }
    all = (unsigned)literals + 257 + (unsigned)distances + 1;
    while (at < all) {
        int32_t symbol = so_code_take(&state->lengths, &state->bits), again;
        uint8_t length = 0;
        if (symbol < 0) {
            return CUT;
        }
        if (symbol < 16) {
            lengths[at++] = (uint8_t)symbol;
            continue;
        }
        again = so_bits_take(&state->bits, symbol == 16 ? 2 : symbol == 17 ? 3 : 7);
        if (again < 0 || (symbol == 16 && at == 0)) {
            return CUT;
        }
        length = symbol == 16 ? lengths[at - 1] : 0;
        again += symbol == 18 ? 11 : 3;
        if ((unsigned)again > all - at) {
            return CUT;
        }
        memset(lengths + at, length, (size_t)again);
        at += (unsigned)again;
    }
    state->fixed = 0;
    if (lengths[END_OF_BLOCK] == 0) {
        return CUT;
    }
    if (!usable(&state->lengths, so_code_make(&state->lengths, lengths, (unsigned)literals + 257)) ||
        !usable(&state->distances, so_code_make(&state->distances, lengths + literals + 257,
                                                (unsigned)distances + 1))) {
        return CUT;
    }
    return NULL;
}

static const char *blocks(struct inflater *state) {
    for (;;) {
        int32_t last = so_bits_take(&state->bits, 1), kind = so_bits_take(&state->bits, 2);
        const char *fault = NULL;
        if (last < 0 || kind < 0 || kind == 3) {
            return CUT;
        }
        if (kind == 0) {
            fault = stored(state);
        } else {
            if (kind == 2) {
                fault = make_dynamic(state);
            } else if (!state->fixed) {
                make_fixed(state);
            }
            fault = fault == NULL ? coded(state) : fault;
        }
        if (fault != NULL || last == 1) {
            return fault;
        }
    }
}

const char *so_inflate(const uint8_t *data, size_t bytes, uint8_t *out, size_t out_bytes,
                       size_t window) {
    struct inflater state;
    const char *fault;
    /* zlib's own bound is a byte in a thousand; empty blocks without end would cost time alone. */
    if (bytes > out_bytes + out_bytes / 8 + 1024) {
        return "it is larger packed than unpacked";
    }
    memset(&state.bits, 0, sizeof state.bits);
    state.bits.data = data;
    state.bits.bytes = bytes;
    state.out = out;
    state.out_bytes = out_bytes;
    state.made = 0;
    state.window = window;
    state.fixed = 0;
    fault = blocks(&state);
    if (fault != NULL) {
        return fault;
    }
    if (state.bits.at - state.bits.count / 8 != bytes) {
        return "something follows behind its end";
    }
    return state.made == out_bytes ? NULL : "it unpacks to less than it should";
}

const char *so_inflate_zlib(const uint8_t *data, size_t bytes, uint8_t *out, size_t out_bytes) {
    const char *fault;
    if (bytes < 6 || (data[0] & 15u) != 8 || data[0] >> 4 > 7 || (data[1] & 0x20u) != 0 ||
        ((unsigned)data[0] << 8 | data[1]) % 31 != 0) {
        return CUT;
    }
    fault = so_inflate(data + 2, bytes - 6, out, out_bytes, (size_t)256 << (data[0] >> 4));
    if (fault != NULL) {
        return fault;
    }
    return so_adler32(out, out_bytes) == so_big32(data + bytes - 4) ? NULL : "its checksum is wrong";
}
