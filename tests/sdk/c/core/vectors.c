/* Answers the conformance vectors: `vectors BUNDLE FRAMES maps MAPS` takes the engine's outputs from
 * a file, `vectors BUNDLE FRAMES ort LIBRARY` asks ONNX Runtime. test_vectors.py writes FRAMES. */
#include "bundle.h"
#include "engine/engine.h"
#include "frame_path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A frame's numbers in the file; names and pixels follow. */
struct record {
    int32_t width, height, channels, stride;
    int32_t roi[4];
    int32_t has_spacing, has_pixel_aspect, has_roi, has_depth_mm, has_gain_db, is_frozen;
    int32_t probe, preset, invalid, unused; /* bytes; -1: none */
    int64_t captured_ns;
    double spacing_mm[2], pixel_aspect, depth_mm, gain_db;
};

static void die(const char *why) {
    fprintf(stderr, "%s\n", why);
    exit(1);
}

static void *get(FILE *file, size_t bytes) {
    char *data = calloc(1, bytes + 1);
    if (data == NULL || fread(data, 1, bytes, file) != bytes) {
        die("the file is too short");
    }
    return data;
}

static char *get_text(FILE *file, int32_t bytes) {
    return bytes < 0 ? NULL : get(file, (size_t)bytes);
}

static void print_hex(const char *word, const void *data, size_t bytes) {
    printf("%s ", word);
    for (size_t i = 0; i < bytes; i++) {
        printf("%02x", ((const unsigned char *)data)[i]);
    }
    printf("\n");
}

static void print_doubles(const char *word, const double *values, uint32_t count) {
    printf("%s", word);
    for (uint32_t i = 0; values != NULL && i < count; i++) {
        printf(" %a", values[i]);
    }
    printf("\n");
}

static void print_region(const struct so_region *r, uint32_t labels) {
    printf("region %d %d %d %d %a %d %a %a %a %a %d %lld %d", (int)r->box[0], (int)r->box[1],
           (int)r->box[2], (int)r->box[3], r->area_px, r->has_mm, r->has_mm ? r->area_mm2 : 0,
           r->has_mm ? r->width_mm : 0, r->has_mm ? r->height_mm : 0, r->suspicion, r->is_flagged,
           (long long)r->track_id, r->is_track_flagged);
    for (uint32_t k = 0; k < 2 * r->points; k++) {
        printf(" %d", (int)r->contour[k]);
    }
    printf("\n");
    print_doubles("of_region", r->class_probs, labels);
}

static void print_findings(const struct so_findings *findings, uint32_t labels) {
    printf("flag %d\n", findings->temporal_flag);
    print_doubles("of_frame", findings->class_probs, labels);
    for (uint32_t i = 0; i < findings->region_count; i++) {
        print_region(&findings->regions[i], labels);
    }
}

struct run {
    struct so_bundle *bundle;
    struct so_frame_path *path;
    struct so_engine *engine; /* NULL: `maps` has its outputs */
    FILE *maps;
    void *outputs[SO_MAX_TENSORS];
};

static const void *output(const struct run *run, int32_t index) {
    if (index < 0) {
        return NULL;
    }
    return run->engine == NULL ? run->outputs[index] : run->engine->outputs[index];
}

static void ask(struct run *run, const uint8_t *input) {
    const struct so_settings *settings = &run->bundle->settings;
    struct so_problem problem;
    if (run->engine != NULL &&
        run->engine->calls->run(run->engine, input, &problem) != SONOEDGE_OK) {
        die(problem.text);
    }
    for (uint32_t i = 0; i < settings->output_count; i++) {
        if (run->engine == NULL) {
            free(run->outputs[i]);
            run->outputs[i] = get(run->maps, settings->outputs[i].bytes);
        }
        print_hex(settings->outputs[i].name, output(run, (int32_t)i), settings->outputs[i].bytes);
    }
}

static void analyse(struct run *run, const struct so_frame *frame) {
    const struct so_settings *settings = &run->bundle->settings;
    char detail[SONOEDGE_MAX_TEXT] = "";
    const uint8_t *input = NULL;
    struct so_findings findings;
    struct so_maps maps;
    int32_t reason = so_frame_prepare(run->path, frame, &input, detail);
    if (reason == SO_REASON_NONE) {
        print_hex("input", input, settings->input.bytes);
        ask(run, input);
        maps.lesion = output(run, settings->lesion_map);
        maps.malignancy = output(run, settings->malignancy_map);
        maps.class_probs = output(run, settings->class_probs);
        maps.finite = output(run, settings->finite);
        reason = so_frame_find(run->path, &maps, 1, &findings, detail);
    }
    if (reason == SO_REASON_NONE && so_frame_track(run->path, &findings) != 0) {
        die("no memory");
    }
    if (reason == SO_REASON_NONE) {
        print_findings(&findings, settings->postprocess.label_count);
    } else {
        printf("reason %s\ndetail %s\n", sonoedge_reason_name(reason), detail);
    }
}

static void one(struct run *run, FILE *frames, const struct record *record) {
    struct so_frame frame;
    char *probe = get_text(frames, record->probe);
    char *preset = get_text(frames, record->preset);
    char *invalid = get_text(frames, record->invalid);
    uint8_t *pixels = get(frames, (size_t)record->stride * (size_t)record->height);
    memset(&frame, 0, sizeof frame);
    frame.image.pixels = pixels;
    frame.image.width = record->width;
    frame.image.height = record->height;
    frame.image.stride = (size_t)record->stride;
    frame.image.channels = record->channels;
    frame.captured_ns = record->captured_ns;
    frame.has_spacing = record->has_spacing;
    memcpy(frame.spacing_mm, record->spacing_mm, sizeof frame.spacing_mm);
    frame.has_pixel_aspect = record->has_pixel_aspect;
    frame.pixel_aspect = record->pixel_aspect;
    frame.has_roi = record->has_roi;
    memcpy(frame.roi, record->roi, sizeof frame.roi);
    frame.probe = probe;
    frame.preset = preset;
    frame.has_depth_mm = record->has_depth_mm;
    frame.depth_mm = record->depth_mm;
    frame.has_gain_db = record->has_gain_db;
    frame.gain_db = record->gain_db;
    frame.is_frozen = record->is_frozen;
    frame.invalid = invalid;
    printf("frame\n");
    analyse(run, &frame);
    free(probe);
    free(preset);
    free(invalid);
    free(pixels);
}

static void load(struct run *run, const char *library) {
    const struct so_variant *order[SO_MAX_VARIANTS];
    struct so_engine_options options = {library, 1};
    struct so_problem problem;
    uint32_t count = 0;
    uint8_t *model = NULL;
    size_t bytes = 0;
    if (so_bundle_candidates(run->bundle, NULL, order, &count, &problem) != SONOEDGE_OK ||
        so_bundle_model(run->bundle, order[0], &model, &bytes, &problem) != SONOEDGE_OK ||
        so_ort_open(model, bytes, &run->bundle->settings, &options, &run->engine, &problem) !=
            SONOEDGE_OK) {
        die(problem.text);
    }
    free(model);
}

int main(int count, char **words) {
    struct run run = {0};
    struct so_problem problem;
    struct record record;
    FILE *frames = NULL;
    if (count != 5 || (frames = fopen(words[2], "rb")) == NULL) {
        die("usage: vectors BUNDLE FRAMES maps|ort FILE");
    }
    if (so_bundle_open(words[1], NULL, &run.bundle, &problem) != SONOEDGE_OK) {
        die(problem.text);
    }
    run.path = so_frame_path_make(&run.bundle->settings, 1);
    if (strcmp(words[3], "ort") == 0) {
        load(&run, words[4]);
    } else if ((run.maps = fopen(words[4], "rb")) == NULL) {
        die("there are no maps");
    }
    while (fread(&record, sizeof record, 1, frames) == 1) {
        one(&run, frames, &record);
    }
    fclose(frames);
    if (run.maps != NULL) {
        fclose(run.maps);
    }
    if (run.engine != NULL) {
        run.engine->calls->close(run.engine);
    }
    for (size_t i = 0; i < SO_MAX_TENSORS; i++) {
        free(run.outputs[i]);
    }
    so_frame_path_free(run.path);
    so_bundle_free(run.bundle);
    return 0;
}
