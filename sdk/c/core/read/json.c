#include "json_parts.h"

#include <string.h>

static const char *read_value(struct so_json_place *place, struct so_json *value);

static void skip_blanks(struct so_json_place *place) {
    while (place->at < place->end &&
           (*place->at == ' ' || *place->at == '\t' || *place->at == '\n' || *place->at == '\r')) {
        place->at++;
    }
}

static int take(struct so_json_place *place, char sign) {
    skip_blanks(place);
    if (place->at == place->end || *place->at != (uint8_t)sign) {
        return 0;
    }
    place->at++;
    return 1;
}

static const char *read_word(struct so_json_place *place, struct so_json *value) {
    static const struct {
        const char *word;
        enum so_json_kind kind;
        int64_t integer;
    } WORDS[] = {{"null", SO_JSON_NULL, 0}, {"true", SO_JSON_BOOL, 1}, {"false", SO_JSON_BOOL, 0}};
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
        size_t bytes = strlen(WORDS[i].word);
        if ((size_t)(place->end - place->at) >= bytes &&
            memcmp(place->at, WORDS[i].word, bytes) == 0) {
            value->kind = WORDS[i].kind;
            value->as.integer = WORDS[i].integer;
            place->at += bytes;
            return NULL;
        }
    }
    return "a value is expected";
}

static const char *read_key(struct so_json_place *place, struct so_json *value) {
    const char *fault;
    skip_blanks(place);
    if (place->at == place->end || *place->at != '"') {
        return "a key in double quotes is expected";
    }
    fault = so_json_text(place, &value->key, &value->key_bytes);
    if (fault == NULL && !take(place, ':')) {
        fault = "a colon is expected";
    }
    return fault;
}

/* A list's or an object's values, from behind its opening bracket. */
static const char *read_values(struct so_json_place *place, struct so_json *outer, char closing) {
    struct so_json **link = &outer->as.first;
    if (place->level++ == SO_JSON_MOST_LEVELS) {
        return "it is nested more than 32 levels deep";
    }
    if (!take(place, closing)) {
        do {
            struct so_json *value = so_arena_take(place->arena, sizeof *value);
            const char *fault = value == NULL ? so_no_memory : NULL;
            if (fault == NULL && outer->kind == SO_JSON_OBJECT) {
                fault = read_key(place, value);
            }
            if (fault == NULL) {
                fault = read_value(place, value);
            }
            if (fault != NULL) {
                return fault;
            }
            *link = value;
            link = &value->next;
            outer->count++;
        } while (take(place, ','));
        if (!take(place, closing)) {
            return "a comma or a closing bracket is expected";
        }
    }
    place->level--;
    return outer->kind == SO_JSON_OBJECT ? so_json_check_keys(outer) : NULL;
}

static const char *read_value(struct so_json_place *place, struct so_json *value) {
    uint8_t sign;
    skip_blanks(place);
    sign = place->at < place->end ? *place->at : (uint8_t)0;
    if (sign == '"') {
        value->kind = SO_JSON_TEXT;
        return so_json_text(place, &value->as.text, &value->count);
    }
    if (sign == '[' || sign == '{') {
        value->kind = sign == '[' ? SO_JSON_LIST : SO_JSON_OBJECT;
        value->as.first = NULL;
        place->at++;
        return read_values(place, value, sign == '[' ? ']' : '}');
    }
    if (sign == '-' || (sign >= '0' && sign <= '9')) {
        return so_json_number(place, value);
    }
    return read_word(place, value);
}

sonoedge_error so_json_read(struct so_arena *arena, const uint8_t *data, size_t bytes,
                            const char *name, size_t most_bytes, struct so_json **out,
                            struct so_problem *problem) {
    struct so_json_place place = {data, data + bytes, arena, 0};
    const char *fault;
    if (bytes > most_bytes || bytes > UINT32_MAX) {
        return so_fail(problem, SONOEDGE_ERROR_BUNDLE, "%.80s has %zu bytes; at most %zu are read",
                       name, bytes, most_bytes);
    }
    if (!so_is_utf8((const char *)data, bytes)) {
        return so_fail(problem, SONOEDGE_ERROR_BUNDLE, "%.80s is not UTF-8 text", name);
    }
    if (bytes >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0) {
        return so_fail(problem, SONOEDGE_ERROR_BUNDLE,
                       "%.80s begins with a byte order mark; save it as plain UTF-8", name);
    }
    *out = so_arena_take(arena, sizeof **out);
    fault = *out == NULL ? so_no_memory : read_value(&place, *out);
    if (fault == NULL) {
        skip_blanks(&place);
        fault = place.at == place.end ? NULL : "something follows behind the document's end";
    }
    if (fault == so_no_memory) {
        return so_fail(problem, SONOEDGE_ERROR_MEMORY, "there is no memory for %.80s", name);
    }
    if (fault != NULL) {
        return so_fail(problem, SONOEDGE_ERROR_BUNDLE, "%.80s is not valid JSON at byte %zu: %s",
                       name, (size_t)(place.at - data), fault);
    }
    return SONOEDGE_OK;
}

const struct so_json *so_json_get(const struct so_json *object, const char *key) {
    size_t bytes = strlen(key);
    if (object->kind == SO_JSON_OBJECT) {
        for (const struct so_json *each = object->as.first; each != NULL; each = each->next) {
            if (each->key_bytes == bytes && memcmp(each->key, key, bytes) == 0) {
                return each;
            }
        }
    }
    return NULL;
}
