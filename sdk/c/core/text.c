/* Numbers and text in the C locale: a host that says "0,5" must not change what a bundle means. */
#define _POSIX_C_SOURCE 200809L
#include "text.h"

#include "core.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

/* This thread's locale for a moment. Without memory for another one the host's stays: newlocale
 * of "C" takes none in the C libraries that there are. */
struct borrowed {
    locale_t c, before;
};

static struct borrowed borrow(void) {
    struct borrowed locale;
    locale.before = (locale_t)0;
    locale.c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (locale.c != (locale_t)0) {
        locale.before = uselocale(locale.c);
    }
    return locale;
}

static void give_back(struct borrowed locale) {
    if (locale.c != (locale_t)0) {
        uselocale(locale.before);
        freelocale(locale.c);
    }
}

/* A text that was cut may end within a character: its first bytes go. */
static void end_between_characters(char *text, size_t length) {
    size_t begin = length;
    while (begin > 0 && length - begin < 4) {
        begin--;
        if (((unsigned char)text[begin] & 0xC0) != 0x80) {
            break;
        }
    }
    if (begin < length && !so_is_utf8(text + begin, length - begin)) {
        text[begin] = '\0';
    }
}

void so_format_list(char *to, size_t room, const char *format, va_list values) {
    struct borrowed locale;
    int length;
    if (room == 0) {
        return;
    }
    locale = borrow();
    length = vsnprintf(to, room, format, values);
    give_back(locale);
    if (length < 0) {
        to[0] = '\0';
    } else if ((size_t)length >= room) {
        end_between_characters(to, room - 1);
    }
}

void so_format(char *to, size_t room, const char *format, ...) {
    va_list values;
    va_start(values, format);
    so_format_list(to, room, format, values);
    va_end(values);
}

double so_to_double(const char *text, char **end) {
    struct borrowed locale = borrow();
    double value = strtod(text, end);
    give_back(locale);
    return value;
}

/* Bytes of the character that `text` begins with; 0 where it is none. Unicode 15, table 3-7. */
static size_t character(const unsigned char *text, size_t bytes) {
    unsigned first = text[0];
    unsigned low = 0x80, high = 0xBF; /* of the second byte */
    size_t length = first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (length == 0 || first > 0xF4 || length > bytes) {
        return 0;
    }
    low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : low;
    high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : high;
    for (size_t i = 1; i < length; i++, low = 0x80, high = 0xBF) {
        if (text[i] < low || text[i] > high) {
            return 0;
        }
    }
    return length;
}

int so_is_utf8(const char *text, size_t bytes) {
    const unsigned char *at = (const unsigned char *)text;
    size_t length;
    for (; bytes > 0; at += length, bytes -= length) {
        length = character(at, bytes);
        if (length == 0) {
            return 0;
        }
    }
    return 1;
}
