/* Outer borders of connected parts: Suzuki and Abe 1985, in the order and with the first points
 * of cv2.findContours.
 *
 * A cell of a border is marked BORDER, or RIGHT where the cell at its right was found empty. A
 * scan that last met a mark above 0 is inside of a part, and starts no other there.
 */
#include "outlines.h"

#include <string.h>

#define BORDER 2
#define RIGHT (-126)

struct walk {
    int8_t *marks;
    ptrdiff_t stride;
    struct so_buffer *points;
    size_t count; /* of points */
};

/* The eight neighbours, anticlockwise from the right. */
static const int8_t STEPS[8][2] = {{1, 0},  {1, -1}, {0, -1}, {-1, -1},
                                   {-1, 0}, {-1, 1}, {0, 1},  {1, 1}};

static int8_t *neighbour(const struct walk *walk, int8_t *cell, int s) {
    return cell + STEPS[s][1] * walk->stride + STEPS[s][0];
}

static int add_point(struct walk *walk, int32_t x, int32_t y) {
    const size_t bytes = 2 * sizeof(int32_t);
    if (so_buffer_hold(walk->points, walk->count + 1, bytes, walk->count * bytes) != 0) {
        return -1;
    }
    int32_t *at = (int32_t *)walk->points->bytes + 2 * walk->count;
    at[0] = x;
    at[1] = y;
    walk->count++;
    return 0;
}

/* Follow one border from its topmost, leftmost cell at (x, y), and mark it. */
static int follow(struct walk *walk, int8_t *start, int32_t x, int32_t y) {
    int s = 4; /* what lies at the left of it is empty */
    do {
        s = (s + 7) & 7;
    } while (*neighbour(walk, start, s) == 0 && s != 4);
    if (s == 4) {
        *start = RIGHT;
        return add_point(walk, x, y);
    }
    int8_t *last = neighbour(walk, start, s), *cell = start, *next;
    for (;;) {
        const int from = s;
        do {
            s++;
            next = neighbour(walk, cell, s & 7);
        } while (*next == 0);
        s &= 7;
        /* Whether the cell at the right was looked at, and empty. */
        if ((unsigned)(s - 1) < (unsigned)from) {
            *cell = RIGHT;
        } else if (*cell == 1) {
            *cell = BORDER;
        }
        if (add_point(walk, x, y) != 0) {
            return -1;
        }
        x += STEPS[s][0];
        y += STEPS[s][1];
        if (next == start && cell == last) {
            return 0;
        }
        cell = next;
        s = (s + 4) & 7;
    }
}

/* Follow the outer border that begins at (x, y), and note it. */
static int take(struct walk *walk, struct so_buffer *borders, int32_t count, int8_t *cell,
                int32_t x, int32_t y) {
    const size_t first = walk->count;
    if (so_buffer_hold(borders, (size_t)count + 1, sizeof(struct so_border),
                       (size_t)count * sizeof(struct so_border)) != 0 ||
        follow(walk, cell, x, y) != 0) {
        return -1;
    }
    struct so_border *border = (struct so_border *)borders->bytes + count;
    border->first = first;
    border->points = (uint32_t)(walk->count - first);
    return 0;
}

/* The next cell from x on that is another than `before`, `end` at most. Eight at once: most cells
 * are as their neighbours. */
static int32_t next_other(const int8_t *row, int32_t x, int32_t end, int8_t before) {
    const uint64_t same = 0x0101010101010101u * (uint64_t)(uint8_t)before;
    uint64_t eight;
    while (x + 8 <= end) {
        memcpy(&eight, row + x, sizeof eight);
        if (eight != same) {
            break;
        }
        x += 8;
    }
    while (x < end && row[x] == before) {
        x++;
    }
    return x;
}

int so_borders(int8_t *marks, int32_t width, int32_t height, const int32_t origin[2],
               struct so_buffer *points, struct so_buffer *borders, int32_t *count) {
    struct walk walk = {marks, (ptrdiff_t)width + 2, points, 0};
    *count = 0;
    for (int32_t y = 1; y <= height; y++) {
        int8_t *row = marks + y * walk.stride;
        int8_t before = 0, met = 0;
        for (int32_t x = next_other(row, 1, width + 1, before); x <= width;
             x = next_other(row, x + 1, width + 1, before)) {
            if (before == 0 && row[x] == 1 && met <= 0) {
                if (take(&walk, borders, *count, row + x, origin[0] + x - 1, origin[1] + y - 1) !=
                    0) {
                    return -1;
                }
                (*count)++;
            }
            before = row[x];
            if (before != 0 && before != 1) {
                met = before;
            }
        }
    }
    return 0;
}
