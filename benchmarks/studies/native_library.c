/* Measures the library in process: native_library BUNDLE VARIANT LIBRARY FRAMES WIDTH HEIGHT.
 *
 * FRAMES holds grey frames one after the other. Prints the time to open, the memory in use after
 * all frames, and for each frame nanoseconds around the engine's call and within it. */
#include "core/library/library.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static long resident_kib(const char *word) {
    char line[256];
    long kib = -1;
    FILE *file = fopen("/proc/self/status", "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, word, strlen(word)) == 0) {
            kib = strtol(line + strlen(word) + 1, NULL, 10);
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return kib;
}

/* The stages of submit.c, with a look at the clock between them. */
static int measure(struct so_library *library, const sonoedge_frame *given) {
    int64_t begin = sonoedge_now_ns(), asked, answered, end;
    const struct so_settings *settings = &library->bundle->settings;
    const uint8_t *input = NULL;
    struct so_findings findings;
    struct so_frame frame;
    struct so_maps maps;
    so_take_frame(given, &frame);
    if (so_frame_prepare(library->path, &frame, &input, library->made->detail) != 0) {
        return -1;
    }
    asked = sonoedge_now_ns();
    if (library->engine->calls->run(library->engine, input, NULL) != SONOEDGE_OK) {
        return -1;
    }
    answered = sonoedge_now_ns();
    maps = so_maps_of(settings, library->engine->outputs);
    if (so_frame_find(library->path, &maps, 1, &findings, library->made->detail) != 0 ||
        so_frame_track(library->path, &findings) != 0 ||
        so_outcome_findings(library->made, settings, &findings) != 0) {
        return -1;
    }
    end = sonoedge_now_ns();
    printf("frame %lld %lld %u\n", (long long)(asked - begin + end - answered),
           (long long)(answered - asked), (unsigned)findings.region_count);
    return 0;
}

int main(int count, char **words) {
    sonoedge_options options = {0};
    sonoedge *handle = NULL;
    sonoedge_frame frame;
    uint8_t *pixels;
    size_t size;
    int64_t begin = sonoedge_now_ns();
    FILE *frames = count == 7 ? fopen(words[4], "rb") : NULL;
    if (frames == NULL) {
        return 2;
    }
    options.variant = words[2];
    options.onnxruntime = words[3];
    options.threads = 1;
    if (sonoedge_open(words[1], &options, &handle) != SONOEDGE_OK) {
        fprintf(stderr, "%s\n", sonoedge_last_message(handle));
        sonoedge_close(handle);
        return 1;
    }
    printf("open %lld\n", (long long)(sonoedge_now_ns() - begin));
    sonoedge_frame_init(&frame);
    frame.width = (uint32_t)atoi(words[5]);
    frame.height = (uint32_t)atoi(words[6]);
    size = (size_t)frame.width * frame.height;
    frame.pixels = pixels = malloc(size);
    while (fread(pixels, 1, size, frames) == size) {
        frame.captured_ns = sonoedge_now_ns();
        if (measure(so_library_of(handle), &frame) != 0) {
            printf("stopped\n");
        }
    }
    printf("resident %ld %ld\n", resident_kib("VmRSS:"), resident_kib("VmHWM:"));
    free(pixels);
    fclose(frames);
    sonoedge_close(handle);
    return 0;
}
