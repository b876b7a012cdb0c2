/* Source pixels to the network's input, and back. */
#include "geometry.h"

#include <math.h>

#define SQUARE_WITHIN 0.01

static int32_t smaller(int32_t a, int32_t b) {
    return a < b ? a : b;
}

static int32_t larger(int32_t a, int32_t b) {
    return a > b ? a : b;
}

double so_pixel_aspect(const double *spacing_mm, const double *aspect) {
    double ratio;
    if (spacing_mm != NULL) {
        const double rows = spacing_mm[0], columns = spacing_mm[1];
        if (rows == columns || !(rows > 0.0)) {
            return 1.0;
        }
        ratio = columns / rows;
    } else if (aspect != NULL) {
        ratio = *aspect;
    } else {
        return 1.0;
    }
    if (!(ratio > 0.0 && ratio < (double)INFINITY) || fabs(ratio - 1.0) <= SQUARE_WITHIN) {
        return 1.0;
    }
    return ratio;
}

/* Roi.box_px along one axis. A manifest's number may be beyond every integer. */
static void along(double from, double to, int is_fraction, int32_t size, int32_t edges[2]) {
    const double factor = is_fraction ? (double)size : 1.0;
    const double end = rint(to * factor), begin = rint(from * factor);
    edges[1] = end < (double)size ? (int32_t)end : size;
    edges[0] = begin < (double)edges[1] ? (int32_t)begin : edges[1];
}

static void box_of(const struct so_preprocess *settings, int32_t width, int32_t height,
                   const int32_t *roi, int32_t box[4]) {
    int32_t edges[2];
    if (settings->has_roi) {
        const struct so_roi *own = &settings->roi;
        along(own->x0, own->x1, own->is_fraction, width, edges);
        box[0] = edges[0];
        box[2] = edges[1];
        along(own->y0, own->y1, own->is_fraction, height, edges);
        box[1] = edges[0];
        box[3] = edges[1];
    } else if (roi != NULL) {
        box[0] = larger(0, roi[0]);
        box[1] = larger(0, roi[1]);
        box[2] = smaller(width, roi[2]);
        box[3] = smaller(height, roi[3]);
    } else {
        box[0] = box[1] = 0;
        box[2] = width;
        box[3] = height;
    }
}

/* A length of the input, 1 to `most`. */
static int32_t length(double pixels, int32_t most) {
    const double whole = rint(pixels);
    return larger(1, whole < (double)most ? (int32_t)whole : most);
}

int so_geometry_fit(const struct so_preprocess *settings, int32_t width, int32_t height,
                    const int32_t *roi, double aspect, struct so_geometry *geometry) {
    int32_t *box = geometry->roi, *placed = geometry->placed;
    const int32_t cols = settings->width, rows = settings->height;
    box_of(settings, width, height, roi, box);
    if (box[2] <= box[0] || box[3] <= box[1] || !isfinite((double)(box[2] - box[0]) * aspect)) {
        return -1;
    }
    geometry->input_width = cols;
    geometry->input_height = rows;
    placed[0] = placed[1] = 0;
    placed[2] = cols;
    placed[3] = rows;
    if (!settings->is_stretch) {
        const double wide = (double)(box[2] - box[0]) * aspect, high = (double)(box[3] - box[1]);
        const double across = (double)cols / wide, down = (double)rows / high;
        const double k = down < across ? down : across;
        const int32_t w = length(wide * k, cols), h = length(high * k, rows);
        placed[0] = (cols - w) / 2;
        placed[1] = (rows - h) / 2;
        placed[2] = placed[0] + w;
        placed[3] = placed[1] + h;
    }
    return 0;
}

static void back_along(int32_t roi0, int32_t roi1, int32_t placed0, int32_t placed1, int32_t input,
                       int32_t map, double *gain, double *shift) {
    const double k = (double)(placed1 - placed0) / (double)(roi1 - roi0);
    const double cell = (double)input / (double)map;
    *gain = cell / k;
    *shift = (0.5 * cell - (double)placed0) / k + (double)roi0 - 0.5;
}

struct so_way_back so_geometry_way_back(const struct so_geometry *geometry, int32_t map_width,
                                        int32_t map_height) {
    const int32_t *roi = geometry->roi, *placed = geometry->placed;
    struct so_way_back way;
    back_along(roi[0], roi[2], placed[0], placed[2], geometry->input_width, map_width,
               &way.gain[0], &way.shift[0]);
    back_along(roi[1], roi[3], placed[1], placed[3], geometry->input_height, map_height,
               &way.gain[1], &way.shift[1]);
    return way;
}

void so_geometry_placed_in_map(const struct so_geometry *geometry, int32_t map_width,
                               int32_t map_height, int32_t box[4]) {
    const double kx = (double)map_width / (double)geometry->input_width;
    const double ky = (double)map_height / (double)geometry->input_height;
    const int32_t *placed = geometry->placed;
    box[0] = (int32_t)ceil((double)placed[0] * kx - 0.5);
    box[1] = (int32_t)ceil((double)placed[1] * ky - 0.5);
    box[2] = larger(box[0] + 1, (int32_t)ceil((double)placed[2] * kx - 0.5));
    box[3] = larger(box[1] + 1, (int32_t)ceil((double)placed[3] * ky - 0.5));
}
