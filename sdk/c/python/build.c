/* What a frame path for Python was built for: sdk/sonoedge/native/library.py compares it with its
 * own, and takes no other library. */
#include "../core/frame_path.h"

/* Counted up where a call or a struct of core/frame_path.h or core/settings.h changes its meaning;
 * another layout is seen by its sizes. */
#define SO_PYTHON_ABI 2

#ifndef SO_PACKAGE_VERSION
#error "build_native.py says the package's version"
#endif

/* The version; the ABI into `abi`, and the sizes of the structs that cross into `sizes`. */
const char *so_python_build(uint32_t *abi, uint64_t sizes[6]);

const char *so_python_build(uint32_t *abi, uint64_t sizes[6]) {
    *abi = SO_PYTHON_ABI;
    sizes[0] = sizeof(struct so_settings);
    sizes[1] = sizeof(struct so_frame);
    sizes[2] = sizeof(struct so_maps);
    sizes[3] = sizeof(struct so_region);
    sizes[4] = sizeof(struct so_findings);
    sizes[5] = sizeof(struct so_input);
    return SO_PACKAGE_VERSION;
}
