/* A colour overlay, such as colour Doppler: guard/colour.py. */
#include "guard.h"

double so_guard_coloured(const struct so_image *picture, int32_t level) {
    int64_t coloured = 0, size = 0;
    for (int32_t y = 0; y < picture->height; y += 8) {
        const uint8_t *pixel = so_pixel(picture, 0, y);
        for (int32_t x = 0; x < picture->width; x += 8, pixel += 24, size++) {
            const int low = pixel[0] < pixel[1] ? pixel[0] : pixel[1];
            const int high = pixel[0] > pixel[1] ? pixel[0] : pixel[1];
            const int lowest = low < pixel[2] ? low : pixel[2];
            const int highest = high > pixel[2] ? high : pixel[2];
            coloured += highest - lowest >= level;
        }
    }
    return (double)coloured / (double)size;
}
