/* A probe that touches nothing: guard/contact.py. */
#include "guard.h"

#include "areas.h"

#include <math.h>

#define LEFT 0.3
#define RIGHT 0.7
#define FADING_TOP 8
#define FADING_BOTTOM 13
#define FADING_LEFT 2
#define FADING_RIGHT 6
#define DEEP_TOP 13
#define DEEP_BOTTOM 30
#define NEAR_BOTTOM 10
#define NEAR_LEFT 3
#define NEAR_RIGHT 5
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

/* 1 where every so many rows show more structure across than noise can. */
static int is_plainly_uneven(const struct so_image *strip, double structure) {
    int32_t row_of[GLANCE_ROWS], rows = 0;
    uint8_t areas[GLANCE_ROWS / 2 * SO_AREA_COLUMNS];
    struct so_image blocks = *strip;
    if (strip->height < GLANCE_ROWS || strip->width < 2 * SO_AREA_COLUMNS) {
        return 0;
    }
    const int32_t step = (strip->height + GLANCE_ROWS - 1) / GLANCE_ROWS;
    for (int32_t y = 0; y < strip->height; y += step) {
        row_of[rows++] = y;
    }
    const int32_t count = rows / 2;
    blocks.width = strip->width / SO_AREA_COLUMNS * SO_AREA_COLUMNS;
    so_area_means(&blocks, row_of, 2 * count, count, areas);
    const int32_t top = (int32_t)rint((double)(count * DEEP_TOP) / SO_AREA_ROWS);
    const int32_t bottom = (int32_t)rint((double)(count * DEEP_BOTTOM) / SO_AREA_ROWS);
    const int32_t size = (bottom - top) * SO_AREA_COLUMNS;
    int64_t total = 0, squares = 0;
    for (int32_t i = top; i < bottom; i++) {
        const uint8_t *area = areas + i * SO_AREA_COLUMNS;
        for (int32_t j = 0; j < SO_AREA_COLUMNS / 2; j++) {
            const int32_t difference = area[j] - area[j + SO_AREA_COLUMNS / 2];
            squares += difference * difference;
            total += area[j] + area[j + SO_AREA_COLUMNS / 2];
        }
    }
    const double level = (double)total * (1.0 / (double)size);
    const double limit = AT_A_GLANCE * noise_of(level, structure);
    return (double)squares / 2.0 > limit * limit * (double)size;
}

/* What is left after the straight line along the depth that a noise floor may follow. */
static double residue_of(const struct so_area_sums *deep, double level) {
    const int32_t rows = DEEP_BOTTOM - DEEP_TOP, last = rows - 1, middle = last / 2;
    double spread = 0.0;
    for (int32_t i = 0; i < rows; i++) {
        spread += (double)(SO_AREA_COLUMNS * (i - middle) * (i - middle));
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
            line += areas[i * SO_AREA_COLUMNS + j];
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
    uint8_t areas[SO_AREA_ROWS * SO_AREA_COLUMNS];
    if (is_plainly_uneven(&strip, structure)) {
        return 0;
    }
    so_areas(&strip, areas);
    const struct so_area_sums deep = so_area_sums(areas, DEEP_TOP, DEEP_BOTTOM, 0, SO_AREA_COLUMNS);
    const double level = (double)deep.total / deep.size;
    if (brightest_of(areas) - level < FALL || level > HIGHEST ||
        residue_of(&deep, level) > noise_of(level, structure)) {
        return 0;
    }
    const struct so_area_sums fading =
        so_area_sums(areas, FADING_TOP, FADING_BOTTOM, FADING_LEFT, FADING_RIGHT);
    const double columns = (double)(FADING_RIGHT - FADING_LEFT);
    const double squares = columns * (double)fading.squares - (double)fading.lines;
    const double across = sqrt(squares / (fading.size * columns));
    return across <= FADING_SPREAD * ((double)fading.total / fading.size + 10.0);
}
