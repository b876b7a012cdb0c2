/* The guard of one stream, all checks: guard/guard.py. */
#include "guard.h"

int32_t so_guard_content(struct so_frozen *frozen, const struct so_frame *frame,
                         const struct so_image *picture, const int32_t box[4],
                         const struct so_guard_settings *settings) {
    int is_frozen = 0;
    /* First, so that the memory takes every frame. */
    if (settings->has_frozen_after_ms) {
        is_frozen =
            so_frozen_take(frozen, picture, frame->captured_ns, settings->frozen_after_ms);
        if (is_frozen < 0) {
            return SO_REASON_INTERNAL_ERROR;
        }
    }
    if (frame->invalid != NULL) {
        return SO_REASON_FRAME_INVALID;
    }
    int32_t reason = so_guard_stated(frame, box, settings);
    if (reason != SO_REASON_NONE) {
        return reason;
    }
    if (frame->is_frozen || is_frozen) {
        return SO_REASON_FRAME_FROZEN;
    }
    reason = so_guard_levels(picture, settings);
    if (reason != SO_REASON_NONE) {
        return reason;
    }
    if (settings->has_bars_contrast && so_guard_bars(picture, settings->bars_contrast)) {
        return SO_REASON_COLOUR_BARS;
    }
    if (picture->channels == 3 && settings->has_colour_level &&
        so_guard_coloured(picture, settings->colour_level) >= settings->colour_share) {
        return SO_REASON_COLOUR_OVERLAY;
    }
    if (settings->has_air_structure && so_guard_in_air(picture, settings->air_structure)) {
        return SO_REASON_NO_CONTACT;
    }
    return SO_REASON_NONE;
}
