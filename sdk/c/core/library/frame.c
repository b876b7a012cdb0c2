/* A host's frame as the core takes it: zeros that say "not known" become absences. */
#include "library.h"

#include <math.h>
#include <string.h>

/* service.incoming.INVALID. */
static const char *const INVALID = "the source marks it as no valid picture";

static const char *name(const char *given) {
    return given != NULL && given[0] != '\0' ? given : NULL;
}

void so_take_frame(const sonoedge_frame *given, struct so_frame *frame) {
    memset(frame, 0, sizeof *frame);
    frame->image.pixels = given->pixels;
    frame->image.width = (int32_t)given->width;
    frame->image.height = (int32_t)given->height;
    frame->image.channels = (int32_t)so_pixel_bytes(given->format);
    frame->image.stride = given->stride != 0
                              ? given->stride
                              : (size_t)given->width * so_pixel_bytes(given->format);
    frame->captured_ns = given->captured_ns;
    frame->has_spacing = !(given->spacing_row_mm == 0 && given->spacing_column_mm == 0);
    frame->spacing_mm[0] = given->spacing_row_mm;
    frame->spacing_mm[1] = given->spacing_column_mm;
    frame->has_pixel_aspect = given->pixel_aspect != 0;
    frame->pixel_aspect = given->pixel_aspect;
    for (size_t i = 0; i < 4; i++) {
        frame->roi[i] = given->roi[i];
        frame->has_roi = frame->has_roi || given->roi[i] != 0;
    }
    frame->probe = name(given->probe);
    frame->preset = name(given->preset);
    frame->has_depth_mm = given->depth_mm != 0;
    frame->depth_mm = given->depth_mm;
    frame->has_gain_db = !isnan(given->gain_db);
    frame->gain_db = given->gain_db;
    frame->is_frozen = (given->flags & SONOEDGE_FRAME_FROZEN) != 0;
    frame->invalid = (given->flags & SONOEDGE_FRAME_INVALID) != 0 ? INVALID : NULL;
}

int64_t so_since(int64_t a, int64_t b) {
    if (b < 0 && a > INT64_MAX + b) {
        return INT64_MAX;
    }
    if (b > 0 && a < INT64_MIN + b) {
        return INT64_MIN;
    }
    return a - b;
}

struct so_maps so_maps_of(const struct so_settings *settings, const void *const *outputs) {
    struct so_maps maps;
    maps.lesion = settings->lesion_map < 0 ? NULL : outputs[settings->lesion_map];
    maps.malignancy = settings->malignancy_map < 0 ? NULL : outputs[settings->malignancy_map];
    maps.class_probs = settings->class_probs < 0 ? NULL : outputs[settings->class_probs];
    maps.finite = settings->finite < 0 ? NULL : outputs[settings->finite];
    return maps;
}
