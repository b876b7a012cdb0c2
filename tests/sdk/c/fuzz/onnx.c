/* libFuzzer on the walk that looks for external data in a graph. */
#include "core/read/onnx_inline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes) {
    (void)so_check_inline(data, bytes);
    return 0;
}
