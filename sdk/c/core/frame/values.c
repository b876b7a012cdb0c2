/* What a frame says of itself: frame_values.py, as far as C's types leave it open. */
#include "../frame_path.h"

#include <math.h>
#include <string.h>

#define MAX_TEXT 1024 /* characters of a probe's or a preset's name */

static int is_name(const char *text) {
    size_t characters = 0;
    const size_t bytes = text == NULL ? 0 : strlen(text);
    for (size_t i = 0; i < bytes; i++) {
        characters += ((unsigned char)text[i] & 0xC0) != 0x80;
    }
    return bytes == 0 || (so_is_utf8(text, bytes) && characters <= MAX_TEXT);
}

int32_t so_frame_value_fault(const struct so_frame *frame, char detail[SONOEDGE_MAX_TEXT]) {
    const char *name = !is_name(frame->probe) ? "probe" : !is_name(frame->preset) ? "preset" : NULL;
    if (name != NULL) {
        so_format(detail, SONOEDGE_MAX_TEXT,
                  "meta.%s must be text of at most %d characters, or None", name, MAX_TEXT);
        return SO_REASON_METADATA_INVALID;
    }
    name = frame->has_depth_mm && !isfinite(frame->depth_mm) ? "depth_mm"
           : frame->has_gain_db && !isfinite(frame->gain_db) ? "gain_db"
                                                             : NULL;
    if (name != NULL) {
        so_format(detail, SONOEDGE_MAX_TEXT, "meta.%s must be a finite number, or None", name);
        return SO_REASON_METADATA_INVALID;
    }
    return SO_REASON_NONE;
}
