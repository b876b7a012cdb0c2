/* Golden frames: PNG (ISO/IEC 15948), 8 bits, grey or colour, as an export writes them.
 *
 * Stricter than bundle/png.py: no interlacing, which no export writes. Faults as fault.h says.
 */
#ifndef SONOEDGE_CORE_READ_PNG_H
#define SONOEDGE_CORE_READ_PNG_H

#include "fault.h"

#define SO_MOST_PIXELS ((size_t)1 << 26) /* of all golden frames together, each channel counted */

struct so_png {
    uint32_t width;
    uint32_t height;
    uint32_t channels;   /* 1 or 3 */
    size_t packed_bytes; /* of all pieces of the picture together */
};

/* The header, after a walk over every chunk and its checksum.
 * most_pixels: largest picture, width times height times channels. */
const char *so_png_shape(const uint8_t *data, size_t bytes, size_t most_pixels,
                         struct so_png *shape);
/* width * height * channels bytes, colour as blue, green, red; shape as so_png_shape gave it for
 * these very data. */
const char *so_png_pixels(const uint8_t *data, const struct so_png *shape, uint8_t *pixels);

#endif
