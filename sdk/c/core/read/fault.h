/* Readers of one format say what is wrong as a few words that follow on "it ...": their caller
 * knows the file and what to do. NULL: nothing is wrong. */
#ifndef SONOEDGE_CORE_READ_FAULT_H
#define SONOEDGE_CORE_READ_FAULT_H

#include "../core.h"

/* The one fault that is not the file's; compared by address. */
extern const char so_no_memory[];

/* SONOEDGE_ERROR_MEMORY, or a file of a bundle that is not what its kind must be. */
sonoedge_error so_fail_file(struct so_problem *problem, const char *path, const char *kind,
                            const char *fault);

#endif
