/* SHA-256, from the standard's own description (FIPS 180-4, sections 4.1.2, 4.2.2, 5.3.3, 6.2). */
#include "sha256.h"

#include <string.h>

/* The first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t turned(uint32_t value, unsigned by) {
    return value >> by | value << (32 - by);
}

static void add_block(uint32_t state[8], const uint8_t *block) {
    uint32_t w[64];
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
    for (unsigned i = 0; i < 16; i++, block += 4) {
        w[i] = (uint32_t)block[0] << 24 | (uint32_t)block[1] << 16 | (uint32_t)block[2] << 8 |
               block[3];
    }
    for (unsigned i = 16; i < 64; i++) {
        uint32_t s0 = turned(w[i - 15], 7) ^ turned(w[i - 15], 18) ^ w[i - 15] >> 3;
        uint32_t s1 = turned(w[i - 2], 17) ^ turned(w[i - 2], 19) ^ w[i - 2] >> 10;
        w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
    for (unsigned i = 0; i < 64; i++) {
        uint32_t s1 = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25);
        uint32_t t1 = h + s1 + ((e & f) ^ (~e & g)) + K[i] + w[i];
        uint32_t s0 = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22);
        uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
        h = g;
        g = f;
        f = e;
        e = d + t1;
        d = c;
        c = b;
        b = a;
        a = t1 + t2;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
    state[5] += f;
    state[6] += g;
    state[7] += h;
}

void so_sha256_begin(struct so_sha256 *sum) {
    static const uint32_t FIRST[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    memcpy(sum->state, FIRST, sizeof FIRST);
    sum->bytes = 0;
}

void so_sha256_add(struct so_sha256 *sum, const void *data, size_t bytes) {
    const uint8_t *from = data;
    size_t held = (size_t)(sum->bytes % 64);
    sum->bytes += bytes;
    if (held != 0) {
        size_t part = bytes < 64 - held ? bytes : 64 - held;
        memcpy(sum->held + held, from, part);
        from += part;
        bytes -= part;
        if (held + part < 64) {
            return;
        }
        add_block(sum->state, sum->held);
    }
    for (; bytes >= 64; from += 64, bytes -= 64) {
        add_block(sum->state, from);
    }
    if (bytes != 0) {
        memcpy(sum->held, from, bytes);
    }
}

void so_sha256_end(struct so_sha256 *sum, char digits[SO_SHA256_DIGITS + 1]) {
    static const uint8_t PADDING[64] = {0x80};
    static const char HEX[] = "0123456789abcdef";
    uint64_t bits = sum->bytes * 8;
    size_t held = (size_t)(sum->bytes % 64);
    uint8_t length[8];
    for (unsigned i = 0; i < 8; i++) {
        length[i] = (uint8_t)(bits >> (56 - 8 * i));
    }
    so_sha256_add(sum, PADDING, held < 56 ? 56 - held : 120 - held);
    so_sha256_add(sum, length, 8);
    for (unsigned i = 0; i < SO_SHA256_DIGITS; i++) {
        digits[i] = HEX[sum->state[i / 8] >> (28 - 4 * (i % 8)) & 15];
    }
    digits[SO_SHA256_DIGITS] = '\0';
}
