/* The engine's outputs for each golden frame: bundle/golden_file.py's archive. */
#ifndef SONOEDGE_CORE_READ_GOLDEN_OUTPUTS_H
#define SONOEDGE_CORE_READ_GOLDEN_OUTPUTS_H

#include "zip.h"

#include "../settings.h"

/* The archive's entries by frame and output: entries[frame * output_count + output].
 * Each has a size that such an array can have; what it holds is not looked at.
 * entries: frames * output_count of them, which point into data. */
const char *so_golden_entries(const uint8_t *data, size_t bytes, uint32_t frames,
                              const struct so_settings *settings, struct so_zip_entry *entries);
/* One entry's values, spec->bytes of them. */
const char *so_golden_values(const struct so_zip_entry *entry, const struct so_tensor_spec *spec,
                             void *values);

#endif
