/* A recorded stream through the frame path, answers as text: for sanitizers and other processors.
 *
 *     frames FILE
 *
 * FILE: struct so_settings, then for each frame a struct so_frame, 64 bytes of a probe's name, the
 * pixels and the network's answers, as memory has them. Pointers in it are set here.
 */
#include "core/frame_path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME 64

static void *take(FILE *file, size_t bytes) {
    void *memory = malloc(bytes + 1);
    if (memory == NULL || fread(memory, 1, bytes, file) != bytes) {
        exit(2);
    }
    return memory;
}

static unsigned long long digest(const uint8_t *bytes, size_t count) {
    unsigned long long hash = 14695981039346656037ull; /* FNV-1a */
    for (size_t i = 0; i < count; i++) {
        hash = (hash ^ bytes[i]) * 1099511628211ull;
    }
    return hash;
}

static void print_region(const struct so_region *region, uint32_t labels) {
    printf("  %d %d %d %d %lld %d %d %.17g %.17g", (int)region->box[0], (int)region->box[1],
           (int)region->box[2], (int)region->box[3], (long long)region->track_id,
           region->is_flagged, region->is_track_flagged, region->suspicion, region->area_px);
    if (region->has_mm) {
        printf(" %.17g %.17g %.17g", region->area_mm2, region->width_mm, region->height_mm);
    }
    for (uint32_t i = 0; region->class_probs != NULL && i < labels; i++) {
        printf(" %.17g", region->class_probs[i]);
    }
    printf(" %llu\n", digest((const uint8_t *)region->contour,
                             region->points * 2 * sizeof(int32_t)));
}

static void print_answer(struct so_frame_path *path, const struct so_settings *settings,
                         const struct so_frame *frame, const struct so_maps *maps) {
    char detail[SONOEDGE_MAX_TEXT];
    const uint8_t *input;
    struct so_findings findings;
    int32_t reason = so_frame_prepare(path, frame, &input, detail);
    if (reason == SO_REASON_NONE) {
        printf("%llu ", digest(input, (size_t)settings->preprocess.height *
                                          (size_t)settings->preprocess.width));
        reason = so_frame_find(path, maps, 1, &findings, detail);
    }
    printf("%d %s\n", (int)reason, detail);
    if (reason == SO_REASON_NONE && so_frame_track(path, &findings) == 0) {
        printf(" %d\n", findings.temporal_flag);
        for (uint32_t i = 0; i < findings.region_count; i++) {
            print_region(&findings.regions[i], settings->postprocess.label_count);
        }
    }
}

int main(int count, char **words) {
    static const char *labels[] = {"benign", "malignant", "other"};
    FILE *file = count == 2 ? fopen(words[1], "rb") : NULL;
    if (file == NULL) {
        return 2;
    }
    struct so_settings *settings = take(file, sizeof *settings);
    memcpy(settings->postprocess.labels, labels, sizeof labels);
    const int64_t *shape = settings->outputs[settings->lesion_map].shape;
    const size_t cells = (size_t)(shape[2] * shape[3]);
    struct so_frame_path *path = so_frame_path_make(settings, 1);
    struct so_frame frame;
    while (path != NULL && fread(&frame, sizeof frame, 1, file) == 1) {
        char *probe = take(file, NAME);
        uint8_t *pixels = take(file, frame.image.stride * (size_t)frame.image.height);
        uint8_t *lesion = take(file, cells), *malignancy = take(file, cells);
        float *probs = take(file, settings->postprocess.label_count * sizeof(float));
        const struct so_maps maps = {lesion, malignancy, probs, NULL};
        frame.image.pixels = pixels;
        frame.probe = probe[0] == '\0' ? NULL : probe;
        frame.preset = frame.invalid = NULL;
        print_answer(path, settings, &frame, &maps);
        free(probe);
        free(pixels);
        free(lesion);
        free(malignancy);
        free(probs);
    }
    so_frame_path_free(path);
    free(settings);
    fclose(file);
    return 0;
}
