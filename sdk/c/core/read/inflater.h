/* What inflate.c and inflate_codes.c share. */
#ifndef SONOEDGE_CORE_READ_INFLATER_H
#define SONOEDGE_CORE_READ_INFLATER_H

#include "bits.h"

#define SO_CUT "it is cut off or damaged"
#define SO_END_OF_BLOCK 256

struct so_inflater {
    struct so_bits bits;
    uint8_t *out;
    size_t out_bytes;
    size_t made;
    size_t window;
    struct so_code lengths;
    struct so_code distances;
    int fixed; /* the codes are the fixed ones */
};

/* inflate_codes.c: the codes of a block, fixed ones or such as the block itself begins with. */
void so_inflater_fixed(struct so_inflater *state);
const char *so_inflater_dynamic(struct so_inflater *state);

#endif
