/* From JSON to records, strictly: what settings.read does with the Python dataclasses.
 *
 * A record is a C struct, described by a table of its fields. Unknown keys, wrong types and missing
 * keys are refused with the key's full name. What follows from values is not looked at here.
 */
#ifndef SONOEDGE_CORE_READ_SCHEMA_H
#define SONOEDGE_CORE_READ_SCHEMA_H

#include "json.h"

/* What a field's member of the struct is. None is is_there == 0, or a null pointer. */
struct so_whole {
    int is_there;
    int64_t value;
};
struct so_number {
    int is_there;
    double value;
};
struct so_pair {
    int is_there;
    double low, high;
};
struct so_texts {
    int is_there;
    uint32_t count;
    const char **items;
};
struct so_wholes {
    int is_there;
    uint32_t count;
    int64_t *items;
};
struct so_records {
    uint32_t count;
    void *items; /* structs of the field's table, behind each other */
};

enum so_field_kind {
    SO_FIELD_TEXT,    /* const char * */
    SO_FIELD_CHOICE,  /* int: index of `choices` */
    SO_FIELD_BOOL,    /* int */
    SO_FIELD_WHOLE,   /* struct so_whole */
    SO_FIELD_NUMBER,  /* struct so_number; a whole number is one too */
    SO_FIELD_PAIR,    /* struct so_pair: a list of two numbers */
    SO_FIELD_TEXTS,   /* struct so_texts */
    SO_FIELD_WHOLES,  /* struct so_wholes */
    SO_FIELD_RECORD,  /* pointer to a struct of `table` */
    SO_FIELD_RECORDS, /* struct so_records: a list */
    SO_FIELD_BY_KEY,  /* struct so_records: an object; each struct begins with its key, const char *
                       */
    SO_FIELD_ANYTHING /* an object that is not looked into; there is no member */
};

#define SO_OR_NULL 1u  /* null is taken as None */
#define SO_MAY_LACK 2u /* without the key it is what the table's defaults say */

struct so_field {
    const char *name;
    enum so_field_kind kind;
    unsigned flags;
    size_t offset;
    const struct so_table *table;
    const char *const *choices; /* ended by NULL */
};

struct so_table {
    const struct so_field *fields;
    size_t count;
    size_t bytes;         /* of the struct */
    const void *defaults; /* a struct to begin with; NULL: zeros */
};

/* A record of an object, in the arena.
 * file: where it stands, for the problem's sentence. */
sonoedge_error so_schema_read(struct so_arena *arena, const struct so_table *table,
                              const struct so_json *object, const char *file, void **record,
                              struct so_problem *problem);

#endif
