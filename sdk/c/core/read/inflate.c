/* Blocks one after the other. Refused is what zlib refuses. */
#include "inflate.h"
#include "checksum.h"
#include "inflater.h"

#include <string.h>

static const char *stored(struct so_inflater *state) {
    struct so_bits *bits = &state->bits;
    int32_t length, inverse;
    so_bits_drop(bits, bits->count & 7u);
    length = so_bits_take(bits, 16);
    inverse = so_bits_take(bits, 16);
    if (length < 0 || inverse < 0 || length != (~inverse & 0xffff)) {
        return SO_CUT;
    }
    bits->at -= bits->count / 8; /* whole bytes that were read ahead */
    bits->held = 0;
    bits->count = 0;
    if ((size_t)length > bits->bytes - bits->at) {
        return SO_CUT;
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
static const char *copy(struct so_inflater *state, unsigned symbol) {
    static const uint16_t LENGTH[29] = {3,  4,  5,  6,   7,   8,   9,   10,  11, 13,
                                        15, 17, 19, 23,  27,  31,  35,  43,  51, 59,
                                        67, 83, 99, 115, 131, 163, 195, 227, 258};
    static const uint8_t LENGTH_BITS[29] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                            2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
    static const uint16_t DISTANCE[30] = {
        1,   2,   3,   4,   5,   7,    9,    13,   17,   25,   33,   49,   65,    97,    129,
        193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
    int32_t more, far, distance;
    size_t length, from;
    if (symbol >= 29) {
        return SO_CUT;
    }
    more = so_bits_take(&state->bits, LENGTH_BITS[symbol]);
    far = so_code_take(&state->distances, &state->bits);
    if (more < 0 || far < 0 || far >= 30) {
        return SO_CUT;
    }
    distance = so_bits_take(&state->bits, far < 4 ? 0 : (unsigned)far / 2 - 1);
    if (distance < 0) {
        return SO_CUT;
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

static const char *coded(struct so_inflater *state) {
    for (;;) {
        int32_t symbol = so_code_take(&state->lengths, &state->bits);
        if (symbol < 0) {
            return SO_CUT;
        }
        if (symbol == SO_END_OF_BLOCK) {
            return NULL;
        }
        if (symbol > SO_END_OF_BLOCK) {
            const char *fault = copy(state, (unsigned)symbol - SO_END_OF_BLOCK - 1);
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

static const char *blocks(struct so_inflater *state) {
    for (;;) {
        int32_t last = so_bits_take(&state->bits, 1), kind = so_bits_take(&state->bits, 2);
        const char *fault = NULL;
        if (last < 0 || kind < 0 || kind == 3) {
            return SO_CUT;
        }
        if (kind == 0) {
            fault = stored(state);
        } else {
            if (kind == 2) {
                fault = so_inflater_dynamic(state);
            } else if (!state->fixed) {
                so_inflater_fixed(state);
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
    struct so_inflater state;
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
        return SO_CUT;
    }
    fault = so_inflate(data + 2, bytes - 6, out, out_bytes, (size_t)256 << (data[0] >> 4));
    if (fault != NULL) {
        return fault;
    }
    return so_adler32(out, out_bytes) == so_big32(data + bytes - 4) ? NULL
                                                                    : "its checksum is wrong";
}
