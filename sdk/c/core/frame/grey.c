/* Colour to grey. */
#include "grey.h"

#include "picture.h"

#include <string.h>

/* `step` is a number that the compiler knows, so that it makes vectors of the loop. */
#if defined(__GNUC__)
__attribute__((always_inline))
#endif
static inline void
row_of(const uint8_t *restrict from, uint8_t *restrict to, int32_t width, int32_t step) {
    for (int32_t x = 0; x < width; x++) {
        to[x] = so_grey_of(from[step * x], from[step * x + 1], from[step * x + 2]);
    }
}

static void row_of_three(const uint8_t *from, uint8_t *to, int32_t width) {
    row_of(from, to, width, 3);
}

#if defined(__GNUC__) && defined(__x86_64__)
/* The same whole numbers by instructions that not every x86-64 has: its shuffles pick channels
 * apart, which takes less than half the time. */
__attribute__((target("ssse3"))) static void row_of_three_shuffled(const uint8_t *from, uint8_t *to,
                                                                   int32_t width) {
    row_of(from, to, width, 3);
}
#endif

void so_grey(const struct so_image *picture, uint8_t *grey) {
    const int32_t width = picture->width;
    void (*three)(const uint8_t *, uint8_t *, int32_t) = row_of_three;
#if defined(__GNUC__) && defined(__x86_64__)
    if (__builtin_cpu_supports("ssse3")) {
        three = row_of_three_shuffled;
    }
#endif
    for (int32_t y = 0; y < picture->height; y++) {
        const uint8_t *from = so_pixel(picture, 0, y);
        uint8_t *to = grey + (size_t)y * (size_t)width;
        if (picture->channels == 1) {
            memcpy(to, from, (size_t)width);
        } else if (picture->channels == 3) {
            three(from, to, width);
        } else {
            row_of(from, to, width, 4);
        }
    }
}

void so_drop_fourth(const struct so_image *picture, uint8_t *bgr) {
    const int32_t width = picture->width;
    for (int32_t y = 0; y < picture->height; y++) {
        const uint8_t *restrict from = so_pixel(picture, 0, y);
        uint8_t *restrict to = bgr + (size_t)y * (size_t)width * 3;
        for (int32_t x = 0; x < width; x++) {
            to[3 * x] = from[4 * x];
            to[3 * x + 1] = from[4 * x + 1];
            to[3 * x + 2] = from[4 * x + 2];
        }
    }
}
