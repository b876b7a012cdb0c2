/* A build of the client alone: the library in process is core/library/, whose open.c takes the
 * place of this file. */
#include "../sonoedge.h"

sonoedge_error sonoedge_open(const char *bundle, const sonoedge_options *options, sonoedge **out) {
    (void)options;
    if (out != NULL) {
        *out = NULL;
    }
    return bundle == NULL || out == NULL ? SONOEDGE_ERROR_ARGUMENT : SONOEDGE_ERROR_UNSUPPORTED;
}
