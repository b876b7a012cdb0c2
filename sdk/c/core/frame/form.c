/* What can be said of a frame without looking at its picture: guard/form.py. */
#include "guard.h"

#include "geometry.h"

#include <math.h>
#include <string.h>

int32_t so_guard_form(const struct so_image *image, const struct so_guard_settings *settings) {
    const int32_t longest = image->width > image->height ? image->width : image->height;
    if (image->channels != 1 && image->channels != 3 && image->channels != 4) {
        return SO_REASON_WRONG_SHAPE;
    }
    if (image->width < 1 || image->height < 1 || image->pixels == NULL) {
        return SO_REASON_EMPTY;
    }
    return longest > settings->max_side_px ? SO_REASON_WRONG_SHAPE : SO_REASON_NONE;
}

static int is_blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r') || (c >= '\x1c' && c <= '\x1f');
}

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* The text between blanks; returns its length. */
static size_t stripped(const char **text) {
    while (is_blank(**text)) {
        (*text)++;
    }
    size_t length = strlen(*text);
    while (length > 0 && is_blank((*text)[length - 1])) {
        length--;
    }
    return length;
}

static int is_same(const char *a, const char *b) {
    const size_t length = stripped(&a);
    if (length != stripped(&b)) {
        return 0;
    }
    for (size_t i = 0; i < length; i++) {
        if (lower(a[i]) != lower(b[i])) {
            return 0;
        }
    }
    return 1;
}

static int is_allowed(const char *name, const char *const *names, uint32_t count) {
    for (uint32_t i = 0; name != NULL && i < count; i++) {
        if (is_same(name, names[i])) {
            return 1;
        }
    }
    return 0;
}

/* Whether the scale is one that an ultrasound picture of so many rows can have. */
static int is_plausible(const struct so_frame *frame, int32_t rows,
                        const struct so_guard_settings *settings) {
    double aspect = frame->pixel_aspect;
    if (frame->has_spacing) {
        const double *mm = frame->spacing_mm;
        if (!(isfinite(mm[0]) && mm[0] > 0.0 && isfinite(mm[1]) && mm[1] > 0.0)) {
            return 0;
        }
        if (settings->has_depth_mm) {
            const double depth = mm[0] * (double)rows;
            if (!(settings->depth_mm[0] <= depth && depth <= settings->depth_mm[1])) {
                return 0;
            }
        }
        aspect = mm[1] / mm[0];
    } else if (!frame->has_pixel_aspect) {
        return 1;
    }
    if (!(isfinite(aspect) && aspect > 0.0)) {
        return 0;
    }
    return !settings->has_pixel_aspect ||
           (settings->pixel_aspect[0] <= aspect && aspect <= settings->pixel_aspect[1]);
}

int32_t so_guard_stated(const struct so_frame *frame, const int32_t box[4],
                        const struct so_guard_settings *settings) {
    const int32_t rows = box[3] - box[1];
    if (settings->has_probes &&
        !is_allowed(frame->probe, settings->probes, settings->probe_count)) {
        return SO_REASON_PROBE_NOT_ALLOWED;
    }
    if (settings->has_presets &&
        !is_allowed(frame->preset, settings->presets, settings->preset_count)) {
        return SO_REASON_PRESET_NOT_ALLOWED;
    }
    if (!frame->has_spacing && settings->is_spacing_required) {
        return SO_REASON_SPACING_MISSING;
    }
    /* Millimetres from such a scale would look like measurements. */
    if (!is_plausible(frame, rows, settings)) {
        return SO_REASON_SPACING_INVALID;
    }
    if (settings->has_aspect) {
        const double *stated = frame->has_pixel_aspect ? &frame->pixel_aspect : NULL;
        const double aspect = so_pixel_aspect(frame->has_spacing ? frame->spacing_mm : NULL, stated);
        const double ratio = (double)(box[2] - box[0]) * aspect / (double)rows;
        if (!(settings->aspect[0] <= ratio && ratio <= settings->aspect[1])) {
            return SO_REASON_WRONG_ASPECT;
        }
    }
    return SO_REASON_NONE;
}
