/* Memory that ends as one, and never more of it than was said. */
#include "core.h"

#include <stdlib.h>
#include <string.h>

#define ALIGNMENT 16
#define LEAST_BLOCK ((size_t)64 * 1024)

struct block {
    struct block *before;
    size_t used, bytes; /* of what follows the header */
};

#define HEADER ((sizeof(struct block) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT)

struct so_arena {
    struct block *last;
    size_t left;
};

struct so_arena *so_arena_make(size_t most) {
    struct so_arena *arena = calloc(1, sizeof *arena);
    if (arena != NULL) {
        arena->left = most;
    }
    return arena;
}

static int grow(struct so_arena *arena, size_t bytes) {
    size_t size = bytes > LEAST_BLOCK ? bytes : LEAST_BLOCK;
    struct block *block;
    if (size > SIZE_MAX - HEADER) {
        return -1;
    }
    block = calloc(1, HEADER + size);
    if (block == NULL) {
        return -1;
    }
    block->before = arena->last;
    block->bytes = size;
    arena->last = block;
    return 0;
}

void *so_arena_take(struct so_arena *arena, size_t bytes) {
    size_t padded = bytes == 0 ? ALIGNMENT : bytes;
    unsigned char *begin;
    if (padded > SIZE_MAX - ALIGNMENT) {
        return NULL;
    }
    padded = (padded + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (padded > arena->left) {
        return NULL;
    }
    if (arena->last == NULL || padded > arena->last->bytes - arena->last->used) {
        if (grow(arena, padded) != 0) {
            return NULL;
        }
    }
    begin = (unsigned char *)arena->last + HEADER + arena->last->used;
    arena->last->used += padded;
    arena->left -= padded;
    return begin;
}

void *so_arena_array(struct so_arena *arena, size_t count, size_t size) {
    size_t bytes;
    return so_product(count, size, &bytes) == 0 ? so_arena_take(arena, bytes) : NULL;
}

char *so_arena_text(struct so_arena *arena, const char *text, size_t bytes) {
    char *copy = bytes == SIZE_MAX ? NULL : so_arena_take(arena, bytes + 1);
    if (copy != NULL && bytes != 0) {
        memcpy(copy, text, bytes);
    }
    return copy;
}

void so_arena_free(struct so_arena *arena) {
    if (arena == NULL) {
        return;
    }
    while (arena->last != NULL) {
        struct block *before = arena->last->before;
        free(arena->last);
        arena->last = before;
    }
    free(arena);
}

int so_product(size_t a, size_t b, size_t *product) {
    if (b != 0 && a > SIZE_MAX / b) {
        return -1;
    }
    *product = a * b;
    return 0;
}

size_t so_dtype_bytes(enum so_dtype dtype) {
    switch (dtype) {
    case SO_UINT8:
    case SO_BOOL:
        return 1;
    case SO_INT32:
    case SO_FLOAT32:
        return 4;
    case SO_INT64:
        return 8;
    }
    return 0;
}
