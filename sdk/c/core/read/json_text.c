/* A string: as it stands, or with its escapes undone. The document is UTF-8 already. */
#include "json_parts.h"

#include <string.h>

static int32_t hex_digit(uint8_t sign) {
    if (sign >= '0' && sign <= '9') {
        return sign - '0';
    }
    if (sign >= 'a' && sign <= 'f') {
        return sign - 'a' + 10;
    }
    return sign >= 'A' && sign <= 'F' ? sign - 'A' + 10 : -1;
}

/* Four hexadecimal digits; -1 where they are none, or the document ends. */
static int32_t hex4(const uint8_t *at, const uint8_t *end) {
    int32_t value = 0;
    if (end - at < 4) {
        return -1;
    }
    for (int i = 0; i < 4; i++) {
        int32_t digit = hex_digit(at[i]);
        if (digit < 0) {
            return -1;
        }
        value = value * 16 + digit;
    }
    return value;
}

static size_t put_utf8(char *to, uint32_t point) {
    if (point < 0x80) {
        to[0] = (char)point;
        return 1;
    }
    if (point < 0x800) {
        to[0] = (char)(0xC0 | point >> 6);
        to[1] = (char)(0x80 | (point & 0x3F));
        return 2;
    }
    if (point < 0x10000) {
        to[0] = (char)(0xE0 | point >> 12);
        to[1] = (char)(0x80 | (point >> 6 & 0x3F));
        to[2] = (char)(0x80 | (point & 0x3F));
        return 3;
    }
    to[0] = (char)(0xF0 | point >> 18);
    to[1] = (char)(0x80 | (point >> 12 & 0x3F));
    to[2] = (char)(0x80 | (point >> 6 & 0x3F));
    to[3] = (char)(0x80 | (point & 0x3F));
    return 4;
}

/* An escape behind its backslash, into at most as many bytes as it has. */
static const char *read_escape(const uint8_t **at, const uint8_t *end, char **to) {
    static const char SIGNS[] = "\"\\/bfnrt";
    static const char MEANT[] = "\"\\/\b\f\n\r\t";
    const char *sign;
    int32_t first, second;
    if (*at == end) {
        return "a string does not end";
    }
    if (**at != 'u') {
        sign = **at == 0 ? NULL : strchr(SIGNS, **at);
        if (sign == NULL) {
            return "a backslash is followed by what it cannot be";
        }
        *(*to)++ = MEANT[sign - SIGNS];
        (*at)++;
        return NULL;
    }
    first = hex4(*at + 1, end);
    if (first < 0) {
        return "\\u is not followed by four hexadecimal digits";
    }
    *at += 5;
    if (first >= 0xD800 && first < 0xE000) {
        second = end - *at >= 6 && (*at)[0] == '\\' && (*at)[1] == 'u' ? hex4(*at + 2, end) : -1;
        if (first >= 0xDC00 || second < 0xDC00 || second >= 0xE000) {
            return "half a surrogate pair is no character";
        }
        *at += 6;
        first = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
    }
    *to += put_utf8(*to, (uint32_t)first);
    return NULL;
}

/* Where the closing quote is; NULL where there is none, or a control character stands before it. */
static const uint8_t *closing_quote(const uint8_t *at, const uint8_t *end) {
    for (; at < end && *at >= 0x20; at++) {
        if (*at == '"') {
            return at;
        }
        if (*at == '\\') {
            at++;
        }
    }
    return NULL;
}

const char *so_json_text(struct so_json_place *place, const char **text, uint32_t *bytes) {
    const uint8_t *at = place->at + 1;
    const uint8_t *close = closing_quote(at, place->end);
    char *copy, *to;
    if (close == NULL) {
        return "a string does not end, or holds a control character";
    }
    copy = to = so_arena_take(place->arena, (size_t)(close - at) + 1);
    if (copy == NULL) {
        return so_no_memory;
    }
    while (at < close) {
        if (*at != '\\') {
            *to++ = (char)*at++;
            continue;
        }
        at++;
        const char *fault = read_escape(&at, close, &to);
        if (fault != NULL) {
            place->at = at;
            return fault;
        }
    }
    *to = '\0';
    *text = copy;
    *bytes = (uint32_t)(to - copy);
    place->at = close + 1;
    return NULL;
}
