/* What json.c is made of: a place in the document, and readers that move it. */
#ifndef SONOEDGE_CORE_READ_JSON_PARTS_H
#define SONOEDGE_CORE_READ_JSON_PARTS_H

#include "json.h"

struct so_json_place {
    const uint8_t *at;
    const uint8_t *end;
    struct so_arena *arena;
    unsigned level;
};

/* json_text.c: from the opening quote to behind the closing one. */
const char *so_json_text(struct so_json_place *place, const char **text, uint32_t *bytes);
/* json_number.c: from the first digit or the minus. */
const char *so_json_number(struct so_json_place *place, struct so_json *value);
/* json_keys.c: whether a key stands twice in an object. */
const char *so_json_check_keys(const struct so_json *object);

#endif
