/* A number. Python takes one without fraction and exponent as an int, any other as a float. */
#include "json_parts.h"

#include <string.h>

#define MOST_DIGITS 100

static const uint8_t *skip_digits(const uint8_t *at, const uint8_t *end) {
    while (at < end && *at >= '0' && *at <= '9') {
        at++;
    }
    return at;
}

/* As far as these characters are a whole number; what follows is not read. */
static const char *read_integer(const uint8_t *at, const uint8_t *end, int64_t *value) {
    int negative = *at == '-';
    uint64_t size = 0;
    for (at += negative; at < end; at++) {
        unsigned digit = *at - (unsigned)'0';
        if (size > ((uint64_t)INT64_MAX - digit) / 10) {
            return "an integer does not fit into 64 bits";
        }
        size = size * 10 + digit;
    }
    *value = negative ? -(int64_t)size : (int64_t)size;
    return NULL;
}

static const char *read_float(const uint8_t *at, const uint8_t *end, double *value) {
    char text[MOST_DIGITS + 1];
    size_t length = (size_t)(end - at);
    if (length > MOST_DIGITS) {
        return "a number has more than 100 characters";
    }
    memcpy(text, at, length);
    text[length] = '\0';
    *value = so_to_double(text, NULL);
    return *value - *value == 0 ? NULL : "a number is too large for a double";
}

const char *so_json_number(struct so_json_place *place, struct so_json *value) {
    const uint8_t *begin = place->at, *end = place->end;
    const uint8_t *at = begin + (*begin == '-'), *behind, *more;
    const char *fault;
    int whole = 1;
    behind = at < end && *at == '0' ? at + 1 : skip_digits(at, end);
    if (behind == at) {
        return "a number has no digits";
    }
    if (behind < end && *behind == '.' && skip_digits(behind + 1, end) != behind + 1) {
        behind = skip_digits(behind + 1, end);
        whole = 0;
    }
    if (behind < end && (*behind == 'e' || *behind == 'E')) {
        more = behind + 1;
        more += more < end && (*more == '+' || *more == '-');
        if (skip_digits(more, end) != more) {
            behind = skip_digits(more, end);
            whole = 0;
        }
    }
    value->kind = whole ? SO_JSON_INTEGER : SO_JSON_NUMBER;
    fault = whole ? read_integer(begin, behind, &value->as.integer)
                  : read_float(begin, behind, &value->as.number);
    place->at = fault == NULL ? behind : begin;
    return fault;
}
