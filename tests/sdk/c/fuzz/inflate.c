/* libFuzzer on inflate: the first two bytes say how much it should unpack to. */
#include "core/read/inflate.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes) {
    size_t out_bytes;
    uint8_t *out;
    if (bytes < 2) {
        return 0;
    }
    out_bytes = (size_t)data[0] | (size_t)data[1] << 8;
    out = malloc(out_bytes == 0 ? 1 : out_bytes);
    (void)so_inflate(data + 2, bytes - 2, out, out_bytes, SO_WINDOW_BYTES);
    (void)so_inflate_zlib(data + 2, bytes - 2, out, out_bytes);
    free(out);
    return 0;
}
