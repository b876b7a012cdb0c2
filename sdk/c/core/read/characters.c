#include "characters.h"

#include <string.h>

struct span {
    uint32_t first, last;
};

/* names._HIDDEN */
static const struct span HIDDEN[] = {{0x00, 0x1f},     {0x7f, 0x9f},     {0x61c, 0x61c},
                                     {0x200e, 0x200f}, {0x2028, 0x202e}, {0x2066, 0x2069}};
/* names._UNSHOWN, beyond those */
static const struct span UNSHOWN[] = {
    {0xa0, 0xa0},     {0xad, 0xad},       {0x1680, 0x1680},   {0x180e, 0x180e}, {0x2000, 0x200d},
    {0x202f, 0x202f}, {0x205f, 0x206f},   {0x3000, 0x3000},   {0xe000, 0xf8ff}, {0xfeff, 0xfeff},
    {0xfff9, 0xfffb}, {0xe0000, 0xe007f}, {0xf0000, 0x10ffff}};
/* str.isspace */
static const struct span SPACES[] = {
    {0x09, 0x0d},     {0x1c, 0x20},     {0x85, 0x85},     {0xa0, 0xa0},     {0x1680, 0x1680},
    {0x2000, 0x200a}, {0x2028, 0x2029}, {0x202f, 0x202f}, {0x205f, 0x205f}, {0x3000, 0x3000}};

#define IS_IN(spans, point) is_in(spans, sizeof(spans) / sizeof((spans)[0]), point)

static int is_in(const struct span *spans, size_t count, uint32_t point) {
    for (size_t i = 0; i < count; i++) {
        if (point >= spans[i].first && point <= spans[i].last) {
            return 1;
        }
    }
    return 0;
}

/* The character at *text, which moves behind it. */
static uint32_t next_point(const char **text) {
    const unsigned char *at = (const unsigned char *)*text;
    unsigned more = *at < 0xC0 ? 0 : *at < 0xE0 ? 1 : *at < 0xF0 ? 2 : 3;
    uint32_t point = more == 0 ? *at : *at & (0x3Fu >> more);
    for (unsigned i = 1; i <= more; i++) {
        point = point << 6 | (at[i] & 0x3Fu);
    }
    *text += more + 1;
    return point;
}

static int is_shown(const char *text, size_t bytes, int takes_lines) {
    const char *end = text + bytes;
    while (text < end) {
        uint32_t point = next_point(&text);
        if (IS_IN(HIDDEN, point) && !(takes_lines && (point == '\n' || point == '\t'))) {
            return 0;
        }
    }
    return 1;
}

int so_texts_are_shown(const struct so_json *value) {
    if (value->key != NULL && !is_shown(value->key, value->key_bytes, 0)) {
        return 0;
    }
    if (value->kind == SO_JSON_TEXT) {
        return is_shown(value->as.text, value->count, 1);
    }
    if (value->kind == SO_JSON_LIST || value->kind == SO_JSON_OBJECT) {
        for (const struct so_json *each = value->as.first; each != NULL; each = each->next) {
            if (!so_texts_are_shown(each)) {
                return 0;
            }
        }
    }
    return 1;
}

int so_is_label(const char *text) {
    size_t count = 0;
    while (*text != '\0') {
        uint32_t point = next_point(&text);
        if (++count > 64 || IS_IN(HIDDEN, point) || IS_IN(UNSHOWN, point)) {
            return 0;
        }
    }
    return count != 0;
}

int so_is_blank(const char *text) {
    while (*text != '\0') {
        uint32_t point = next_point(&text);
        if (!IS_IN(SPACES, point)) {
            return 0;
        }
    }
    return 1;
}

int so_is_name(const char *text) {
    static const char SIGNS[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.+-";
    size_t length = strlen(text);
    return length >= 1 && length <= 64 && strspn(text, SIGNS) == length &&
           strchr(".+-", *text) == NULL;
}

int so_is_sha256(const char *text) {
    return strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64;
}

int so_is_plain_path(const char *text) {
    const char *part = text;
    size_t length = strlen(text), parts = 0;
    for (const char *at = text; *at != '\0'; at++) {
        if (*at < 0x20 || *at > 0x7e || *at == '\\') {
            return 0;
        }
    }
    for (;;) {
        size_t bytes = strcspn(part, "/");
        if (bytes == 0 || (bytes <= 2 && strspn(part, ".") >= bytes)) {
            return 0;
        }
        parts++;
        part += bytes;
        if (*part == '\0') {
            return length <= 255 && parts <= 8;
        }
        part++;
    }
}
