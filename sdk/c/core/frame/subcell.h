/* An outline moved to where the map crosses the threshold between cells: processing/subcell.py. */
#ifndef SONOEDGE_CORE_FRAME_SUBCELL_H
#define SONOEDGE_CORE_FRAME_SUBCELL_H

#include "outlines.h"

/* The crossing at one cell of an outline, in cells of the whole map. Beyond `within` the map's
 * edge goes on. */
void so_crossing(const struct so_image *map, const int32_t within[4], const int32_t cell[2],
                 int level, double point[2]);

#endif
