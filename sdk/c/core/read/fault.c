#include "fault.h"

const char so_no_memory[] = "there is no memory for it";

sonoedge_error so_fail_file(struct so_problem *problem, const char *path, const char *kind,
                            const char *fault) {
    if (fault == so_no_memory) {
        return so_fail(problem, SONOEDGE_ERROR_MEMORY, "there is no memory for %.80s", path);
    }
    return so_fail(problem, SONOEDGE_ERROR_BUNDLE, "%.80s %s: %s; export the bundle again", path,
                   kind, fault);
}
