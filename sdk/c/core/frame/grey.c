/* Colour to grey. */
#include "grey.h"

#include "picture.h"

#include <string.h>

void so_grey(const struct so_image *picture, uint8_t *grey) {
    const int32_t width = picture->width;
    for (int32_t y = 0; y < picture->height; y++) {
        const uint8_t *restrict from = so_pixel(picture, 0, y);
        uint8_t *restrict to = grey + (size_t)y * (size_t)width;
        if (picture->channels == 1) {
            memcpy(to, from, (size_t)width);
        } else if (picture->channels == 3) {
            for (int32_t x = 0; x < width; x++) {
                to[x] = so_grey_of(from[3 * x], from[3 * x + 1], from[3 * x + 2]);
            }
        } else {
            for (int32_t x = 0; x < width; x++) {
                to[x] = so_grey_of(from[4 * x], from[4 * x + 1], from[4 * x + 2]);
            }
        }
    }
}

void so_drop_fourth(const struct so_image *picture, uint8_t *bgr) {
    for (int32_t y = 0; y < picture->height; y++) {
        const uint8_t *restrict from = so_pixel(picture, 0, y);
        uint8_t *restrict to = bgr + (size_t)y * (size_t)picture->width * 3;
        for (int32_t x = 0; x < picture->width; x++) {
            to[3 * x] = from[4 * x];
            to[3 * x + 1] = from[4 * x + 1];
            to[3 * x + 2] = from[4 * x + 2];
        }
    }
}
