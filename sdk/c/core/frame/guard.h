/* Is this frame fit to be analysed? guard/ in Python, a file for each check as there.
 *
 * Pictures have 1 channel, or 3; a fourth was dropped before.
 */
#ifndef SONOEDGE_CORE_FRAME_GUARD_H
#define SONOEDGE_CORE_FRAME_GUARD_H

#include "../frame_path.h"
#include "picture.h"

/* The last picture, its rows touching. All zero: none was seen. */
struct so_frozen {
    struct so_buffer picture;
    int32_t width, height, channels; /* 0: none */
    int64_t since_ns;
};

/* frozen.c. Take a picture: 1 where it is frozen, 0 where it is not, -1 without memory. */
int so_frozen_take(struct so_frozen *frozen, const struct so_image *picture, int64_t captured_ns,
                   double after_ms);
void so_frozen_reset(struct so_frozen *frozen);

/* clock.c. Whether from `since` to `now`, not earlier, there are `limit` nanoseconds or more. */
int so_at_least(int64_t since, int64_t now, double limit);
/* Likewise, more than `limit`. */
int so_more_than(int64_t since, int64_t now, double limit);

/* Reasons; SO_REASON_NONE where nothing is wrong. */
int32_t so_guard_form(const struct so_image *image, const struct so_guard_settings *settings);
int32_t so_guard_stated(const struct so_frame *frame, const int32_t box[4],
                        const struct so_guard_settings *settings);
int32_t so_guard_levels(const struct so_image *picture, const struct so_guard_settings *settings);
int so_guard_bars(const struct so_image *picture, double contrast);
double so_guard_coloured(const struct so_image *picture, int32_t level);
int so_guard_in_air(const struct so_image *picture, double structure);

/* guard.c. All checks of a well-formed frame's picture: the part `box` of its pixels.
 * SO_REASON_INTERNAL_ERROR without memory. */
int32_t so_guard_content(struct so_frozen *frozen, const struct so_frame *frame,
                         const struct so_image *picture, const int32_t box[4],
                         const struct so_guard_settings *settings);

#endif
