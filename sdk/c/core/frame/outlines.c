/* The parts of a map, the largest first. */
#include "outlines.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* 1 where a cell belongs to a part; a frame of zeros around. */
static void mark(int8_t *marks, const struct so_image *map, int level) {
    const int32_t width = map->width;
    const size_t stride = (size_t)width + 2;
    memset(marks, 0, stride);
    for (int32_t y = 0; y < map->height; y++) {
        int8_t *restrict row = marks + (size_t)(y + 1) * stride;
        const uint8_t *restrict levels = so_pixel(map, 0, y);
        row[0] = row[stride - 1] = 0;
        for (int32_t x = 0; x < width; x++) {
            row[x + 1] = levels[x] >= level;
        }
    }
    memset(marks + (size_t)(map->height + 1) * stride, 0, stride);
}

/* Box and size of a border. */
static struct so_part part_of(const int32_t *outline, uint32_t points) {
    struct so_part part = {outline, points, {outline[0], outline[1], outline[0], outline[1]}, 0.0};
    const int32_t *before = outline + 2 * (points - 1);
    int64_t twice = 0; /* the area between the cells' centres */
    for (uint32_t i = 0; i < points; i++) {
        const int32_t *at = outline + 2 * i;
        twice += (int64_t)before[0] * at[1] - (int64_t)before[1] * at[0];
        part.box[0] = at[0] < part.box[0] ? at[0] : part.box[0];
        part.box[1] = at[1] < part.box[1] ? at[1] : part.box[1];
        part.box[2] = at[0] > part.box[2] ? at[0] : part.box[2];
        part.box[3] = at[1] > part.box[3] ? at[1] : part.box[3];
        before = at;
    }
    part.box[2]++;
    part.box[3]++;
    part.cells = (double)llabs(twice) / 2.0 + (double)points / 2.0 + 1.0;
    return part;
}

/* Put a part behind those that are as large, if there is room. */
static int32_t insert(struct so_part *parts, int32_t count, int32_t most, struct so_part part) {
    int32_t at = count < most ? count : most - 1;
    if (count == most && part.cells <= parts[most - 1].cells) {
        return count;
    }
    while (at > 0 && parts[at - 1].cells < part.cells) {
        parts[at] = parts[at - 1];
        at--;
    }
    parts[at] = part;
    return count < most ? count + 1 : most;
}

int32_t so_outlines_find(struct so_outlines *outlines, const struct so_image *map,
                         const int32_t within[4], const struct so_part_rules *rules,
                         const struct so_part **parts) {
    const struct so_image inside = so_part_of(map, within);
    int32_t count = 0, kept = 0;
    if (so_buffer_hold(&outlines->marks, (size_t)inside.height + 2, (size_t)inside.width + 2, 0) !=
            0 ||
        so_buffer_hold(&outlines->parts, (size_t)rules->most, sizeof(struct so_part), 0) != 0) {
        return -1;
    }
    mark(outlines->marks.bytes, &inside, rules->level);
    if (so_borders(outlines->marks.bytes, inside.width, inside.height, within, &outlines->points,
                   &outlines->found, &count) != 0) {
        return -1;
    }
    struct so_part *largest = outlines->parts.bytes;
    const struct so_border *borders = outlines->found.bytes;
    const int32_t *points = outlines->points.bytes;
    for (int32_t i = count - 1; i >= 0; i--) { /* OpenCV gives the last one that is found first */
        const struct so_part part = part_of(points + 2 * borders[i].first, borders[i].points);
        if (part.cells >= rules->min_cells) {
            kept = insert(largest, kept, rules->most, part);
        }
    }
    *parts = largest;
    return kept;
}

void so_outlines_free(struct so_outlines *outlines) {
    so_buffer_free(&outlines->marks);
    so_buffer_free(&outlines->points);
    so_buffer_free(&outlines->found);
    so_buffer_free(&outlines->parts);
    so_buffer_free(&outlines->solid);
}
