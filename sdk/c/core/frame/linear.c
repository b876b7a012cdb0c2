/* INTER_LINEAR_EXACT in whole numbers: see processing/resize.py. */
#include "resize.h"

#include <math.h>

static struct so_lean lean_of(int32_t first, uint32_t weight) {
    const struct so_lean lean = {(uint64_t)weight | (uint64_t)(256u - weight) << 32, first};
    return lean;
}

void so_leans(struct so_lean *leans, int32_t from, int32_t to) {
    const double step = 1.0 / ((double)to / (double)from);
    for (int32_t i = 0; i < to; i++) {
        const double f = step * ((double)i + 0.5) - 0.5;
        const double left = floor(f);
        if (left < 0.0) {
            leans[i] = lean_of(0, 0);
        } else if (left >= (double)(from - 1)) {
            leans[i] = lean_of(from - 1, 0);
        } else {
            leans[i] = lean_of((int32_t)left, (uint32_t)rint((f - left) * 256.0));
        }
    }
}

/* The pixel between two of a row: both products in one, their sum in its upper half. What is in
 * the lower half is at most 256 * 65280, so that nothing is carried. */
static inline uint8_t between(const uint32_t *pair, uint64_t weights) {
    const uint64_t both = (uint64_t)pair[0] | (uint64_t)pair[1] << 32;
    return (uint8_t)((both * weights + ((uint64_t)32768 << 32)) >> 48);
}

/* Both steps are exact until the last shift, so that either may come first: two rows to one is
 * what a compiler vectorises. */
void so_linear(const struct so_image *picture, const struct so_lean *columns,
               const struct so_lean *rows, uint32_t *line, uint8_t *to, size_t stride,
               int32_t width, int32_t height) {
    uint32_t *restrict row = line;
    const int32_t from = picture->width; /* in a local: a byte that is stored could change it */
    row[from] = 0; /* beyond the last pixel: its weight is 0 */
    for (int32_t y = 0; y < height; y++) {
        const uint16_t c = (uint16_t)rows[y].weights, rest = (uint16_t)(256 - c);
        const uint8_t *restrict top = so_pixel(picture, 0, rows[y].first);
        const uint8_t *restrict below = c == 0 ? top : top + picture->stride;
        uint8_t *restrict out = to + (size_t)y * stride;
        for (int32_t x = 0; x < from; x++) {
            row[x] = (uint16_t)(rest * top[x] + c * below[x]);
        }
        for (int32_t x = 0; x < width; x++) {
            out[x] = between(row + columns[x].first, columns[x].weights);
        }
    }
}
