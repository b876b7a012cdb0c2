/* The header is a Python expression. It is not read but compared with the one that is expected. */
#include "npy.h"
#include "checksum.h"

#include <string.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "golden outputs are little-endian, and are not turned for a machine that is not"
#endif

#define MAGIC_BYTES 8u
#define DIFFERS "an array is not of the type and shape that the manifest names"

static const char *descr(enum so_dtype dtype) {
    switch (dtype) {
    case SO_UINT8:
        return "|u1";
    case SO_INT32:
        return "<i4";
    case SO_INT64:
        return "<i8";
    case SO_FLOAT32:
        return "<f4";
    case SO_BOOL:
        return "|b1";
    }
    return "";
}

/* numpy.lib.format writes the keys in this order, and shapes as Python writes tuples. */
static size_t expected_header(const struct so_tensor_spec *spec, char *text, size_t room) {
    size_t at;
    so_format(text, room, "{'descr': '%s', 'fortran_order': False, 'shape': (", descr(spec->dtype));
    for (uint32_t i = 0; i < spec->rank; i++) {
        at = strlen(text);
        so_format(text + at, room - at, i == 0 ? "%lld" : ", %lld", (long long)spec->shape[i]);
    }
    at = strlen(text);
    so_format(text + at, room - at, spec->rank == 1 ? ",), }" : "), }");
    return strlen(text);
}

static int all_finite(const uint8_t *values, size_t bytes) {
    for (size_t i = 0; i + 4 <= bytes; i += 4) {
        if ((so_little32(values + i) & 0x7f800000u) == 0x7f800000u) {
            return 0;
        }
    }
    return 1;
}

const char *so_npy_values(const uint8_t *content, size_t bytes, const struct so_tensor_spec *spec,
                          const uint8_t **values) {
    char expected[320]; /* eight numbers of at most twenty digits, and 60 characters around them */
    size_t length = expected_header(spec, expected, sizeof expected);
    size_t header;
    if (bytes < MAGIC_BYTES + 2 || memcmp(content, "\x93NUMPY\x01\x00", MAGIC_BYTES) != 0) {
        return "an array is of another version of the format";
    }
    header = so_little16(content + MAGIC_BYTES);
    content += MAGIC_BYTES + 2;
    bytes -= MAGIC_BYTES + 2;
    if (header > SO_NPY_MOST_HEADER || header > bytes || header <= length ||
        memcmp(content, expected, length) != 0) {
        return DIFFERS;
    }
    for (size_t i = length; i < header; i++) {
        if (content[i] != (i + 1 == header ? '\n' : ' ')) {
            return DIFFERS;
        }
    }
    if (bytes - header != spec->bytes) {
        return DIFFERS;
    }
    *values = content + header;
    if (spec->dtype == SO_FLOAT32 && !all_finite(*values, spec->bytes)) {
        return "an array is not finite";
    }
    return NULL;
}
