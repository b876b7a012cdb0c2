/* One array as NumPy writes it (numpy.lib.format, version 1.0). Faults as fault.h says. */
#ifndef SONOEDGE_CORE_READ_NPY_H
#define SONOEDGE_CORE_READ_NPY_H

#include "fault.h"

#define SO_NPY_MOST_HEADER 1024u /* bytes; NumPy's own are 128 */

/* The values of an array that must be of this type and shape, in C order; they point into content.
 * Floats must be finite. */
const char *so_npy_values(const uint8_t *content, size_t bytes, const struct so_tensor_spec *spec,
                          const uint8_t **values);

#endif
