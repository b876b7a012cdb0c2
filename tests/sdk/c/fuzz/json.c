/* libFuzzer on the JSON reader: every value that it gives is walked over. */
#include "core/read/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static size_t walk(const struct so_json *value) {
    size_t sum = value->key == NULL ? 0 : (size_t)(unsigned char)value->key[value->key_bytes];
    if (value->kind == SO_JSON_TEXT) {
        return sum + (size_t)(unsigned char)value->as.text[value->count];
    }
    if (value->kind == SO_JSON_LIST || value->kind == SO_JSON_OBJECT) {
        for (const struct so_json *each = value->as.first; each != NULL; each = each->next) {
            sum += walk(each);
        }
    }
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes) {
    struct so_arena *arena = so_arena_make(SO_JSON_MEMORY(bytes));
    struct so_problem problem;
    struct so_json *value;
    if (so_json_read(arena, data, bytes, "document", 1 << 20, &value, &problem) == SONOEDGE_OK &&
        walk(value) != 0) {
        __builtin_trap(); /* a text without its zero */
    }
    so_arena_free(arena);
    return 0;
}
