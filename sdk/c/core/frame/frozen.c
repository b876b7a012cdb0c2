/* A picture that no longer changes: guard/frozen.py. */
#include "guard.h"

#include <string.h>

static size_t row_bytes(const struct so_image *picture) {
    return (size_t)picture->width * (size_t)picture->channels;
}

static int same_row(const struct so_frozen *frozen, const struct so_image *picture, int32_t y) {
    const size_t bytes = row_bytes(picture);
    const uint8_t *last = frozen->picture.bytes;
    return memcmp(last + (size_t)y * bytes, so_pixel(picture, 0, y), bytes) == 0;
}

static int same(const struct so_frozen *frozen, const struct so_image *picture) {
    if (frozen->width != picture->width || frozen->height != picture->height ||
        frozen->channels != picture->channels) {
        return 0;
    }
    /* Live pictures differ in the first row looked at; a still one needs the whole. */
    if (!same_row(frozen, picture, picture->height / 2)) {
        return 0;
    }
    for (int32_t y = 0; y < picture->height; y++) {
        if (!same_row(frozen, picture, y)) {
            return 0;
        }
    }
    return 1;
}

int so_frozen_take(struct so_frozen *frozen, const struct so_image *picture, int64_t captured_ns,
                   double after_ms) {
    const size_t bytes = row_bytes(picture);
    if (same(frozen, picture)) {
        /* A clock that went back must not put the freeze off. */
        if (captured_ns < frozen->since_ns) {
            frozen->since_ns = captured_ns;
        }
        return so_at_least(frozen->since_ns, captured_ns, after_ms * 1e6);
    }
    frozen->width = 0;
    if (so_buffer_hold(&frozen->picture, (size_t)picture->height, bytes, 0) != 0) {
        return -1;
    }
    uint8_t *kept = frozen->picture.bytes;
    if (picture->stride == bytes) { /* at once: large copies do not fetch what they overwrite */
        memcpy(kept, picture->pixels, bytes * (size_t)picture->height);
    } else {
        for (int32_t y = 0; y < picture->height; y++) {
            memcpy(kept + (size_t)y * bytes, so_pixel(picture, 0, y), bytes);
        }
    }
    frozen->width = picture->width;
    frozen->height = picture->height;
    frozen->channels = picture->channels;
    frozen->since_ns = captured_ns;
    return 0;
}

void so_frozen_reset(struct so_frozen *frozen) {
    frozen->width = 0;
}
