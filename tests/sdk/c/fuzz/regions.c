/* libFuzzer on golden regions, of one frame. */
#include "core/read/golden_regions.h"
#include "core/read/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes) {
    struct so_arena *arena = so_arena_make(2 * SO_JSON_MEMORY(bytes));
    struct so_problem problem;
    struct so_golden_answer *answers;
    (void)so_golden_regions_read(arena, data, bytes, "golden.json", 1, &answers, &problem);
    so_arena_free(arena);
    return 0;
}
