#include "png_rows.h"

#include <string.h>

static uint8_t paeth(int left, int above, int corner) {
    int estimate = left + above - corner;
    int to_left = estimate > left ? estimate - left : left - estimate;
    int to_above = estimate > above ? estimate - above : above - estimate;
    int to_corner = estimate > corner ? estimate - corner : corner - estimate;
    if (to_left <= to_above && to_left <= to_corner) {
        return (uint8_t)left;
    }
    return (uint8_t)(to_above <= to_corner ? above : corner);
}

/* One row; above is NULL for the first, whose row above counts as zeros. */
static const char *row(unsigned filter, const uint8_t *from, size_t bytes, size_t channels,
                       const uint8_t *above, uint8_t *to) {
    if (filter > 4) {
        return "a row has a filter that there is not";
    }
    if (filter == 0) {
        memcpy(to, from, bytes);
        return NULL;
    }
    for (size_t i = 0; i < bytes; i++) {
        int left = i < channels ? 0 : to[i - channels];
        int up = above == NULL ? 0 : above[i];
        int corner = i < channels || above == NULL ? 0 : above[i - channels];
        int guess = filter == 1   ? left
                    : filter == 2 ? up
                    : filter == 3 ? (left + up) / 2
                                  : paeth(left, up, corner);
        to[i] = (uint8_t)(from[i] + guess);
    }
    return NULL;
}

static void swap_red_and_blue(uint8_t *pixels, size_t count) {
    for (; count != 0; count--, pixels += 3) {
        uint8_t red = pixels[0];
        pixels[0] = pixels[2];
        pixels[2] = red;
    }
}

const char *so_png_rows(const uint8_t *rows, size_t width, size_t height, size_t channels,
                        uint8_t *pixels) {
    size_t bytes = width * channels;
    for (size_t y = 0; y < height; y++) {
        const uint8_t *from = rows + y * (bytes + 1);
        const uint8_t *above = y == 0 ? NULL : pixels + (y - 1) * bytes;
        const char *fault = row(from[0], from + 1, bytes, channels, above, pixels + y * bytes);
        if (fault != NULL) {
            return fault;
        }
    }
    if (channels == 3) {
        swap_red_and_blue(pixels, width * height);
    }
    return NULL;
}
