/* JSON of which two readers cannot make two things: what strict_json.py takes, and nothing else.
 *
 * Refused are anything but UTF-8 without a byte order mark, keys that stand twice in an object,
 * NaN and infinities, integers beyond 64 bits, half surrogate pairs, numbers of more than 100
 * characters, and documents that are longer or nested deeper than their kind ever is.
 */
#ifndef SONOEDGE_CORE_READ_JSON_H
#define SONOEDGE_CORE_READ_JSON_H

#include "fault.h"

#define SO_JSON_MOST_LEVELS 32
/* Memory that a document can need, by its bytes: "0," is a value of 48 bytes. */
#define SO_JSON_MEMORY(bytes) ((size_t)26 * (bytes) + 65536)

enum so_json_kind {
    SO_JSON_NULL,
    SO_JSON_BOOL,
    SO_JSON_INTEGER, /* written without a fraction and an exponent, as Python tells int and float */
    SO_JSON_NUMBER,
    SO_JSON_TEXT,
    SO_JSON_LIST,
    SO_JSON_OBJECT
};

struct so_json {
    enum so_json_kind kind;
    uint32_t count; /* bytes of a text; values of a list or an object */
    union {
        int64_t integer; /* of a boolean: 0 or 1 */
        double number;
        const char *text;      /* UTF-8, with a zero behind it, and maybe zeros within it */
        struct so_json *first; /* value of a list or an object; NULL: empty */
    } as;
    struct so_json *next; /* in the list or object that it lies in */
    const char *key;      /* as a text; NULL outside of objects */
    uint32_t key_bytes;
};

/* The document's value, in the arena.
 * name: the document, for the problem's sentence. */
sonoedge_error so_json_read(struct so_arena *arena, const uint8_t *data, size_t bytes,
                            const char *name, size_t most_bytes, struct so_json **out,
                            struct so_problem *problem);
/* An object's value by its key; NULL where there is none, or `object` is none. */
const struct so_json *so_json_get(const struct so_json *object, const char *key);

#endif
