/* so_linear by AVX2: the same whole numbers, four pixels of a row at a time. */
#include "resize.h"

#if SO_HAS_AVX2

#include <immintrin.h>
#include <string.h>

#define HALF 32768 /* levels times 256 are kept less this much: they fit 16 bits with a sign */

int so_fours_of(const struct so_lean *columns, int32_t width, struct so_four *fours) {
    for (int32_t x = 0; x < width; x += 4, fours++) {
        fours->first = columns[x].first;
        for (int32_t k = 0; k < 4; k++) {
            const struct so_lean *lean = &columns[x + k < width ? x + k : width - 1];
            const int32_t at = lean->first - fours->first;
            if (at < 0 || at > 6) {
                return 0;
            }
            for (int32_t byte = 0; byte < 4; byte++) {
                fours->shuffle[4 * k + byte] = (uint8_t)(2 * at + byte);
            }
            fours->weights[2 * k] = (int16_t)(lean->weights >> 32);
            fours->weights[2 * k + 1] = (int16_t)(lean->weights & 0xFFFFu);
        }
    }
    return 1;
}

__attribute__((target("avx2"))) static void row_between(const uint8_t *restrict top,
                                                        const uint8_t *restrict below,
                                                        uint16_t weight, uint16_t *restrict row,
                                                        int32_t width) {
    const uint16_t rest = (uint16_t)(256 - weight);
    for (int32_t x = 0; x < width; x++) {
        row[x] = (uint16_t)((rest * top[x] + weight * below[x]) ^ HALF);
    }
}

__attribute__((target("avx2"))) static inline int32_t four_between(const uint16_t *row,
                                                                   const struct so_four *four) {
    const __m128i near = _mm_loadu_si128((const __m128i *)(const void *)(row + four->first));
    const __m128i shuffle = _mm_loadu_si128((const __m128i *)(const void *)four->shuffle);
    const __m128i weights = _mm_loadu_si128((const __m128i *)(const void *)four->weights);
    const __m128i products = _mm_madd_epi16(_mm_shuffle_epi8(near, shuffle), weights);
    const __m128i sum = _mm_add_epi32(products, _mm_set1_epi32(HALF * 256 + HALF));
    const __m128i level = _mm_packus_epi32(_mm_srli_epi32(sum, 16), sum);
    return _mm_cvtsi128_si32(_mm_packus_epi16(level, level));
}

__attribute__((target("avx2"))) static void
columns_between(const uint16_t *row, const struct so_four *fours, uint8_t *out, int32_t width) {
    int32_t x = 0;
    for (; x + 4 <= width; x += 4, fours++) {
        const int32_t bytes = four_between(row, fours);
        memcpy(out + x, &bytes, sizeof bytes);
    }
    if (x < width) {
        const int32_t bytes = four_between(row, fours);
        memcpy(out + x, &bytes, (size_t)(width - x));
    }
}

void so_linear_avx2(const struct so_image *picture, const struct so_four *fours,
                    const struct so_lean *rows, uint16_t *line, uint8_t *to, size_t stride,
                    int32_t width, int32_t height) {
    /* Beyond the last pixel: its weight is 0. */
    memset(line + picture->width, 0, SO_BEYOND * sizeof *line);
    for (int32_t y = 0; y < height; y++) {
        const uint16_t weight = (uint16_t)rows[y].weights;
        const uint8_t *top = so_pixel(picture, 0, rows[y].first);
        const uint8_t *below = weight == 0 ? top : top + picture->stride;
        row_between(top, below, weight, line, picture->width);
        columns_between(line, fours, to + (size_t)y * stride, width);
    }
}

#else

typedef int so_nothing; /* a file must hold something */

#endif
