/* Why opening failed, as an error and a sentence. */
#include "core.h"

#include "text.h"

#include <stdarg.h>

sonoedge_error so_fail(struct so_problem *problem, sonoedge_error error, const char *format, ...) {
    if (problem != NULL) {
        va_list values;
        va_start(values, format);
        problem->error = error;
        so_format_list(problem->text, sizeof problem->text, format, values);
        va_end(values);
    }
    return error;
}
