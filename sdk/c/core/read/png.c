/* The chunks, and the picture in them; png_rows.c undoes the filters. */
#include "png.h"
#include "checksum.h"
#include "inflate.h"
#include "png_rows.h"

#include <stdlib.h>
#include <string.h>

#define SIGNATURE_BYTES 8u
#define AROUND 12u /* bytes of a chunk beside its data: length, kind, checksum */
#define HEADER_BYTES 13u
#define MOST_SIDE 1000000u /* libpng's own limit */

static int is_kind(const uint8_t *chunk, const char *kind) {
    return memcmp(chunk + 4, kind, 4) == 0;
}

/* IHDR, one or more of IDAT, IEND; nothing else, and nothing behind. */
static const char *walk(const uint8_t *data, size_t bytes, size_t *packed_bytes) {
    size_t at = SIGNATURE_BYTES, pieces = 0;
    *packed_bytes = 0;
    for (;;) {
        const uint8_t *chunk = data + at;
        size_t size;
        if (bytes - at < AROUND || so_big32(chunk) > bytes - at - AROUND) {
            return "it is cut off or damaged";
        }
        size = so_big32(chunk);
        if (so_crc32(chunk + 4, size + 4) != so_big32(chunk + 8 + size)) {
            return "it is cut off or damaged";
        }
        if (at == SIGNATURE_BYTES) {
            if (!is_kind(chunk, "IHDR") || size != HEADER_BYTES) {
                return "it has no header";
            }
        } else if (is_kind(chunk, "IDAT")) {
            *packed_bytes += size;
            pieces++;
        } else if (is_kind(chunk, "IEND") && size == 0 && pieces != 0 && at + AROUND == bytes) {
            return NULL;
        } else {
            return "it holds more, or less, than one picture";
        }
        at += AROUND + size;
    }
}

const char *so_png_shape(const uint8_t *data, size_t bytes, size_t most_pixels,
                         struct so_png *shape) {
    static const uint8_t SIGNATURE[SIGNATURE_BYTES] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    const uint8_t *header;
    size_t pixels;
    const char *fault;
    if (bytes < SIGNATURE_BYTES || memcmp(data, SIGNATURE, SIGNATURE_BYTES) != 0) {
        return "it is no PNG";
    }
    fault = walk(data, bytes, &shape->packed_bytes);
    if (fault != NULL) {
        return fault;
    }
    header = data + SIGNATURE_BYTES + 8;
    shape->width = so_big32(header);
    shape->height = so_big32(header + 4);
    if (header[8] != 8 || (header[9] != 0 && header[9] != 2)) {
        return "it is not 8-bit grey or colour without transparency";
    }
    if (header[10] != 0 || header[11] != 0 || header[12] != 0) {
        return "it is interlaced, or packed in a way that is not read";
    }
    shape->channels = header[9] == 0 ? 1 : 3;
    if (shape->width < 1 || shape->height < 1 || shape->width > MOST_SIDE ||
        shape->height > MOST_SIDE) {
        return "it has no size that a picture can have";
    }
    if (so_product((size_t)shape->width * shape->channels, shape->height, &pixels) != 0 ||
        pixels > most_pixels) {
        return "it has more pixels than are read";
    }
    return NULL;
}

/* The pieces of the picture behind each other. */
static void join(const uint8_t *data, size_t packed_bytes, uint8_t *packed) {
    const uint8_t *chunk = data + SIGNATURE_BYTES;
    for (size_t done = 0; done < packed_bytes || !is_kind(chunk, "IEND");) {
        size_t size = so_big32(chunk);
        if (is_kind(chunk, "IDAT")) {
            memcpy(packed + done, chunk + 8, size);
            done += size;
        }
        chunk += AROUND + size;
    }
}

const char *so_png_pixels(const uint8_t *data, const struct so_png *shape, uint8_t *pixels) {
    size_t rows_bytes = ((size_t)shape->width * shape->channels + 1) * shape->height;
    uint8_t *rows = malloc(rows_bytes);
    uint8_t *packed = malloc(shape->packed_bytes == 0 ? 1 : shape->packed_bytes);
    const char *fault = so_no_memory;
    if (rows != NULL && packed != NULL) {
        join(data, shape->packed_bytes, packed);
        fault = so_inflate_zlib(packed, shape->packed_bytes, rows, rows_bytes);
        if (fault == NULL) {
            fault = so_png_rows(rows, shape->width, shape->height, shape->channels, pixels);
        }
    }
    free(packed);
    free(rows);
    return fault;
}
