/* A test picture's vertical bars: guard/bars.py. */
#include "guard.h"

#include <math.h>
#include <stdlib.h>

#define EVERY 4
#define UPPER 0.6
#define ROWS 12
#define SAME 6.0

/* Levels of a sample's row: every fourth pixel, all channels. */
static int64_t level_of(const struct so_image *picture, int32_t row, int32_t x, int32_t channel) {
    return so_pixel(picture, x * EVERY, row * EVERY)[channel];
}

int so_guard_bars(const struct so_image *picture, double contrast) {
    const int32_t columns = (picture->width + EVERY - 1) / EVERY;
    const int32_t sampled = (picture->height + EVERY - 1) / EVERY;
    const int32_t share = (int32_t)rint((double)sampled * UPPER), channels = picture->channels;
    const int32_t upper = share > 1 ? share : 1;
    const int64_t width = (int64_t)columns * channels;
    int64_t differences = 0;
    /* Two rows tell nearly always. */
    for (int32_t x = 0; x < columns; x++) {
        for (int32_t c = 0; c < channels; c++) {
            differences += llabs(level_of(picture, 0, x, c) - level_of(picture, upper / 2, x, c));
        }
    }
    if ((double)differences > 2.0 * SAME * (double)width) {
        return 0;
    }
    const int32_t step = upper / ROWS > 1 ? upper / ROWS : 1;
    const int64_t count = (upper + step - 1) / step;
    int64_t total = 0, squares = 0, along = 0;
    for (int32_t x = 0; x < columns; x++) {
        for (int32_t c = 0; c < channels; c++) {
            int64_t across = 0;
            for (int32_t row = 0; row < upper; row += step) {
                across += level_of(picture, row, x, c);
            }
            total += across;
            squares += across * across;
            for (int32_t row = 0; row < upper; row += step) {
                along += llabs(count * level_of(picture, row, x, c) - across);
            }
        }
    }
    const double n = (double)count, m = (double)width;
    if (sqrt((double)(width * squares - total * total)) < contrast * n * m) {
        return 0;
    }
    return count > 1 && (double)along <= SAME * n * n * m;
}
