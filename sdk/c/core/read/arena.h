/* Memory of one reading: taken piece by piece, given back all at once, never more than agreed.
 *
 * What a file declares decides how much its reader asks for. The bound makes a file that declares
 * too much a refusal and not a dead process.
 */
#ifndef SONOEDGE_CORE_READ_ARENA_H
#define SONOEDGE_CORE_READ_ARENA_H

#include <stddef.h>

struct so_block;

struct so_arena {
    struct so_block *blocks;
    size_t left; /* bytes that may still be asked of the system */
};

void so_arena_begin(struct so_arena *arena, size_t most_bytes);
/* Zeroed and aligned for any type; NULL where the bound or the system's memory is reached. */
void *so_arena_take(struct so_arena *arena, size_t count, size_t bytes);
/* A copy of some bytes with a zero behind them; NULL as above. */
char *so_arena_text(struct so_arena *arena, const char *text, size_t bytes);
void so_arena_end(struct so_arena *arena);

#endif
