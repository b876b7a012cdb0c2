/* Parts of pictures, and buffers that grow and stay: what the steps of a frame share. */
#ifndef SONOEDGE_CORE_FRAME_PICTURE_H
#define SONOEDGE_CORE_FRAME_PICTURE_H

#include "../core.h"

/* The pixel (x, y); its channels follow. */
static inline const uint8_t *so_pixel(const struct so_image *image, int32_t x, int32_t y) {
    return image->pixels + (size_t)y * image->stride + (size_t)x * (size_t)image->channels;
}

/* A part of a picture, box (x0, y0, x1, y1) within it. */
static inline struct so_image so_part_of(const struct so_image *image, const int32_t box[4]) {
    struct so_image part = *image;
    part.pixels = so_pixel(image, box[0], box[1]);
    part.width = box[2] - box[0];
    part.height = box[3] - box[1];
    return part;
}

/* Memory that a step keeps from frame to frame. */
struct so_buffer {
    void *bytes; /* NULL before the first so_buffer_hold */
    size_t room;
};

/* buffer.c. Room for `count` items of `size` bytes. The first `kept` bytes stay as they are.
 * 0, or -1 without memory: then the buffer is as it was. */
int so_buffer_hold(struct so_buffer *buffer, size_t count, size_t size, size_t kept);
void so_buffer_free(struct so_buffer *buffer);

#endif
