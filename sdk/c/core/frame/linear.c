/* INTER_LINEAR_EXACT in whole numbers: see processing/resize.py. */
#include "resize.h"

#include <math.h>

void so_leans(struct so_lean *leans, int32_t from, int32_t to) {
    const double step = 1.0 / ((double)to / (double)from);
    for (int32_t i = 0; i < to; i++) {
        const double f = step * ((double)i + 0.5) - 0.5;
        const double left = floor(f);
        struct so_lean *lean = &leans[i];
        if (left < 0.0) {
            lean->first = lean->second = 0;
            lean->weight = 0;
        } else if (left >= (double)(from - 1)) {
            lean->first = lean->second = from - 1;
            lean->weight = 0;
        } else {
            lean->first = (int32_t)left;
            lean->second = lean->first + 1;
            lean->weight = (uint16_t)rint((f - left) * 256.0);
        }
    }
}

/* Both steps are exact until the last shift, so that either may come first: two rows to one is
 * what a compiler vectorises. */
void so_linear(const struct so_image *picture, const struct so_lean *columns,
               const struct so_lean *rows, uint16_t *line, uint8_t *to, size_t stride,
               int32_t width, int32_t height) {
    uint16_t *restrict between = line;
    for (int32_t y = 0; y < height; y++) {
        const uint8_t *restrict top = so_pixel(picture, 0, rows[y].first);
        const uint8_t *restrict below = so_pixel(picture, 0, rows[y].second);
        const uint16_t c = rows[y].weight, rest = (uint16_t)(256 - c);
        uint8_t *restrict out = to + (size_t)y * stride;
        for (int32_t x = 0; x < picture->width; x++) {
            between[x] = (uint16_t)(rest * top[x] + c * below[x]);
        }
        for (int32_t x = 0; x < width; x++) {
            const uint32_t k = columns[x].weight;
            const uint32_t first = between[columns[x].first], second = between[columns[x].second];
            out[x] = (uint8_t)(((256u - k) * first + k * second + 32768u) >> 16);
        }
    }
}
