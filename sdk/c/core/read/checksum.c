#include "checksum.h"

#define ADLER_PRIME 65521u
#define ADLER_RUN 5552u /* so many bytes cannot carry the sums past 32 bits */

uint32_t so_crc32(const uint8_t *data, size_t bytes) {
    uint32_t table[256];
    uint32_t crc = 0xffffffffu;
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t value = i;
        for (unsigned bit = 0; bit < 8; bit++) {
            value = (value & 1u) != 0 ? 0xedb88320u ^ value >> 1 : value >> 1;
        }
        table[i] = value;
    }
    for (size_t i = 0; i < bytes; i++) {
        crc = table[(crc ^ data[i]) & 255u] ^ crc >> 8;
    }
    return ~crc;
}

uint32_t so_adler32(const uint8_t *data, size_t bytes) {
    uint32_t a = 1, b = 0;
    while (bytes != 0) {
        size_t run = bytes < ADLER_RUN ? bytes : ADLER_RUN;
        for (size_t i = 0; i < run; i++) {
            a += data[i];
            b += a;
        }
        a %= ADLER_PRIME;
        b %= ADLER_PRIME;
        data += run;
        bytes -= run;
    }
    return b << 16 | a;
}
