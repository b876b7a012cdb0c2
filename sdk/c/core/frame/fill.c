/* Grey, one resize, grey map. */
#include "fill.h"

#include "grey.h"

#include <string.h>

const uint8_t *so_fill_input(struct so_fill *fill, const struct so_preprocess *settings,
                             struct so_image picture, const struct so_geometry *geometry) {
    const size_t stride = (size_t)settings->width, size = stride * (size_t)settings->height;
    const int32_t *placed = geometry->placed;
    const int32_t width = placed[2] - placed[0], height = placed[3] - placed[1];
    if (so_buffer_hold(&fill->input, size, 1, 0) != 0) {
        return NULL;
    }
    uint8_t *input = fill->input.bytes;
    uint8_t *target = input + (size_t)placed[1] * stride + (size_t)placed[0];
    if (memcmp(fill->placed, placed, sizeof fill->placed) != 0) {
        memset(input, settings->pad_value, size);
        memcpy(fill->placed, placed, sizeof fill->placed);
    }
    if (picture.channels != 1) {
        if (so_buffer_hold(&fill->grey, (size_t)picture.height, (size_t)picture.width, 0) != 0) {
            return NULL;
        }
        so_grey(&picture, fill->grey.bytes);
        picture.pixels = fill->grey.bytes;
        picture.stride = (size_t)picture.width;
        picture.channels = 1;
    }
    if (so_resize_to(&fill->resize, &picture, target, stride, width, height) != 0) {
        return NULL;
    }
    if (settings->has_grey_map) {
        for (int32_t y = 0; y < height; y++) {
            uint8_t *row = target + (size_t)y * stride;
            for (int32_t x = 0; x < width; x++) {
                row[x] = settings->grey_map[row[x]];
            }
        }
    }
    return input;
}

void so_fill_free(struct so_fill *fill) {
    so_resize_free(&fill->resize);
    so_buffer_free(&fill->grey);
    so_buffer_free(&fill->input);
}
