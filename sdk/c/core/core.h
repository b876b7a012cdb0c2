/* What the parts of the native library share: errors, memory, pictures, tensors, numbers as text.
 *
 * Rules for every file below core/:
 *   C99, libc and libm; -ffp-contract=off, or ARM fuses a product and a sum and rounds otherwise.
 *   What is seen outside its file is named so_...; what a part does not offer stays static.
 *   No global that is written; a handle is used by one thread at a time, two handles by two.
 *   The host's locale is not ours: numbers become text, and text numbers, by so_format and
 *   so_to_double alone. errno and signals are left as they are.
 *   A function that takes a `struct so_problem *` writes it where it returns another value than
 *   SONOEDGE_OK, and never otherwise.
 *   Sizes are checked before they are multiplied: so_product.
 */
#ifndef SONOEDGE_CORE_CORE_H
#define SONOEDGE_CORE_CORE_H

#include "../common/reasons.h"
#include "../sonoedge.h"

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define SO_PRINTF(at, first) __attribute__((format(printf, at, first)))
#else
#define SO_PRINTF(at, first)
#endif

#define SO_PROBLEM_TEXT 512

/* Why opening failed: what happened and what to do, one sentence, with no path but the user's. */
struct so_problem {
    sonoedge_error error;
    char text[SO_PROBLEM_TEXT];
};

/* problem.c. Write the problem and return its error; `problem` may be NULL. */
sonoedge_error so_fail(struct so_problem *problem, sonoedge_error error, const char *format, ...)
    SO_PRINTF(3, 4);

/* text.c. snprintf in the C locale; always ends `to`; cuts between two UTF-8 characters. */
void so_format(char *to, size_t room, const char *format, ...) SO_PRINTF(3, 4);
/* text.c. strtod in the C locale: correctly rounded, whatever the host has set. */
double so_to_double(const char *text, char **end);
/* text.c. Whether bytes are UTF-8 (no surrogates, nothing overlong, nothing above U+10FFFF). */
int so_is_utf8(const char *text, size_t bytes);

/* arena.c. Memory that ends as one: what a bundle points to lives in its arena. An arena never
 * gives more than `most` bytes in all, whatever a file asks for. */
struct so_arena;
struct so_arena *so_arena_make(size_t most);
/* Zeroed, aligned for every type; NULL where there is none left. Zero bytes give a pointer. */
void *so_arena_take(struct so_arena *arena, size_t bytes);
/* `count` items of `size` bytes; NULL where the product overflows. */
void *so_arena_array(struct so_arena *arena, size_t count, size_t size);
/* A copy of `bytes` bytes with a NUL behind. */
char *so_arena_text(struct so_arena *arena, const char *text, size_t bytes);
void so_arena_free(struct so_arena *arena); /* NULL is fine */

/* a * b into *product; 0, or -1 where it overflows. */
int so_product(size_t a, size_t b, size_t *product);

/* uint8 pixels, `channels` bytes each: 1 grey, 3 BGR, 4 BGRA of which the fourth is ignored. */
struct so_image {
    const uint8_t *pixels; /* first row on top */
    int32_t width;
    int32_t height;
    size_t stride; /* bytes from a row to the next, at least width * channels */
    int32_t channels;
};

#define SO_MAX_RANK 8
#define SO_MAX_TENSORS 16
#define SO_MAX_NAME 65 /* bytes of an id or a tensor's name, its end included */

enum so_dtype { SO_UINT8 = 1, SO_INT32, SO_INT64, SO_FLOAT32, SO_BOOL };

/* Name, type and static shape of a tensor. */
struct so_tensor_spec {
    char name[SO_MAX_NAME];
    enum so_dtype dtype;
    uint32_t rank;
    int64_t shape[SO_MAX_RANK];
    size_t bytes; /* of its values */
};

size_t so_dtype_bytes(enum so_dtype dtype);

#endif
