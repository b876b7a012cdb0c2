/* The mean of a map inside of an outline, its own cells and holes included. */
#include "outlines.h"

#include <string.h>

/* Cells of the box: 1 where they are the outline's own or inside of it, else 0. */
static void fill(uint8_t *solid, const struct so_part *part) {
    const int32_t x0 = part->box[0], y0 = part->box[1];
    const int32_t width = part->box[2] - x0, height = part->box[3] - y0;
    const int32_t *before = part->outline + 2 * (part->points - 1);
    memset(solid, 0, (size_t)width * (size_t)height);
    /* Bit 0: an odd number of the outline's steps cross the row here. Bit 1: of the outline. */
    for (uint32_t i = 0; i < part->points; i++) {
        const int32_t *at = part->outline + 2 * i;
        const int32_t *upper = before[1] < at[1] ? before : at;
        if (before[1] != at[1]) {
            solid[(size_t)(upper[1] - y0) * (size_t)width + (size_t)(upper[0] - x0)] ^= 1;
        }
        solid[(size_t)(at[1] - y0) * (size_t)width + (size_t)(at[0] - x0)] |= 2;
        before = at;
    }
    for (int32_t y = 0; y < height; y++) {
        uint8_t *row = solid + (size_t)y * (size_t)width;
        uint8_t inside = 0;
        for (int32_t x = 0; x < width; x++) {
            inside ^= row[x] & 1;
            row[x] = inside | (row[x] >> 1);
        }
    }
}

double so_part_mean(struct so_buffer *solid, const struct so_part *part,
                    const struct so_image *map) {
    const int32_t width = part->box[2] - part->box[0], height = part->box[3] - part->box[1];
    int64_t total = 0, count = 0;
    if (so_buffer_hold(solid, (size_t)height, (size_t)width, 0) != 0) {
        return -1.0;
    }
    fill(solid->bytes, part);
    for (int32_t y = 0; y < height; y++) {
        const uint8_t *row = (const uint8_t *)solid->bytes + (size_t)y * (size_t)width;
        const uint8_t *levels = so_pixel(map, part->box[0], part->box[1] + y);
        int32_t sum = 0, cells = 0;
        for (int32_t x = 0; x < width; x++) {
            sum += row[x] * levels[x];
            cells += row[x];
        }
        total += sum;
        count += cells;
    }
    return (double)total * (1.0 / (double)count) / 255.0;
}
