/* From a picture to the network's input: processing/preprocess.py. */
#ifndef SONOEDGE_CORE_FRAME_FILL_H
#define SONOEDGE_CORE_FRAME_FILL_H

#include "../frame_path.h"
#include "geometry.h"
#include "resize.h"

/* All zero is one that was never used. */
struct so_fill {
    struct so_resize resize;
    struct so_buffer grey;  /* of a picture in colour */
    struct so_buffer bytes; /* of `own` */
    struct so_input own;
};

/* Fill an input with a picture, the region of interest of the geometry. 0, or -1 without memory. */
int so_fill_into(struct so_fill *fill, const struct so_preprocess *settings,
                 struct so_image picture, const struct so_geometry *geometry,
                 struct so_input *input);
/* Say how bright an input is that was filled. */
void so_fill_levels(const struct so_preprocess *settings, struct so_input *input);
/* so_fill_into so_fill's own, until the next call; NULL without memory. */
const uint8_t *so_fill_own(struct so_fill *fill, const struct so_preprocess *settings,
                           struct so_image picture, const struct so_geometry *geometry);
void so_fill_free(struct so_fill *fill);

#endif
