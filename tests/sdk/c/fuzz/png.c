/* libFuzzer on PNG. Checksums are made right first, as no mutation would ever meet them. */
#include "core/read/checksum.h"
#include "core/read/png.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void put_big32(uint8_t *at, uint32_t value) {
    for (int i = 0; i < 4; i++) {
        at[i] = (uint8_t)(value >> (24 - 8 * i));
    }
}

static void mend(uint8_t *file, size_t bytes) {
    size_t at = 8;
    while (at < bytes && bytes - at >= 12 && so_big32(file + at) <= bytes - at - 12) {
        size_t size = so_big32(file + at);
        put_big32(file + at + 8 + size, so_crc32(file + at + 4, size + 4));
        at += size + 12;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes) {
    struct so_png shape;
    uint8_t *file = malloc(bytes == 0 ? 1 : bytes);
    if (bytes != 0) {
        memcpy(file, data, bytes);
    }
    mend(file, bytes);
    if (so_png_shape(file, bytes, 1 << 20, &shape) == NULL) {
        uint8_t *pixels = malloc((size_t)shape.width * shape.height * shape.channels);
        (void)so_png_pixels(file, &shape, pixels);
        free(pixels);
    }
    free(file);
    return 0;
}
