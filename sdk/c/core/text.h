/* so_format for a list of values. */
#ifndef SONOEDGE_CORE_TEXT_H
#define SONOEDGE_CORE_TEXT_H

#include "core.h"

#include <stdarg.h>

void so_format_list(char *to, size_t room, const char *format, va_list values) SO_PRINTF(3, 0);

#endif
