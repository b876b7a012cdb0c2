/* The library in process does not exist yet: a host that asks for it is told so. */
#include "../sonoedge.h"

sonoedge_error sonoedge_open(const char *bundle, const sonoedge_options *options, sonoedge **out) {
    (void)options;
    if (out != NULL) {
        *out = NULL;
    }
    return bundle == NULL || out == NULL ? SONOEDGE_ERROR_ARGUMENT : SONOEDGE_ERROR_UNSUPPORTED;
}
