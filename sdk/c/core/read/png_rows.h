/* From filtered rows to pixels (ISO/IEC 15948, clause 9). */
#ifndef SONOEDGE_CORE_READ_PNG_ROWS_H
#define SONOEDGE_CORE_READ_PNG_ROWS_H

#include "fault.h"

/* rows: per row its filter's number and width * channels bytes; colour is red, green, blue there
 * and the other way round in pixels. */
const char *so_png_rows(const uint8_t *rows, size_t width, size_t height, size_t channels,
                        uint8_t *pixels);

#endif
