/* A frame before it goes anywhere: empty, checked, stamped. */
#define _POSIX_C_SOURCE 200809L
#include "handle.h"

#include <math.h>
#include <string.h>
#include <time.h>

void sonoedge_frame_init(sonoedge_frame *frame) {
    if (frame != NULL) {
        memset(frame, 0, sizeof *frame);
        frame->pixels = NULL;
        frame->format = SONOEDGE_GREY8;
        frame->gain_db = (double)NAN;
        frame->probe = frame->preset = NULL;
    }
}

int64_t sonoedge_now_ns(void) {
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) {
        return 0;
    }
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

uint32_t so_pixel_bytes(sonoedge_format format) {
    switch (format) {
    case SONOEDGE_GREY8:
        return 1;
    case SONOEDGE_BGR24:
        return 3;
    case SONOEDGE_BGRA32:
        return 4;
    }
    return 0;
}

static int too_long(const char *text) {
    size_t length = 0;
    if (text != NULL) {
        while (length < SONOEDGE_MAX_TEXT && text[length] != '\0') {
            length++;
        }
    }
    return length >= SONOEDGE_MAX_TEXT;
}

const char *so_frame_fault(const sonoedge_frame *frame) {
    uint32_t bytes = so_pixel_bytes(frame->format);
    if (frame->pixels == NULL) {
        return "a frame has no pixels";
    }
    if (bytes == 0) {
        return "a frame's format is none of sonoedge_format";
    }
    if (frame->width < 1 || frame->width > SONOEDGE_MAX_SIDE || frame->height < 1 ||
        frame->height > SONOEDGE_MAX_SIDE) {
        return "a frame's width and height must be 1 to SONOEDGE_MAX_SIDE";
    }
    if (frame->stride != 0 && frame->stride < (size_t)frame->width * bytes) {
        return "a frame's stride is shorter than its rows";
    }
    if ((frame->flags & ~(SONOEDGE_FRAME_FROZEN | SONOEDGE_FRAME_INVALID)) != 0) {
        return "a frame has flags that there are not";
    }
    if (too_long(frame->probe) || too_long(frame->preset)) {
        return "a probe's or a preset's name is longer than SONOEDGE_MAX_TEXT";
    }
    return NULL;
}
