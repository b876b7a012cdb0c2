/* A walk over the encoded message (protobuf.dev, "Encoding"), which skips what cannot hold a
 * tensor. Its depth and its length are bounded. */
#include "onnx_inline.h"

#include <string.h>

#define BROKEN "is not an ONNX graph; export the bundle again"
#define EXTERNAL                                                                                   \
    "takes weights from another file (external data), which no digest covers; save the graph as "  \
    "one file"
#define MOST_LEVELS 64
#define MOST_FIELDS 4000000u
#define DATA_LOCATION 14
#define EXTERNAL_DATA 13
#define GRAPH_FIELD 7

enum kind { OTHER, MODEL, TRAINING, GRAPH, FUNCTION, NODE, ATTRIBUTE, SPARSE, TENSOR };

struct walk {
    const uint8_t *data;
    uint32_t fields;
    int has_graph;
};

/* What lies in this field of such a message; OTHER where no tensor can (onnx.proto). */
static enum kind below(enum kind kind, uint32_t field) {
    static const struct {
        enum kind kind;
        uint32_t field;
        enum kind below;
    } ROWS[] = {
        {MODEL, GRAPH_FIELD, GRAPH}, {MODEL, 20, TRAINING},   {MODEL, 25, FUNCTION},
        {TRAINING, 1, GRAPH},        {TRAINING, 2, GRAPH},    {GRAPH, 1, NODE},
        {GRAPH, 5, TENSOR},          {GRAPH, 15, SPARSE},     {FUNCTION, 7, NODE},
        {FUNCTION, 11, ATTRIBUTE},   {NODE, 5, ATTRIBUTE},    {ATTRIBUTE, 5, TENSOR},
        {ATTRIBUTE, 6, GRAPH},       {ATTRIBUTE, 10, TENSOR}, {ATTRIBUTE, 11, GRAPH},
        {ATTRIBUTE, 22, SPARSE},     {ATTRIBUTE, 23, SPARSE}, {SPARSE, 1, TENSOR},
        {SPARSE, 2, TENSOR},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        if (ROWS[i].kind == kind && ROWS[i].field == field) {
            return ROWS[i].below;
        }
    }
    return OTHER;
}

/* 0, or -1 where it does not end. What has more than 64 bits is as large as can be. */
static int varint(const uint8_t *data, size_t *at, size_t end, uint64_t *value) {
    int too_large = 0;
    *value = 0;
    for (unsigned shift = 0; *at < end && shift < 70; shift += 7) {
        uint8_t byte = data[(*at)++];
        too_large |= shift == 63 && (byte & 126u) != 0;
        *value |= (uint64_t)(byte & 127u) << shift;
        if ((byte & 128u) == 0) {
            *value = too_large ? UINT64_MAX : *value;
            return 0;
        }
    }
    return -1;
}

/* The fields of one message, which lies from `at` to `end`. */
static const char *message(struct walk *walk, size_t at, size_t end, enum kind kind, int level) {
    if (level > MOST_LEVELS) {
        return BROKEN;
    }
    while (at < end) {
        uint64_t tag, value;
        uint32_t field;
        enum kind inner;
        const char *fault;
        if (varint(walk->data, &at, end, &tag) != 0 || tag >> 3 == 0 || tag >> 32 != 0 ||
            ++walk->fields > MOST_FIELDS) {
            return BROKEN; /* parsers keep 32 bits of a tag: a longer one would be another field */
        }
        field = (uint32_t)(tag >> 3);
        switch (tag & 7) {
        case 0:
            if (varint(walk->data, &at, end, &value) != 0) {
                return BROKEN;
            }
            if (kind == TENSOR && field == DATA_LOCATION && value != 0) {
                return EXTERNAL;
            }
            break;
        case 1:
            at += 8;
            break;
        case 5:
            at += 4;
            break;
        case 2:
            if (varint(walk->data, &at, end, &value) != 0 || value > end - at) {
                return BROKEN;
            }
            if (kind == TENSOR && field == EXTERNAL_DATA) {
                return EXTERNAL;
            }
            inner = below(kind, field);
            if (inner != OTHER) {
                walk->has_graph |= kind == MODEL && field == GRAPH_FIELD;
                fault = message(walk, at, at + (size_t)value, inner, level + 1);
                if (fault != NULL) {
                    return fault;
                }
            }
            at += (size_t)value;
            break;
        default:
            return BROKEN; /* groups, which no version of ONNX has */
        }
    }
    return at == end ? NULL : BROKEN;
}

const char *so_check_inline(const uint8_t *model, size_t bytes) {
    struct walk walk = {model, 0, 0};
    const char *fault = message(&walk, 0, bytes, MODEL, 0);
    return fault == NULL && !walk.has_graph ? BROKEN : fault;
}
