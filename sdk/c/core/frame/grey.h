/* Colour to grey, as cv2.COLOR_BGR2GRAY does it. */
#ifndef SONOEDGE_CORE_FRAME_GREY_H
#define SONOEDGE_CORE_FRAME_GREY_H

#include "../core.h"

static inline uint8_t so_grey_of(uint32_t blue, uint32_t green, uint32_t red) {
    return (uint8_t)((3735u * blue + 19235u * green + 9798u * red + 16384u) >> 15);
}

/* A picture of 1, 3 or 4 channels as grey, its rows touching: width * height bytes at `grey`. */
void so_grey(const struct so_image *picture, uint8_t *grey);
/* A picture of 4 channels without its fourth, its rows touching: 3 bytes a pixel at `bgr`. */
void so_drop_fourth(const struct so_image *picture, uint8_t *bgr);

#endif
