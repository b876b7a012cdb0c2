/* A probe that touches nothing: guard/contact.py. */
#include "guard.h"

#include "grey.h"

#include <math.h>
#include <string.h>

#define LEFT 0.3
#define RIGHT 0.7
#define COLUMNS 8
#define ROWS 32
#define FADING_TOP 8
#define FADING_BOTTOM 13
#define FADING_LEFT 2
#define FADING_RIGHT 6
#define DEEP_TOP 13
#define DEEP_BOTTOM 30
#define NEAR_BOTTOM 10
#define NEAR_LEFT 3
#define NEAR_RIGHT 5
#define SAMPLE_ROWS (6 * ROWS)
#define GLANCE_ROWS 64
#define AT_A_GLANCE 1.4
#define FALL 30.0
#define FADING_SPREAD 0.12
#define RESIDUE_FLOOR 2.0
#define RESIDUE_SHARE 0.07
#define HIGHEST 120.0
#define DROP_FLOOR 1.0
#define DROP_SHARE 0.08

static double noise_of(double level, double structure) {
    return structure * (RESIDUE_FLOOR + RESIDUE_SHARE * level);
}

/* Add a row to the sums of its blocks of kx pixels; two rows, where there is one below, each
 * 2 x 2 pixels of which are averaged first. */
static void add_row(const uint8_t *row, const uint8_t *below, int32_t kx, int32_t channels,
                    uint32_t sums[COLUMNS * 3]) {
    for (int32_t j = 0; j < COLUMNS; j++) {
        for (int32_t k = 0; k < kx; k++) {
            for (int32_t c = 0; c < channels; c++) {
                if (below == NULL) {
                    sums[j * channels + c] += row[c];
                } else {
                    const int sum = row[c] + row[c + channels] + below[c] + below[c + channels];
                    sums[j * channels + c] += (uint32_t)((sum + 2) >> 2);
                }
            }
            row += below == NULL ? channels : 2 * channels;
            below = below == NULL ? NULL : below + 2 * channels;
        }
    }
}

/* Grey means over whole blocks, (count, COLUMNS), of `rows` rows of the strip, whose width is a
 * multiple of COLUMNS. */
static void means(const struct so_image *strip, const int32_t *row_of, int32_t rows, int32_t count,
                  uint8_t *areas) {
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

/* 1 where every so many rows show more structure across than noise can. */
static int is_plainly_uneven(const struct so_image *strip, double structure) {
    int32_t row_of[GLANCE_ROWS], rows = 0;
    uint8_t areas[GLANCE_ROWS / 2 * COLUMNS];
    struct so_image blocks = *strip;
    if (strip->height < GLANCE_ROWS || strip->width < 2 * COLUMNS) {
        return 0;
    }
    const int32_t step = (strip->height + GLANCE_ROWS - 1) / GLANCE_ROWS;
    for (int32_t y = 0; y < strip->height; y += step) {
        row_of[rows++] = y;
    }
    const int32_t count = rows / 2;
    blocks.width = strip->width / COLUMNS * COLUMNS;
    means(&blocks, row_of, 2 * count, count, areas);
    const int32_t top = (int32_t)rint((double)(count * DEEP_TOP) / ROWS);
    const int32_t bottom = (int32_t)rint((double)(count * DEEP_BOTTOM) / ROWS);
    const int32_t size = (bottom - top) * COLUMNS;
    int64_t total = 0, squares = 0;
    for (int32_t i = top; i < bottom; i++) {
        const uint8_t *area = areas + i * COLUMNS;
        for (int32_t j = 0; j < COLUMNS / 2; j++) {
            const int32_t difference = area[j] - area[j + COLUMNS / 2];
            squares += difference * difference;
            total += area[j] + area[j + COLUMNS / 2];
        }
    }
    const double level = (double)total * (1.0 / (double)size);
    const double limit = AT_A_GLANCE * noise_of(level, structure);
    return (double)squares / 2.0 > limit * limit * (double)size;
}

/* Means over areas of the whole depth, (ROWS, COLUMNS). */
static void areas_of(const struct so_image *strip, uint8_t areas[ROWS * COLUMNS]) {
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
    means(&blocks, row_of, SAMPLE_ROWS, ROWS, areas);
}

struct sums {
    int64_t total, squares;
    int64_t lines;   /* squares of the rows' sums */
    int64_t along;   /* the rows' sums, each times its distance from the middle row */
    double size;
};

static struct sums sums_of(const uint8_t *areas, int32_t top, int32_t bottom, int32_t left,
                           int32_t right) {
    struct sums sums = {0, 0, 0, 0, (double)((bottom - top) * (right - left))};
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

/* What is left after the straight line along the depth that a noise floor may follow. */
static double residue_of(const struct sums *deep, double level) {
    const int32_t rows = DEEP_BOTTOM - DEEP_TOP, last = rows - 1, middle = last / 2;
    double spread = 0.0;
    for (int32_t i = 0; i < rows; i++) {
        spread += (double)(COLUMNS * (i - middle) * (i - middle));
    }
    const double along = (double)deep->along, n = deep->size;
    const double fall = -(DROP_FLOOR + DROP_SHARE * level) / (double)last;
    const double slope = along / spread > fall ? along / spread : fall;
    const double squares = (double)((int64_t)n * deep->squares - deep->total * deep->total);
    const double left = squares / n - 2.0 * slope * along + slope * slope * spread;
    return sqrt((left > 0.0 ? left : 0.0) / n);
}

static double brightest_of(const uint8_t *areas) {
    int32_t brightest = 0;
    for (int32_t i = 0; i < NEAR_BOTTOM; i++) {
        int32_t line = 0;
        for (int32_t j = NEAR_LEFT; j < NEAR_RIGHT; j++) {
            line += areas[i * COLUMNS + j];
        }
        brightest = line > brightest ? line : brightest;
    }
    return (double)brightest / (double)(NEAR_RIGHT - NEAR_LEFT);
}

int so_guard_in_air(const struct so_image *picture, double structure) {
    const int32_t left = (int32_t)((double)picture->width * LEFT);
    const int32_t right = (int32_t)((double)picture->width * RIGHT);
    const int32_t box[4] = {left, 0, right > left + 1 ? right : left + 1, picture->height};
    const struct so_image strip = so_part_of(picture, box);
    uint8_t areas[ROWS * COLUMNS];
    if (is_plainly_uneven(&strip, structure)) {
        return 0;
    }
    areas_of(&strip, areas);
    const struct sums deep = sums_of(areas, DEEP_TOP, DEEP_BOTTOM, 0, COLUMNS);
    const double level = (double)deep.total / deep.size;
    if (brightest_of(areas) - level < FALL || level > HIGHEST ||
        residue_of(&deep, level) > noise_of(level, structure)) {
        return 0;
    }
    const struct sums fading =
        sums_of(areas, FADING_TOP, FADING_BOTTOM, FADING_LEFT, FADING_RIGHT);
    const double columns = (double)(FADING_RIGHT - FADING_LEFT);
    const double squares = columns * (double)fading.squares - (double)fading.lines;
    const double across = sqrt(squares / (fading.size * columns));
    return across <= FADING_SPREAD * ((double)fading.total / fading.size + 10.0);
}
