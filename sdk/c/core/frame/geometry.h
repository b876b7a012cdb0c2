/* Where a network's input lies in the source frame, and the way back: processing/geometry.py. */
#ifndef SONOEDGE_CORE_FRAME_GEOMETRY_H
#define SONOEDGE_CORE_FRAME_GEOMETRY_H

#include "../settings.h"

/* Boxes are (x0, y0, x1, y1), x1 and y1 exclusive. */
struct so_geometry {
    int32_t roi[4];    /* in source pixels, not empty */
    int32_t input_width, input_height;
    int32_t placed[4]; /* of the resized region within the input */
};

/* geometry.pixel_aspect: a pixel's width over its height. NULL where a frame says nothing. */
double so_pixel_aspect(const double *spacing_mm, const double *aspect);

/* The geometry of a frame of width x height.
 *
 * roi: where the source says that the picture lies, or NULL; the settings' own goes before it.
 * 0, or -1: the region of interest is empty, or pixels too wide to be placed. */
int so_geometry_fit(const struct so_preprocess *settings, int32_t width, int32_t height,
                    const int32_t *roi, double aspect, struct so_geometry *geometry);

/* Factors and shifts from the cells of a map to source pixels, x and y. */
struct so_way_back {
    double gain[2], shift[2];
};
struct so_way_back so_geometry_way_back(const struct so_geometry *geometry, int32_t map_width,
                                        int32_t map_height);

/* The cells of a map whose centres lie on the picture. */
void so_geometry_placed_in_map(const struct so_geometry *geometry, int32_t map_width,
                               int32_t map_height, int32_t box[4]);

#endif
