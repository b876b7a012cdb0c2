/* Which region and which track overlap most. */
#include "tracker.h"

static int32_t smaller(int32_t a, int32_t b) {
    return a < b ? a : b;
}

static int32_t larger(int32_t a, int32_t b) {
    return a > b ? a : b;
}

double so_iou(const int32_t a[4], const int32_t b[4]) {
    const int64_t width = smaller(a[2], b[2]) - larger(a[0], b[0]);
    const int64_t height = smaller(a[3], b[3]) - larger(a[1], b[1]);
    if (width <= 0 || height <= 0) {
        return 0.0;
    }
    const int64_t both = width * height;
    const int64_t area = (int64_t)(a[2] - a[0]) * (a[3] - a[1]) +
                         (int64_t)(b[2] - b[0]) * (b[3] - b[1]);
    return (double)both / (double)(area - both);
}

static int is_before(const struct so_pair *a, const struct so_pair *b) {
    if (a->overlap != b->overlap) {
        return a->overlap > b->overlap;
    }
    return a->region != b->region ? a->region < b->region : a->track < b->track;
}

/* Let a pair sink in a heap whose root comes last of all. */
static void sink(struct so_pair *pairs, size_t at, size_t count) {
    const struct so_pair pair = pairs[at];
    for (size_t child = 2 * at + 1; child < count; child = 2 * at + 1) {
        if (child + 1 < count && is_before(&pairs[child], &pairs[child + 1])) {
            child++;
        }
        if (!is_before(&pair, &pairs[child])) {
            break;
        }
        pairs[at] = pairs[child];
        at = child;
    }
    pairs[at] = pair;
}

void so_sort_pairs(struct so_pair *pairs, size_t count) {
    for (size_t i = count / 2; i > 0; i--) {
        sink(pairs, i - 1, count);
    }
    for (size_t end = count; end > 1; end--) {
        const struct so_pair last = pairs[0];
        pairs[0] = pairs[end - 1];
        pairs[end - 1] = last;
        sink(pairs, 0, end - 1);
    }
}
