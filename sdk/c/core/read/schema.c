#include "schema_reader.h"

#include <string.h>

size_t so_schema_enter(struct so_schema_reader *reader, const char *key, uint32_t number) {
    size_t length = strlen(reader->where);
    char *to = reader->where + length;
    if (key == NULL) {
        so_format(to, sizeof reader->where - length, "[%lu]", (unsigned long)number);
    } else {
        so_format(to, sizeof reader->where - length, length == 0 ? "%s" : ".%s", key);
    }
    return length;
}

sonoedge_error so_schema_refuse(struct so_schema_reader *reader, const char *what) {
    return so_fail(reader->problem, SONOEDGE_ERROR_BUNDLE, "%.80s: %s %s", reader->file,
                   reader->where[0] == '\0' ? "the document" : reader->where, what);
}

static const struct so_field *field_of(const struct so_table *table, const struct so_json *value) {
    for (size_t i = 0; i < table->count; i++) {
        if (strlen(table->fields[i].name) == value->key_bytes &&
            memcmp(table->fields[i].name, value->key, value->key_bytes) == 0) {
            return &table->fields[i];
        }
    }
    return NULL;
}

static sonoedge_error fill_missing(struct so_schema_reader *reader, const struct so_field *field,
                                   unsigned char *member) {
    static const struct so_json EMPTY = {SO_JSON_OBJECT, 0, {0}, NULL, NULL, 0};
    if ((field->flags & SO_MAY_LACK) == 0) {
        return so_schema_refuse(reader, "is missing");
    }
    if (field->kind == SO_FIELD_RECORD && (field->flags & SO_OR_NULL) == 0) {
        return so_schema_value(reader, field, &EMPTY, member);
    }
    return SONOEDGE_OK;
}

sonoedge_error so_schema_fill(struct so_schema_reader *reader, const struct so_table *table,
                              const struct so_json *object, unsigned char *record) {
    if (object->kind != SO_JSON_OBJECT) {
        return so_schema_refuse(reader, "must be a table of keys");
    }
    if (table->defaults != NULL) {
        memcpy(record, table->defaults, table->bytes);
    }
    for (const struct so_json *each = object->as.first; each != NULL; each = each->next) {
        if (field_of(table, each) == NULL) {
            (void)so_schema_enter(reader, each->key, 0);
            return so_schema_refuse(reader, "is unknown");
        }
    }
    for (size_t i = 0; i < table->count; i++) {
        const struct so_field *field = &table->fields[i];
        const struct so_json *value = so_json_get(object, field->name);
        size_t length = so_schema_enter(reader, field->name, 0);
        sonoedge_error error = value == NULL
                                   ? fill_missing(reader, field, record + field->offset)
                                   : so_schema_value(reader, field, value, record + field->offset);
        if (error != SONOEDGE_OK) {
            return error;
        }
        reader->where[length] = '\0';
    }
    return SONOEDGE_OK;
}

sonoedge_error so_schema_read(struct so_arena *arena, const struct so_table *table,
                              const struct so_json *object, const char *file, void **record,
                              struct so_problem *problem) {
    struct so_schema_reader reader = {arena, problem, file, ""};
    *record = so_arena_take(arena, table->bytes);
    if (*record == NULL) {
        return so_fail(problem, SONOEDGE_ERROR_MEMORY, "there is no memory for %.80s", file);
    }
    return so_schema_fill(&reader, table, object, *record);
}
