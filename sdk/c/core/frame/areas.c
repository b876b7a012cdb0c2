/* Means over small areas. */
#include "areas.h"

#include "grey.h"

#include <math.h>
#include <string.h>

#define COLUMNS SO_AREA_COLUMNS
#define SAMPLE_ROWS (6 * SO_AREA_ROWS)

/* The sum of a row's block of kx pixels of one channel; of two rows, where there is one below,
 * each 2 x 2 pixels of which are averaged first. */
static inline uint32_t block(const uint8_t *row, const uint8_t *below, int32_t kx,
                             int32_t channels) {
    uint32_t sum = 0;
    if (below == NULL) {
        for (int32_t k = 0; k < kx; k++) {
            sum += row[k * channels];
        }
        return sum;
    }
    for (int32_t k = 0; k < kx; k++) {
        const int32_t at = 2 * k * channels, next = at + channels;
        sum += (uint32_t)((row[at] + row[next] + below[at] + below[next] + 2) >> 2);
    }
    return sum;
}

/* Add the blocks of a row, or of two, to their sums. */
static void add_row(const uint8_t *row, const uint8_t *below, int32_t kx, int32_t channels,
                    uint32_t sums[COLUMNS * 3]) {
    const int32_t step = (below == NULL ? kx : 2 * kx) * channels;
    for (int32_t j = 0; j < COLUMNS; j++) {
        if (channels == 1) { /* a number that the compiler knows */
            sums[j] += block(row, below, kx, 1);
        } else {
            for (int32_t c = 0; c < 3; c++) {
                sums[3 * j + c] += block(row + c, below == NULL ? NULL : below + c, kx, 3);
            }
        }
        row += step;
        below = below == NULL ? NULL : below + step;
    }
}

void so_area_means(const struct so_image *strip, const int32_t *row_of, int32_t rows,
                   int32_t count, uint8_t *areas) {
    const int32_t channels = strip->channels, halves = strip->width % (2 * COLUMNS) == 0 ? 2 : 1;
    const int32_t kx = strip->width / COLUMNS / halves, ky = rows / count / halves;
    const float share = (float)(1.0 / ((double)kx * (double)ky));
    for (int32_t i = 0; i < count; i++) {
        uint32_t sums[COLUMNS * 3] = {0};
        uint8_t levels[COLUMNS * 3];
        for (int32_t k = 0; k < ky; k++) {
            const int32_t at = (i * ky + k) * halves;
            add_row(so_pixel(strip, 0, row_of[at]),
                    halves == 2 ? so_pixel(strip, 0, row_of[at + 1]) : NULL, kx, channels, sums);
        }
        for (int32_t j = 0; j < COLUMNS * channels; j++) {
            levels[j] = kx == 2 && ky == 2 ? (uint8_t)((sums[j] + 2) >> 2)
                                           : (uint8_t)lrintf((float)sums[j] * share);
        }
        for (int32_t j = 0; j < COLUMNS; j++) {
            const uint8_t *bgr = levels + 3 * j;
            areas[i * COLUMNS + j] =
                channels == 1 ? levels[j] : so_grey_of(bgr[0], bgr[1], bgr[2]);
        }
    }
}

void so_areas(const struct so_image *strip, uint8_t areas[SO_AREA_ROWS * COLUMNS]) {
    int32_t row_of[SAMPLE_ROWS];
    uint8_t repeated[SAMPLE_ROWS * COLUMNS * 3];
    struct so_image blocks = *strip;
    for (int32_t i = 0; i < SAMPLE_ROWS; i++) {
        row_of[i] = (int32_t)((int64_t)i * strip->height / SAMPLE_ROWS);
    }
    blocks.width = strip->width / COLUMNS * COLUMNS;
    if (blocks.width == 0) {
        const size_t channels = (size_t)strip->channels;
        for (int32_t i = 0; i < SAMPLE_ROWS; i++) {
            for (int32_t j = 0; j < COLUMNS; j++) {
                memcpy(repeated + (size_t)(i * COLUMNS + j) * channels,
                       so_pixel(strip, j * strip->width / COLUMNS, row_of[i]), channels);
            }
            row_of[i] = i;
        }
        blocks = (struct so_image){repeated, COLUMNS, SAMPLE_ROWS, COLUMNS * channels,
                                   strip->channels};
    }
    so_area_means(&blocks, row_of, SAMPLE_ROWS, SO_AREA_ROWS, areas);
}

struct so_area_sums so_area_sums(const uint8_t *areas, int32_t top, int32_t bottom, int32_t left,
                                 int32_t right) {
    struct so_area_sums sums = {0, 0, 0, 0, (double)((bottom - top) * (right - left))};
    for (int32_t i = top; i < bottom; i++) {
        int64_t line = 0;
        for (int32_t j = left; j < right; j++) {
            const int64_t area = areas[i * COLUMNS + j];
            line += area;
            sums.squares += area * area;
        }
        sums.total += line;
        sums.lines += line * line;
        sums.along += line * (i - top - (bottom - top - 1) / 2);
    }
    return sums;
}
