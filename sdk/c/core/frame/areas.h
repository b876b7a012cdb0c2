/* Means over small areas of a picture, for guard/contact.py. */
#ifndef SONOEDGE_CORE_FRAME_AREAS_H
#define SONOEDGE_CORE_FRAME_AREAS_H

#include "picture.h"

#define SO_AREA_COLUMNS 8
#define SO_AREA_ROWS 32

/* Grey means over whole blocks, (count, SO_AREA_COLUMNS), of `rows` rows of a picture whose width
 * is a multiple of SO_AREA_COLUMNS. */
void so_area_means(const struct so_image *strip, const int32_t *row_of, int32_t rows,
                   int32_t count, uint8_t *areas);
/* Means over areas of the whole depth, (SO_AREA_ROWS, SO_AREA_COLUMNS). */
void so_areas(const struct so_image *strip, uint8_t areas[SO_AREA_ROWS * SO_AREA_COLUMNS]);

/* Sums over a box of areas, whole numbers: any order of adding gives the same. */
struct so_area_sums {
    int64_t total, squares;
    int64_t lines; /* squares of the rows' sums */
    int64_t along; /* the rows' sums, each times its distance from the middle row */
    double size;
};
struct so_area_sums so_area_sums(const uint8_t *areas, int32_t top, int32_t bottom, int32_t left,
                                 int32_t right);

#endif
