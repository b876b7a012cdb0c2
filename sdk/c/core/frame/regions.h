/* From a network's maps to regions in source pixels: processing/postprocess.py. */
#ifndef SONOEDGE_CORE_FRAME_REGIONS_H
#define SONOEDGE_CORE_FRAME_REGIONS_H

#include "../frame_path.h"
#include "geometry.h"
#include "outlines.h"

struct so_regions {
    struct so_outlines outlines;
    struct so_buffer regions; /* struct so_region, most of a frame */
    struct so_buffer probs;   /* double, the frame's, then each region's */
    struct so_buffer contour; /* int32, all regions behind each other */
    uint32_t count;
};

/* What the regions of a frame hang on besides its maps. */
struct so_source {
    int32_t width, height; /* of the frame */
    int has_spacing;
    double spacing_mm[2]; /* rows, columns */
    struct so_geometry geometry;
};

/* The frame's own probabilities as doubles; NULL where the network gives none. Memory for all
 * probabilities is made here: 0, or -1 without any. */
int so_regions_frame_probs(struct so_regions *regions, const struct so_settings *settings,
                           const float *class_probs, const double **probs);

/* Find the regions, most suspicious first. 0, or -1 without memory.
 * probs: as so_regions_frame_probs gave them for this frame. */
int so_regions_find(struct so_regions *regions, const struct so_settings *settings,
                    const struct so_maps *maps, const double *probs,
                    const struct so_source *source);

/* The grade of a network that classifies alone, as a region over the whole picture:
 * processing/classification.py. 0, or -1 without memory. */
int so_regions_grade(struct so_regions *regions, const struct so_postprocess *settings,
                     const double *probs, const struct so_geometry *geometry);
void so_regions_free(struct so_regions *regions);

/* contour.c. A part's outline in source pixels: 2 * part->points numbers at `contour`; fills the
 * region's contour, box and sizes. */
void so_contour(const struct so_part *part, const struct so_image *map, const int32_t within[4],
                int level, const struct so_source *source, int32_t *contour,
                struct so_region *region);

#endif
