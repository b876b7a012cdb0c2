/* Connected parts of a map at a threshold, as outlines of whole cells: processing/outlines.py. */
#ifndef SONOEDGE_CORE_FRAME_OUTLINES_H
#define SONOEDGE_CORE_FRAME_OUTLINES_H

#include "picture.h"

/* One connected part. */
struct so_part {
    const int32_t *outline; /* x, y, x, y, ... in cells of the whole map */
    uint32_t points;
    int32_t box[4]; /* x0, y0, x1, y1 of the outline */
    double cells;   /* that the outline encloses, its own included (Pick's theorem, 1899) */
};

struct so_outlines {
    struct so_buffer marks;  /* int8, the map's part with a frame of zeros */
    struct so_buffer points; /* int32, all outlines behind each other */
    struct so_buffer found;  /* of struct found, in the order of finding */
    struct so_buffer parts;  /* struct so_part, the largest first */
    struct so_buffer solid;  /* uint8, of one part's box */
};

struct so_part_rules {
    int level;        /* from which a cell belongs to a part, 1 to 255 */
    double min_cells; /* smaller parts are dropped */
    int32_t most;     /* at most so many parts, the largest */
};

/* The parts of a map within a box, the largest first. How many, or -1 without memory. They last
 * until the next call. */
int32_t so_outlines_find(struct so_outlines *outlines, const struct so_image *map,
                         const int32_t within[4], const struct so_part_rules *rules,
                         const struct so_part **parts);
void so_outlines_free(struct so_outlines *outlines);

/* borders.c. Outer borders of what is 1 among zeros, as cv2.findContours gives them with
 * RETR_EXTERNAL and CHAIN_APPROX_NONE. `marks` is overwritten: int8, height + 2 rows of width + 2,
 * zeros around. Each border's first point is at (x0, y0) for marks[1][1].
 * 0, or -1 without memory. */
struct so_border {
    size_t first; /* index of its first point in `points` */
    uint32_t points;
};
int so_borders(int8_t *marks, int32_t width, int32_t height, const int32_t origin[2],
               struct so_buffer *points, struct so_buffer *borders, int32_t *count);

/* solid.c. Mean probability of a whole map inside a part's outline; -1.0 without memory. */
double so_part_mean(struct so_buffer *solid, const struct so_part *part,
                    const struct so_image *map);

#endif
