/* The exact resize of processing/resize.py, for grey pictures. */
#ifndef SONOEDGE_CORE_FRAME_RESIZE_H
#define SONOEDGE_CORE_FRAME_RESIZE_H

#include "picture.h"

/* Loops over rows are compiled twice where the processor may have wider vectors; the numbers are
 * whole, and the same. */
#if defined(__GNUC__)
#define SO_INLINE __attribute__((always_inline))
#else
#define SO_INLINE
#endif
#ifndef SO_HAS_AVX2
#if defined(__GNUC__) && defined(__x86_64__)
#define SO_HAS_AVX2 1 /* the compiler has; the processor is asked */
#else
#define SO_HAS_AVX2 0
#endif
#endif

/* Where an output pixel lies between two. */
struct so_lean {
    uint64_t weights; /* of 256: the second's below, the first's from bit 32 on */
    int32_t first;    /* pixel; the second follows it, but for a weight of 0 it is not there */
};

/* Four output pixels of a row, as a vector takes them: what they lie between, from `first` on. */
struct so_four {
    int32_t first;
    uint8_t shuffle[16]; /* bytes of eight pixels: the two of each */
    int16_t weights[8];  /* of 256, of these two */
};
#define SO_BEYOND 8 /* values behind a row that such a vector may read */

/* A resize with its memory. All zero is one that was never used. */
struct so_resize {
    int32_t w, h, width, height; /* that the tables were made for */
    struct so_buffer columns, rows; /* struct so_lean, of the linear step */
    struct so_buffer fours;         /* struct so_four */
    int is_wide;                    /* the fours are those of the columns */
    struct so_buffer line;          /* one row between two and SO_BEYOND more, uint32 */
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

#if SO_HAS_AVX2
/* linear_avx2.c. The same, where so_fours_of says 1: (width + 3) / 4 fours are those of the
 * columns. line: SO_BEYOND longer than the picture is wide. */
int so_fours_of(const struct so_lean *columns, int32_t width, struct so_four *fours);
void so_linear_avx2(const struct so_image *picture, const struct so_four *fours,
                    const struct so_lean *rows, uint16_t *line, uint8_t *to, size_t stride,
                    int32_t width, int32_t height);
#endif

#endif
