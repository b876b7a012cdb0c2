/* A part's outline in source pixels, its box and its size. */
#include "regions.h"

#include "subcell.h"

#include <math.h>

/* Area between points, added up as cv2.contourArea does it: in float64, of float32 points. */
struct area {
    double twice;
    float last[2];
};

static void add_to(struct area *area, const float point[2]) {
    area->twice += (double)area->last[0] * (double)point[1] -
                   (double)area->last[1] * (double)point[0];
    area->last[0] = point[0];
    area->last[1] = point[1];
}

struct mapping {
    const struct so_image *map;
    const int32_t *within;
    int level;
    struct so_way_back way;
};

static void in_source(const struct mapping *mapping, const int32_t *cell, double point[2]) {
    so_crossing(mapping->map, mapping->within, cell, mapping->level, point);
    for (int axis = 0; axis < 2; axis++) {
        point[axis] = point[axis] * mapping->way.gain[axis] + mapping->way.shift[axis];
    }
}

static int32_t clipped(int32_t value, int32_t size) {
    return value < 0 ? 0 : value >= size ? size - 1 : value;
}

void so_contour(const struct so_part *part, const struct so_image *map, const int32_t within[4],
                int level, const struct so_source *source, int32_t *contour,
                struct so_region *region) {
    const struct mapping mapping = {
        map, within, level, so_geometry_way_back(&source->geometry, map->width, map->height)};
    const int32_t size[2] = {source->width, source->height};
    struct area area = {0.0, {0.0f, 0.0f}};
    double point[2];
    in_source(&mapping, part->outline + 2 * (part->points - 1), point);
    area.last[0] = (float)point[0];
    area.last[1] = (float)point[1];
    for (uint32_t i = 0; i < part->points; i++) {
        in_source(&mapping, part->outline + 2 * i, point);
        const float exact[2] = {(float)point[0], (float)point[1]};
        add_to(&area, exact);
        for (int axis = 0; axis < 2; axis++) {
            const int32_t at = clipped((int32_t)rint(point[axis]), size[axis]);
            contour[2 * i + (uint32_t)axis] = at;
            if (i == 0 || at < region->box[axis]) {
                region->box[axis] = at;
            }
            if (i == 0 || at + 1 > region->box[axis + 2]) {
                region->box[axis + 2] = at + 1;
            }
        }
    }
    region->contour = contour;
    region->points = part->points;
    region->area_px = fabs(area.twice * 0.5);
    region->has_mm = source->has_spacing;
    if (source->has_spacing) {
        const double rows = source->spacing_mm[0], columns = source->spacing_mm[1];
        region->area_mm2 = region->area_px * rows * columns;
        region->width_mm = (double)(region->box[2] - region->box[0]) * columns;
        region->height_mm = (double)(region->box[3] - region->box[1]) * rows;
    }
}
