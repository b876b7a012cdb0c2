/* Blocks in a list; a request that is large has a block of its own. */
#include "arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES 65536u
#define ALIGNMENT 16u

struct so_block {
    struct so_block *next;
    size_t used;
    size_t bytes;
    size_t reserved; /* keeps what follows aligned */
};

void so_arena_begin(struct so_arena *arena, size_t most_bytes) {
    arena->blocks = NULL;
    arena->left = most_bytes;
}

static struct so_block *add_block(struct so_arena *arena, size_t bytes) {
    struct so_block *block;
    if (bytes < BLOCK_BYTES && BLOCK_BYTES <= arena->left) {
        bytes = BLOCK_BYTES;
    }
    if (bytes > arena->left || bytes > SIZE_MAX - sizeof *block) {
        return NULL;
    }
    block = calloc(1, sizeof *block + bytes);
    if (block == NULL) {
        return NULL;
    }
    arena->left -= bytes;
    block->bytes = bytes;
    block->next = arena->blocks;
    arena->blocks = block;
    return block;
}

void *so_arena_take(struct so_arena *arena, size_t count, size_t bytes) {
    struct so_block *block = arena->blocks;
    size_t at;
    if (bytes != 0 && count > (SIZE_MAX - ALIGNMENT) / bytes) {
        return NULL;
    }
    bytes = (count * bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    bytes += bytes == 0 ? ALIGNMENT : 0;
    if (block == NULL || bytes > block->bytes - block->used) {
        block = add_block(arena, bytes);
        if (block == NULL) {
            return NULL;
        }
    }
    at = block->used;
    block->used += bytes;
    return (unsigned char *)(block + 1) + at;
}

char *so_arena_text(struct so_arena *arena, const char *text, size_t bytes) {
    char *copy = bytes == SIZE_MAX ? NULL : so_arena_take(arena, bytes + 1, 1);
    if (copy != NULL && bytes != 0) {
        memcpy(copy, text, bytes);
    }
    return copy;
}

void so_arena_end(struct so_arena *arena) {
    while (arena->blocks != NULL) {
        struct so_block *next = arena->blocks->next;
        free(arena->blocks);
        arena->blocks = next;
    }
}
