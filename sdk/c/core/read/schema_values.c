#include "schema_reader.h"

#include <string.h>

static int as_number(const struct so_json *value, double *number) {
    if (value->kind == SO_JSON_INTEGER) {
        *number = (double)value->as.integer;
        return 1;
    }
    *number = value->as.number;
    return value->kind == SO_JSON_NUMBER;
}

static sonoedge_error no_memory(struct so_schema_reader *reader) {
    return so_fail(reader->problem, SONOEDGE_ERROR_MEMORY, "there is no memory for %.80s",
                   reader->file);
}

static sonoedge_error read_choice(struct so_schema_reader *reader, const struct so_field *field,
                                  const struct so_json *value, int *index) {
    for (*index = 0; value->kind == SO_JSON_TEXT && field->choices[*index] != NULL; (*index)++) {
        const char *choice = field->choices[*index];
        if (strlen(choice) == value->count && memcmp(choice, value->as.text, value->count) == 0) {
            return SONOEDGE_OK;
        }
    }
    return so_schema_refuse(reader, "is none of the words that are allowed there");
}

static sonoedge_error read_pair(struct so_schema_reader *reader, const struct so_json *value,
                                struct so_pair *pair) {
    pair->is_there = 1;
    if (value->kind != SO_JSON_LIST || value->count != 2 ||
        !as_number(value->as.first, &pair->low) || !as_number(value->as.first->next, &pair->high)) {
        return so_schema_refuse(reader, "must be a list of two numbers");
    }
    return SONOEDGE_OK;
}

/* Texts and whole numbers: one item of a list. */
static sonoedge_error read_texts(struct so_schema_reader *reader, const struct so_json *list,
                                 struct so_texts *texts) {
    texts->is_there = 1;
    texts->count = 0;
    texts->items = so_arena_array(reader->arena, list->count, sizeof *texts->items);
    if (texts->items == NULL) {
        return no_memory(reader);
    }
    for (const struct so_json *each = list->as.first; each != NULL; each = each->next) {
        if (each->kind != SO_JSON_TEXT) {
            return so_schema_refuse(reader, "must be a list of texts");
        }
        texts->items[texts->count++] = each->as.text;
    }
    return SONOEDGE_OK;
}

static sonoedge_error read_wholes(struct so_schema_reader *reader, const struct so_json *list,
                                  struct so_wholes *wholes) {
    wholes->is_there = 1;
    wholes->count = 0;
    wholes->items = so_arena_array(reader->arena, list->count, sizeof *wholes->items);
    if (wholes->items == NULL) {
        return no_memory(reader);
    }
    for (const struct so_json *each = list->as.first; each != NULL; each = each->next) {
        if (each->kind != SO_JSON_INTEGER) {
            return so_schema_refuse(reader, "must be a list of whole numbers");
        }
        wholes->items[wholes->count++] = each->as.integer;
    }
    return SONOEDGE_OK;
}

/* The records of a list, or of an object by its keys. */
static sonoedge_error read_records(struct so_schema_reader *reader, const struct so_table *table,
                                   const struct so_json *values, struct so_records *records) {
    unsigned char *item = so_arena_array(reader->arena, values->count, table->bytes);
    if (item == NULL) {
        return no_memory(reader);
    }
    records->count = 0;
    records->items = item;
    for (const struct so_json *each = values->as.first; each != NULL; each = each->next) {
        size_t length = so_schema_enter(reader, each->key, records->count);
        sonoedge_error error = so_schema_fill(reader, table, each, item);
        if (error != SONOEDGE_OK) {
            return error;
        }
        reader->where[length] = '\0';
        if (each->key != NULL) {
            memcpy(item, &each->key, sizeof each->key);
        }
        item += table->bytes;
        records->count++;
    }
    return SONOEDGE_OK;
}

static sonoedge_error read_record(struct so_schema_reader *reader, const struct so_table *table,
                                  const struct so_json *value, unsigned char *member) {
    void *record = so_arena_take(reader->arena, table->bytes);
    if (record == NULL) {
        return no_memory(reader);
    }
    memcpy(member, &record, sizeof record);
    return so_schema_fill(reader, table, value, record);
}

/* The JSON kinds that a field takes, and what to say of another one. */
static int fits(enum so_field_kind kind, enum so_json_kind json, const char **wanted) {
    switch (kind) {
    case SO_FIELD_TEXT:
    case SO_FIELD_CHOICE:
        *wanted = "must be text";
        return json == SO_JSON_TEXT;
    case SO_FIELD_BOOL:
        *wanted = "must be true or false";
        return json == SO_JSON_BOOL;
    case SO_FIELD_WHOLE:
        *wanted = "must be a whole number";
        return json == SO_JSON_INTEGER;
    case SO_FIELD_NUMBER:
        *wanted = "must be a number";
        return json == SO_JSON_INTEGER || json == SO_JSON_NUMBER;
    case SO_FIELD_PAIR:
    case SO_FIELD_TEXTS:
    case SO_FIELD_WHOLES:
    case SO_FIELD_RECORDS:
        *wanted = "must be a list";
        return json == SO_JSON_LIST;
    case SO_FIELD_RECORD:
    case SO_FIELD_BY_KEY:
    case SO_FIELD_ANYTHING:
        *wanted = "must be a table of keys";
        return json == SO_JSON_OBJECT;
    }
    *wanted = "";
    return 0;
}

/* None in place of a default. */
static void set_none(enum so_field_kind kind, void *at) {
    if (kind == SO_FIELD_TEXT) {
        *(const char **)at = NULL;
    } else if (kind == SO_FIELD_RECORD) {
        *(void **)at = NULL;
    } else if (kind != SO_FIELD_ANYTHING) { /* of that, nothing is kept */
        *(int *)at = 0; /* is_there, with which each other kind that may be None begins */
    }
}

sonoedge_error so_schema_value(struct so_schema_reader *reader, const struct so_field *field,
                               const struct so_json *value, unsigned char *member) {
    void *at = member; /* a struct's member, aligned as its type wants it */
    const char *wanted;
    if (value->kind == SO_JSON_NULL && (field->flags & SO_OR_NULL) != 0) {
        set_none(field->kind, at);
        return SONOEDGE_OK;
    }
    if (!fits(field->kind, value->kind, &wanted)) {
        return so_schema_refuse(reader, wanted);
    }
    switch (field->kind) {
    case SO_FIELD_TEXT:
        *(const char **)at = value->as.text;
        return SONOEDGE_OK;
    case SO_FIELD_CHOICE:
        return read_choice(reader, field, value, at);
    case SO_FIELD_BOOL:
        *(int *)at = (int)value->as.integer;
        return SONOEDGE_OK;
    case SO_FIELD_WHOLE:
        ((struct so_whole *)at)->is_there = 1;
        ((struct so_whole *)at)->value = value->as.integer;
        return SONOEDGE_OK;
    case SO_FIELD_NUMBER:
        ((struct so_number *)at)->is_there = 1;
        (void)as_number(value, &((struct so_number *)at)->value);
        return SONOEDGE_OK;
    case SO_FIELD_PAIR:
        return read_pair(reader, value, at);
    case SO_FIELD_TEXTS:
        return read_texts(reader, value, at);
    case SO_FIELD_WHOLES:
        return read_wholes(reader, value, at);
    case SO_FIELD_RECORD:
        return read_record(reader, field->table, value, member);
    case SO_FIELD_RECORDS:
    case SO_FIELD_BY_KEY:
        return read_records(reader, field->table, value, at);
    case SO_FIELD_ANYTHING:
        return SONOEDGE_OK;
    }
    return SONOEDGE_OK;
}
