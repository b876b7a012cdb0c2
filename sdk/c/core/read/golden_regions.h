/* The regions that a variant gave for each golden frame: bundle/golden.py's JSON. */
#ifndef SONOEDGE_CORE_READ_GOLDEN_REGIONS_H
#define SONOEDGE_CORE_READ_GOLDEN_REGIONS_H

#include "../bundle.h"

struct so_golden_answer {
    int is_flagged;
    uint32_t region_count;
    struct so_golden_region *regions; /* most suspicious first */
};

/* frames answers, in the arena.
 * path: the file, for the problem's sentence. */
sonoedge_error so_golden_regions_read(struct so_arena *arena, const uint8_t *data, size_t bytes,
                                      const char *path, uint32_t frames,
                                      struct so_golden_answer **answers,
                                      struct so_problem *problem);

#endif
