/* From the manifest's records to what the frame path and the engine take. */
#ifndef SONOEDGE_CORE_READ_CONVERT_H
#define SONOEDGE_CORE_READ_CONVERT_H

#include "manifest.h"

#include "../bundle.h"

/* Texts stay where the manifest has them. */
void so_convert_settings(const struct so_manifest *manifest, struct so_settings *settings);
/* settings.c's tensors. */
void so_convert_tensors(const struct so_manifest *manifest, struct so_settings *settings);
void so_convert_variant(const struct so_manifest *manifest,
                        const struct so_manifest_variant *variant, struct so_variant *out);

#endif
