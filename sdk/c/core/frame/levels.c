/* Grey levels that alone say that nothing is shown: guard/levels.py. */
#include "guard.h"

#define BLACK_SHARE 0.99
#define GLANCE_SHARE (4.0 * (1.0 - BLACK_SHARE))

struct range {
    int darkest, brightest;
};

static struct range range_of(const struct so_image *picture, int32_t every) {
    struct range range = {255, 0};
    const int32_t channels = picture->channels;
    for (int32_t y = 0; y < picture->height; y += every) {
        const uint8_t *pixel = so_pixel(picture, 0, y);
        for (int32_t x = 0; x < picture->width; x += every, pixel += channels * every) {
            for (int32_t c = 0; c < channels; c++) {
                range.darkest = pixel[c] < range.darkest ? pixel[c] : range.darkest;
                range.brightest = pixel[c] > range.brightest ? pixel[c] : range.brightest;
            }
        }
    }
    return range;
}

/* Levels of every fourth pixel each way that are `level` or less. */
static int64_t up_to(const struct so_image *picture, int level, int64_t *size) {
    const int32_t channels = picture->channels;
    int64_t count = 0;
    *size = 0;
    for (int32_t y = 0; y < picture->height; y += 4) {
        const uint8_t *pixel = so_pixel(picture, 0, y);
        for (int32_t x = 0; x < picture->width; x += 4, pixel += 4 * channels) {
            for (int32_t c = 0; c < channels; c++) {
                count += pixel[c] <= level;
            }
            *size += channels;
        }
    }
    return count;
}

static int is_plainly_fine(const struct so_image *picture,
                           const struct so_guard_settings *settings) {
    const int32_t channels = picture->channels;
    int64_t count = 0, total = 0, squares = 0;
    for (int32_t y = 0; y < picture->height; y += 8) {
        const uint8_t *pixel = so_pixel(picture, 0, y);
        for (int32_t x = 0; x < picture->width; x += 8, pixel += 8 * channels) {
            for (int32_t c = 0; c < channels; c++) {
                total += pixel[c];
                squares += pixel[c] * pixel[c];
            }
            count += channels;
        }
    }
    const int64_t narrow = settings->constant_range * count;
    const double sum = (double)total, n = (double)count, dark = (double)settings->black_level;
    return count >= 64 && 4 * (count * squares - total * total) > narrow * narrow &&
           (!settings->has_black_level ||
            sum > (dark * (1.0 - GLANCE_SHARE) + 255.0 * GLANCE_SHARE) * n) &&
           sum < 0.8 * settings->saturated_share * (double)settings->saturated_level * n;
}

int32_t so_guard_levels(const struct so_image *picture, const struct so_guard_settings *settings) {
    int64_t size;
    if (is_plainly_fine(picture, settings)) {
        return SO_REASON_NONE;
    }
    /* A sample tells nearly always; only one that looks constant asks for every pixel. */
    const struct range sample = range_of(picture, 4);
    if (sample.brightest - sample.darkest <= settings->constant_range) {
        const struct range whole = range_of(picture, 1);
        if (whole.brightest - whole.darkest <= settings->constant_range) {
            return SO_REASON_CONSTANT;
        }
    }
    if (settings->has_black_level && sample.darkest <= settings->black_level) {
        const int64_t dark = up_to(picture, settings->black_level, &size);
        if ((double)dark >= BLACK_SHARE * (double)size) {
            return SO_REASON_BLACK;
        }
    }
    if (sample.brightest < settings->saturated_level) {
        return SO_REASON_NONE;
    }
    const int64_t rest = up_to(picture, settings->saturated_level - 1, &size);
    const int is_saturated = (double)(size - rest) >= settings->saturated_share * (double)size;
    return is_saturated ? SO_REASON_SATURATED : SO_REASON_NONE;
}
