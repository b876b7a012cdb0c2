/* The exact resize of processing/resize.py, for grey pictures. */
#ifndef SONOEDGE_CORE_FRAME_RESIZE_H
#define SONOEDGE_CORE_FRAME_RESIZE_H

#include "picture.h"

/* Where an output pixel lies between two. */
struct so_lean {
    uint64_t weights; /* of 256: the second's below, the first's from bit 32 on */
    int32_t first;    /* pixel; the second follows it, but for a weight of 0 it is not there */
};

/* A resize with its memory. All zero is one that was never used. */
struct so_resize {
    int32_t w, h, width, height; /* that the tables were made for */
    struct so_buffer columns, rows; /* struct so_lean, of the linear step */
    struct so_buffer line;          /* one row between two and a pixel more, uint32 */
    struct so_buffer sums;          /* one row's block sums, uint32 */
    struct so_buffer between;       /* the picture between two steps */
};

/* Resize a grey picture to width x height, at `to` with `stride` bytes from a row to the next.
 * 0, or -1 without memory. */
int so_resize_to(struct so_resize *resize, const struct so_image *picture, uint8_t *to,
                 size_t stride, int32_t width, int32_t height);
void so_resize_free(struct so_resize *resize);

/* blocks.c. INTER_AREA by whole factors: blocks of kx x ky pixels averaged.
 * sums: width of the result. */
void so_blocks(const struct so_image *picture, int32_t kx, int32_t ky, uint32_t *sums, uint8_t *to,
               size_t stride);

/* linear.c. INTER_LINEAR_EXACT. */
void so_leans(struct so_lean *leans, int32_t from, int32_t to);
void so_linear(const struct so_image *picture, const struct so_lean *columns,
               const struct so_lean *rows, uint32_t *line, uint8_t *to, size_t stride,
               int32_t width, int32_t height);

#endif
