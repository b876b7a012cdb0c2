/* The one or two steps of a resize: see processing/resize.py. */
#include "resize.h"

#include <string.h>

struct step {
    int32_t width, height;
    int is_linear;
};

static int32_t nearest(int32_t n, int32_t m) {
    const int32_t k = (2 * n + m) / (2 * m);
    return k > 1 ? k : 1;
}

/* The steps from w x h to width x height; returns how many. */
static int steps_of(int32_t w, int32_t h, int32_t width, int32_t height, struct step steps[2]) {
    int32_t a = w / width, b = h / height;
    const struct step linear = {width, height, 1}, blocks = {width, height, 0};
    if (a >= 2 && b >= 2 && w % a == 0 && h % b == 0) {
        steps[0] = (struct step){w / a, h / b, 0};
        steps[1] = linear;
        return w / a == width && h / b == height ? 1 : 2;
    }
    a = nearest(w, width);
    b = nearest(h, height);
    if (a * width == w && b * height == h) {
        steps[0] = blocks;
        return 1;
    }
    if (a == 1 && b == 1) {
        steps[0] = linear;
        return 1;
    }
    steps[0] = (struct step){a * width, b * height, 1};
    steps[1] = blocks;
    return 2;
}

/* Find out whether vectors do, and what they take. 0, or -1 without memory. */
static int widen(struct so_resize *r, int32_t width) {
    r->is_wide = 0;
#if SO_HAS_AVX2
    if (__builtin_cpu_supports("avx2")) {
        const size_t count = ((size_t)width + 3) / 4;
        if (so_buffer_hold(&r->fours, count, sizeof(struct so_four), 0) != 0) {
            return -1;
        }
        r->is_wide = so_fours_of(r->columns.bytes, width, r->fours.bytes);
    }
#endif
    (void)width;
    return 0;
}

static void linear(struct so_resize *r, const struct so_image *picture, const struct step *step,
                   uint8_t *to, size_t stride) {
#if SO_HAS_AVX2
    if (r->is_wide) {
        so_linear_avx2(picture, r->fours.bytes, r->rows.bytes, r->line.bytes, to, stride,
                       step->width, step->height);
        return;
    }
#endif
    so_linear(picture, r->columns.bytes, r->rows.bytes, r->line.bytes, to, stride, step->width,
              step->height);
}

static int tables(struct so_resize *r, const struct so_image *picture, const struct step *step) {
    if (r->w == picture->width && r->h == picture->height && r->width == step->width &&
        r->height == step->height) {
        return 0;
    }
    r->w = 0; /* what is half made is for no size */
    if (so_buffer_hold(&r->columns, (size_t)step->width, sizeof(struct so_lean), 0) != 0 ||
        so_buffer_hold(&r->rows, (size_t)step->height, sizeof(struct so_lean), 0) != 0) {
        return -1;
    }
    so_leans(r->columns.bytes, picture->width, step->width);
    so_leans(r->rows.bytes, picture->height, step->height);
    if (widen(r, step->width) != 0) {
        return -1;
    }
    r->w = picture->width;
    r->h = picture->height;
    r->width = step->width;
    r->height = step->height;
    return 0;
}

static int take(struct so_resize *r, const struct so_image *picture, const struct step *step,
                uint8_t *to, size_t stride) {
    if (picture->width == step->width && picture->height == step->height) {
        for (int32_t y = 0; y < step->height; y++) {
            memcpy(to + (size_t)y * stride, so_pixel(picture, 0, y), (size_t)step->width);
        }
        return 0;
    }
    if (!step->is_linear) {
        if (so_buffer_hold(&r->sums, (size_t)step->width, sizeof(uint32_t), 0) != 0) {
            return -1;
        }
        so_blocks(picture, picture->width / step->width, picture->height / step->height,
                  r->sums.bytes, to, stride);
        return 0;
    }
    if (so_buffer_hold(&r->line, (size_t)picture->width + SO_BEYOND, sizeof(uint32_t), 0) != 0 ||
        tables(r, picture, step) != 0) {
        return -1;
    }
    linear(r, picture, step, to, stride);
    return 0;
}

int so_resize_to(struct so_resize *resize, const struct so_image *picture, uint8_t *to,
                 size_t stride, int32_t width, int32_t height) {
    struct step steps[2];
    struct so_image between;
    const int count = steps_of(picture->width, picture->height, width, height, steps);
    if (count == 1) {
        return take(resize, picture, &steps[0], to, stride);
    }
    between = (struct so_image){NULL, steps[0].width, steps[0].height, (size_t)steps[0].width, 1};
    if (so_buffer_hold(&resize->between, (size_t)between.height, between.stride, 0) != 0 ||
        take(resize, picture, &steps[0], resize->between.bytes, between.stride) != 0) {
        return -1;
    }
    between.pixels = resize->between.bytes;
    return take(resize, &between, &steps[1], to, stride);
}

void so_resize_free(struct so_resize *resize) {
    so_buffer_free(&resize->columns);
    so_buffer_free(&resize->rows);
    so_buffer_free(&resize->fours);
    so_buffer_free(&resize->line);
    so_buffer_free(&resize->sums);
    so_buffer_free(&resize->between);
}
