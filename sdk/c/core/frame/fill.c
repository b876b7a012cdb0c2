/* Grey, one resize, grey map. */
#include "fill.h"

#include "grey.h"

#include <math.h>
#include <string.h>

#define GREY_STEP 4

/* How bright it is: processing/grey.py, in whole numbers until the last step. */
void so_fill_levels(const struct so_preprocess *settings, struct so_input *input) {
    int64_t total = 0, squares = 0;
    for (int32_t y = 0; y < settings->height; y += GREY_STEP) {
        const uint8_t *row = input->pixels + (size_t)y * (size_t)settings->width;
        for (int32_t x = 0; x < settings->width; x += GREY_STEP) {
            total += row[x];
            squares += row[x] * row[x];
        }
    }
    const int64_t columns = (settings->width + GREY_STEP - 1) / GREY_STEP;
    const int64_t rows = (settings->height + GREY_STEP - 1) / GREY_STEP, count = columns * rows;
    input->grey_mean = (double)total / (double)count;
    input->grey_deviation = sqrt((double)(count * squares - total * total)) / (double)count;
}

int so_fill_into(struct so_fill *fill, const struct so_preprocess *settings,
                 struct so_image picture, const struct so_geometry *geometry,
                 struct so_input *input) {
    const size_t stride = (size_t)settings->width, size = stride * (size_t)settings->height;
    const int32_t *placed = geometry->placed;
    const int32_t width = placed[2] - placed[0], height = placed[3] - placed[1];
    uint8_t *target = input->pixels + (size_t)placed[1] * stride + (size_t)placed[0];
    if (memcmp(input->placed, placed, sizeof input->placed) != 0) {
        memset(input->pixels, settings->pad_value, size);
        memcpy(input->placed, placed, sizeof input->placed);
    }
    if (picture.channels != 1) {
        if (so_buffer_hold(&fill->grey, (size_t)picture.height, (size_t)picture.width, 0) != 0) {
            return -1;
        }
        so_grey(&picture, fill->grey.bytes);
        picture.pixels = fill->grey.bytes;
        picture.stride = (size_t)picture.width;
        picture.channels = 1;
    }
    if (so_resize_to(&fill->resize, &picture, target, stride, width, height) != 0) {
        return -1;
    }
    if (settings->has_grey_map) {
        for (int32_t y = 0; y < height; y++) {
            uint8_t *row = target + (size_t)y * stride;
            for (int32_t x = 0; x < width; x++) {
                row[x] = settings->grey_map[row[x]];
            }
        }
    }
    return 0;
}

const uint8_t *so_fill_own(struct so_fill *fill, const struct so_preprocess *settings,
                           struct so_image picture, const struct so_geometry *geometry) {
    const size_t size = (size_t)settings->width * (size_t)settings->height;
    if (so_buffer_hold(&fill->bytes, size, 1, 0) != 0) {
        return NULL;
    }
    fill->own.pixels = fill->bytes.bytes;
    return so_fill_into(fill, settings, picture, geometry, &fill->own) == 0 ? fill->own.pixels
                                                                            : NULL;
}

void so_fill_free(struct so_fill *fill) {
    so_resize_free(&fill->resize);
    so_buffer_free(&fill->grey);
    so_buffer_free(&fill->bytes);
}
