/* What a device was taught beside a bundle: this library knows nothing of it, and says so. */
#ifndef SONOEDGE_CORE_READ_TAUGHT_H
#define SONOEDGE_CORE_READ_TAUGHT_H

/* Whether scope.json lies where sonoedge.scope.file.scope_file has it; 1 also where that cannot
 * be told: a frame that was to be left alone must not be analysed. */
int so_is_taught(const char *folder);

#endif
