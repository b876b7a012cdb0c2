/* Sentences for a log. */
#include "detail.h"

#include "geometry.h"

#include <math.h>
#include <string.h>

#define NUMBER 32 /* bytes of one as text */

/* A number as Python's format(value, ".<digits>g"). */
static void general(char text[NUMBER], double value, int digits) {
    if (isnan(value)) {
        so_format(text, NUMBER, "nan"); /* C may say "-nan" */
    } else {
        so_format(text, NUMBER, "%.*g", digits, value);
    }
}

/* A number as Python's repr(value): the fewest digits that give it back. */
static void shortest(char text[NUMBER], double value) {
    int digits = 1;
    if (!isfinite(value)) {
        general(text, value, 1);
        return;
    }
    do {
        so_format(text, NUMBER, "%.*e", digits - 1, value);
    } while (so_to_double(text, NULL) != value && digits++ < 17);
    const int exponent = (int)so_to_double(strchr(text, 'e') + 1, NULL);
    if (exponent >= -4 && exponent < 16) {
        so_format(text, NUMBER, "%.*f", digits - 1 > exponent ? digits - 1 - exponent : 1, value);
    }
}

static void shape(const struct so_image *image, const struct so_guard_settings *settings,
                  char detail[SONOEDGE_MAX_TEXT]) {
    char channels[NUMBER] = "";
    if (image->channels != 1) {
        so_format(channels, NUMBER, ", %d", image->channels == 4 ? 3 : (int)image->channels);
    }
    so_format(detail, SONOEDGE_MAX_TEXT,
              "pixels have the shape (%d, %d%s); they must be (H, W) or (H, W, 3), "
              "with sides of at most %lld",
              (int)image->height, (int)image->width, channels, (long long)settings->max_side_px);
}

static void scale(const struct so_frame *frame, char detail[SONOEDGE_MAX_TEXT]) {
    char rows[NUMBER], columns[NUMBER], depth[NUMBER];
    if (!frame->has_spacing) {
        shortest(rows, frame->pixel_aspect);
        so_format(detail, SONOEDGE_MAX_TEXT, "a pixel's width over its height is %s", rows);
        return;
    }
    general(rows, frame->spacing_mm[0], 6);
    general(columns, frame->spacing_mm[1], 6);
    general(depth, frame->spacing_mm[0] * (double)frame->image.height, 4);
    so_format(detail, SONOEDGE_MAX_TEXT,
              "spacing %s mm (rows), %s mm (columns): %s mm over the picture's %d rows", rows,
              columns, depth, (int)frame->image.height);
}

static void aspect(const struct so_frame *frame, const int32_t box[4], const double limits[2],
                   char detail[SONOEDGE_MAX_TEXT]) {
    char ratio[NUMBER], least[NUMBER], most[NUMBER];
    const int width = (int)(box[2] - box[0]), height = (int)(box[3] - box[1]);
    const double pixel = so_pixel_aspect(frame->has_spacing ? frame->spacing_mm : NULL,
                                         frame->has_pixel_aspect ? &frame->pixel_aspect : NULL);
    general(ratio, (double)width / (double)height * pixel, 3);
    general(least, limits[0], 6);
    general(most, limits[1], 6);
    so_format(detail, SONOEDGE_MAX_TEXT,
              "the region of interest, %d x %d pixels, is %s times as wide as high; "
              "from %s to %s is allowed",
              width, height, ratio, least, most);
}

void so_detail(int32_t reason, const struct so_frame *frame,
               const struct so_guard_settings *settings, const int32_t *box,
               char detail[SONOEDGE_MAX_TEXT]) {
    detail[0] = '\0';
    if (reason == SO_REASON_WRONG_SHAPE) {
        shape(&frame->image, settings, detail);
    } else if (reason == SO_REASON_SPACING_INVALID) {
        scale(frame, detail);
    } else if (reason == SO_REASON_FRAME_INVALID) {
        so_format(detail, SONOEDGE_MAX_TEXT, "%s", frame->invalid);
    } else if (reason == SO_REASON_WRONG_ASPECT && box != NULL && settings->has_aspect) {
        aspect(frame, box, settings->aspect, detail);
    }
}
