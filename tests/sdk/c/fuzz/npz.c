/* libFuzzer on golden outputs: archives of two frames and two tensors. */
#include "core/read/golden_outputs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes) {
    static struct so_settings settings;
    static double values[16];
    struct so_zip_entry entries[4];
    settings.output_count = 2;
    settings.outputs[0] = (struct so_tensor_spec){"a", SO_UINT8, 2, {2, 3}, 6};
    settings.outputs[1] = (struct so_tensor_spec){"b", SO_FLOAT32, 1, {4}, 16};
    if (so_golden_entries(data, bytes, 2, &settings, entries) == NULL) {
        for (uint32_t i = 0; i < 4; i++) {
            (void)so_golden_values(&entries[i], &settings.outputs[i % 2], values);
        }
    }
    return 0;
}
