#include "cpu.h"

#include <stdio.h>
#include <string.h>

#if defined(__x86_64__)

/* Whether a line of words with blanks between has this one. */
static int has_word(const char *line, const char *word) {
    size_t length = strlen(word);
    for (const char *at = strstr(line, word); at != NULL; at = strstr(at + 1, word)) {
        if ((at == line || strchr(" \t:", at[-1]) != NULL) && strchr(" \t\n", at[length]) != NULL) {
            return 1; /* strchr also finds the zero at the line's end */
        }
    }
    return 0;
}

static int has_any(const char *line, const char *const *words) {
    for (; *words != NULL; words++) {
        if (has_word(line, *words)) {
            return 1;
        }
    }
    return 0;
}

int so_int8_overflows(void) {
    static const char *const EXACT[] = {"amx_int8", "avx512_vnni", "avx_vnni", NULL};
    static const char *const OTHERS[] = {"avx2", "avx512f", "avx512_bf16", "amx_bf16", NULL};
    char line[8192];
    int overflows = 0;
    FILE *file = fopen("/proc/cpuinfo", "re");
    if (file == NULL) {
        return 0;
    }
    while (fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "flags", 5) == 0) {
            overflows = has_any(line, OTHERS) && !has_any(line, EXACT);
            break;
        }
    }
    fclose(file);
    return overflows;
}

#else

int so_int8_overflows(void) {
    return 0;
}

#endif
