/* libFuzzer on manifest.json: from bytes to settings. */
#include "core/read/convert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes) {
    struct so_arena *arena = so_arena_make(SO_JSON_MEMORY(bytes) + (1 << 22));
    struct so_problem problem;
    const struct so_manifest *manifest;
    static struct so_settings settings;
    if (so_manifest_read(arena, data, bytes, &manifest, &problem) == SONOEDGE_OK) {
        const struct so_manifest_variant *variants = manifest->variants.items;
        so_convert_settings(manifest, &settings);
        for (uint32_t i = 0; i < manifest->variants.count; i++) {
            struct so_variant variant;
            so_convert_variant(manifest, &variants[i], &variant);
        }
    }
    so_arena_free(arena);
    return 0;
}
