/* Keys that stand twice: by looking at each pair in a small object, by sorting in a large one. */
#include "json_parts.h"

#include <stdlib.h>
#include <string.h>

#define SMALL 16

static int compare(const struct so_json *a, const struct so_json *b) {
    if (a->key_bytes != b->key_bytes) {
        return a->key_bytes < b->key_bytes ? -1 : 1;
    }
    return memcmp(a->key, b->key, a->key_bytes);
}

static int compare_places(const void *a, const void *b) {
    return compare(*(const struct so_json *const *)a, *(const struct so_json *const *)b);
}

static int twice_in_small(const struct so_json *object) {
    for (const struct so_json *a = object->as.first; a != NULL; a = a->next) {
        for (const struct so_json *b = a->next; b != NULL; b = b->next) {
            if (compare(a, b) == 0) {
                return 1;
            }
        }
    }
    return 0;
}

const char *so_json_check_keys(const struct so_json *object) {
    const struct so_json **sorted;
    size_t count = 0;
    int twice = 0;
    if (object->count > SMALL) {
        sorted = calloc(object->count, sizeof *sorted);
        if (sorted == NULL) {
            return so_no_memory;
        }
        for (const struct so_json *each = object->as.first; each != NULL; each = each->next) {
            sorted[count++] = each;
        }
        qsort(sorted, count, sizeof *sorted, compare_places);
        for (size_t i = 1; i < count; i++) {
            twice |= compare(sorted[i - 1], sorted[i]) == 0;
        }
        free(sorted);
    } else {
        twice = twice_in_small(object);
    }
    return twice ? "a key stands twice in one object" : NULL;
}
