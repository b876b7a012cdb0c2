/* What schema.c and schema_values.c share. */
#ifndef SONOEDGE_CORE_READ_SCHEMA_READER_H
#define SONOEDGE_CORE_READ_SCHEMA_READER_H

#include "schema.h"

#define SO_WHERE_BYTES 160

struct so_schema_reader {
    struct so_arena *arena;
    struct so_problem *problem;
    const char *file;
    char where[SO_WHERE_BYTES]; /* the value's key with those above it; "" at the top */
};

/* schema.c: the object's values into a struct that holds its defaults. */
sonoedge_error so_schema_fill(struct so_schema_reader *reader, const struct so_table *table,
                              const struct so_json *object, unsigned char *record);
/* The key goes behind `where`, or "[number]" for NULL. Returns how long `where` was: set its end
 * there again. */
size_t so_schema_enter(struct so_schema_reader *reader, const char *key, uint32_t number);
sonoedge_error so_schema_refuse(struct so_schema_reader *reader, const char *what);

/* schema_values.c: one value into its member. */
sonoedge_error so_schema_value(struct so_schema_reader *reader, const struct so_field *field,
                               const struct so_json *value, unsigned char *member);

#endif
