/* How much of this machine's processor is ours: device/cpu.py's answers. */
#define _GNU_SOURCE /* sched_getaffinity */
#include "engine.h"

#include <ctype.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_CORES 4096
#define MOST_LINE 8192

/* Whether a list holds a word. */
static int has_word(const char *list, const char *word, const char *separators) {
    while (*list != '\0') {
        size_t length = strcspn(list, separators);
        if (length == strlen(word) && strncmp(list, word, length) == 0) {
            return 1;
        }
        list += length;
        list += strspn(list, separators);
    }
    return 0;
}

static uint32_t affinity(void) {
    cpu_set_t *set = CPU_ALLOC(MOST_CORES);
    size_t bytes = CPU_ALLOC_SIZE(MOST_CORES);
    int count = 0;
    if (set != NULL) {
        CPU_ZERO_S(bytes, set);
        if (sched_getaffinity(0, bytes, set) == 0) {
            count = CPU_COUNT_S(bytes, set);
        }
        CPU_FREE(set);
    }
    return count < 1 ? 1 : (uint32_t)count;
}

/* The first number of a file, and what follows it; 0 where it begins with none, as "max" does. */
static double number(const char *folder, const char *name, double *next) {
    char path[MOST_LINE + 64], text[64], *rest = text;
    double value = 0;
    FILE *file;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "re");
    if (file != NULL) {
        if (fgets(text, sizeof text, file) != NULL && isdigit((unsigned char)text[0])) {
            value = (double)strtoul(text, &rest, 10);
            *next = (double)strtoul(rest, NULL, 10);
        }
        fclose(file);
    }
    return value;
}

/* Cores' worth of time that one group allows, by version 2 or 1; 0 for no limit. */
static double allowed(const char *folder) {
    double period = 0, ignored = 0;
    double limit = number(folder, "cpu.max", &period);
    if (limit == 0) {
        limit = number(folder, "cpu.cfs_quota_us", &ignored);
        period = number(folder, "cpu.cfs_period_us", &ignored);
    }
    return period > 0 ? limit / period : 0;
}

static double tighter(double a, double b) {
    return a == 0 || (b > 0 && b < a) ? b : a;
}

/* The tightest limit on the way from a group to its root. */
static double on_the_way(const char *root, const char *group) {
    char folder[MOST_LINE + 64];
    double tightest = allowed(root);
    snprintf(folder, sizeof folder, "%s%s", root, group);
    while (strlen(folder) > strlen(root)) {
        tightest = tighter(tightest, allowed(folder));
        *strrchr(folder, '/') = '\0';
    }
    return tightest;
}

/* The tightest limit that this process is under; 0 for none. */
static double quota(void) {
    char line[MOST_LINE];
    double tightest = tighter(allowed("/sys/fs/cgroup"), allowed("/sys/fs/cgroup/cpu"));
    FILE *file = fopen("/proc/self/cgroup", "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        char *controllers = strchr(line, ':');
        char *group = controllers == NULL ? NULL : strchr(controllers + 1, ':');
        line[strcspn(line, "\n")] = '\0';
        if (group == NULL || group[1] != '/') {
            continue;
        }
        *group++ = '\0';
        if (controllers[1] == '\0') {
            tightest = tighter(tightest, on_the_way("/sys/fs/cgroup", group));
        } else if (has_word(controllers + 1, "cpu", ",")) {
            tightest = tighter(tightest, on_the_way("/sys/fs/cgroup/cpu", group));
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return tightest;
}

uint32_t so_usable_threads(void) {
    uint32_t cores = affinity();
    double limit = quota();
    if (limit > 0 && limit < (double)cores) {
        return limit < 1 ? 1 : (uint32_t)limit;
    }
    return cores;
}
