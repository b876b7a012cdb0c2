/* From a picture to the network's input: processing/preprocess.py. */
#ifndef SONOEDGE_CORE_FRAME_FILL_H
#define SONOEDGE_CORE_FRAME_FILL_H

#include "geometry.h"
#include "resize.h"

/* All zero is one that was never used. */
struct so_fill {
    struct so_resize resize;
    struct so_buffer grey;  /* of a picture in colour */
    struct so_buffer input; /* uint8 [height, width] */
    int32_t placed[4];      /* what lies outside of it is padding already */
};

/* The input of a picture, the region of interest of the geometry; it is so_fill's own, until the
 * next call. NULL without memory. */
const uint8_t *so_fill_input(struct so_fill *fill, const struct so_preprocess *settings,
                             struct so_image picture, const struct so_geometry *geometry);
void so_fill_free(struct so_fill *fill);

#endif
