/* INTER_AREA by whole factors: see processing/resize.py. */
#include "resize.h"

#include <math.h>
#include <string.h>

SO_INLINE
static inline void halve_rows(const struct so_image *picture, uint8_t *to, size_t stride) {
    const int32_t width = picture->width / 2, height = picture->height / 2;
    for (int32_t y = 0; y < height; y++) {
        const uint8_t *restrict top = so_pixel(picture, 0, 2 * y);
        const uint8_t *restrict below = so_pixel(picture, 0, 2 * y + 1);
        uint8_t *restrict out = to + (size_t)y * stride;
        for (int32_t x = 0; x < width; x++) {
            const uint16_t sum =
                (uint16_t)(top[2 * x] + top[2 * x + 1] + below[2 * x] + below[2 * x + 1]);
            out[x] = (uint8_t)((sum + 2) >> 2);
        }
    }
}

static void halve(const struct so_image *picture, uint8_t *to, size_t stride) {
    halve_rows(picture, to, stride);
}

#if SO_HAS_AVX2
__attribute__((target("avx2"))) static void halve_wide(const struct so_image *picture, uint8_t *to,
                                                       size_t stride) {
    halve_rows(picture, to, stride);
}
#endif

void so_blocks(const struct so_image *picture, int32_t kx, int32_t ky, uint32_t *sums, uint8_t *to,
               size_t stride) {
    const int32_t width = picture->width / kx, height = picture->height / ky;
    const float share = (float)(1.0 / ((double)kx * (double)ky));
    if (kx == 2 && ky == 2) {
#if SO_HAS_AVX2
        if (__builtin_cpu_supports("avx2")) {
            halve_wide(picture, to, stride);
            return;
        }
#endif
        halve(picture, to, stride);
        return;
    }
    for (int32_t y = 0; y < height; y++) {
        uint8_t *out = to + (size_t)y * stride;
        memset(sums, 0, (size_t)width * sizeof *sums);
        for (int32_t row = 0; row < ky; row++) {
            const uint8_t *from = so_pixel(picture, 0, y * ky + row);
            for (int32_t x = 0; x < width; x++) {
                uint32_t sum = 0;
                for (int32_t k = 0; k < kx; k++) {
                    sum += from[k];
                }
                sums[x] += sum;
                from += kx;
            }
        }
        for (int32_t x = 0; x < width; x++) {
            const float mean = (float)sums[x] * share;
            out[x] = (uint8_t)lrintf(mean);
        }
    }
}
