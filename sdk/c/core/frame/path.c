/* A frame's way, in the order of analyser.Analyser._stages. */
#include "detail.h"
#include "fill.h"
#include "grey.h"
#include "guard.h"
#include "probabilities.h"
#include "regions.h"
#include "tracker.h"

#include <stdlib.h>
#include <string.h>

struct so_frame_path {
    const struct so_settings *settings;
    int tracks;
    struct so_frozen frozen;
    struct so_buffer bgr; /* of a picture of four channels */
    struct so_fill fill;
    struct so_regions regions;
    struct so_tracker tracker;

    /* The picture that was prepared last. */
    struct so_source source;
    struct so_kept_scene scene;
    int64_t captured_ns;
    struct so_image picture; /* its region of interest; the caller's pixels, or bgr's */
    int is_fit;              /* so_frame_judge let it pass: so_frame_fill may read it */
};

struct so_frame_path *so_frame_path_make(const struct so_settings *settings, int tracks) {
    struct so_frame_path *path = calloc(1, sizeof *path);
    if (path != NULL) {
        path->settings = settings;
        path->tracks = tracks;
        so_tracker_begin(&path->tracker, &settings->tracking,
                         settings->postprocess.flag_threshold);
    }
    return path;
}

void so_frame_path_free(struct so_frame_path *path) {
    if (path != NULL) {
        so_buffer_free(&path->frozen.picture);
        so_buffer_free(&path->bgr);
        so_fill_free(&path->fill);
        so_regions_free(&path->regions);
        so_tracker_free(&path->tracker);
        so_buffer_free(&path->scene.names);
        free(path);
    }
}

void so_frame_reset(struct so_frame_path *path) {
    so_frozen_reset(&path->frozen);
    so_tracker_reset(&path->tracker);
}

/* What later steps ask of the frame, whose texts are the caller's. 0, or -1 without memory. */
static int note(struct so_frame_path *path, const struct so_frame *frame, double aspect) {
    struct so_scene scene = {.probe = frame->probe,
                             .preset = frame->preset,
                             .has_depth_mm = frame->has_depth_mm,
                             .depth_mm = frame->depth_mm,
                             .width = frame->image.width,
                             .height = frame->image.height,
                             .aspect = aspect};
    memcpy(scene.roi, path->source.geometry.roi, sizeof scene.roi);
    path->captured_ns = frame->captured_ns;
    path->source.has_spacing = frame->has_spacing;
    memcpy(path->source.spacing_mm, frame->spacing_mm, sizeof path->source.spacing_mm);
    return so_scene_keep(&path->scene, &scene);
}

/* The geometry of a picture. 0, or -1: its region of interest is empty. */
static int fit(struct so_frame_path *path, const struct so_image *image, const int32_t *roi,
               double aspect) {
    path->source.width = image->width;
    path->source.height = image->height;
    return so_geometry_fit(&path->settings->preprocess, image->width, image->height, roi, aspect,
                           &path->source.geometry);
}

/* The region of interest with 1 or 3 channels. 0, or -1 without memory. */
static int cut(struct so_frame_path *path, const struct so_image *image,
               struct so_image *picture) {
    *picture = so_part_of(image, path->source.geometry.roi);
    if (picture->channels == 4) {
        const size_t stride = (size_t)picture->width * 3;
        if (so_buffer_hold(&path->bgr, (size_t)picture->height, stride, 0) != 0) {
            return -1;
        }
        so_drop_fourth(picture, path->bgr.bytes);
        *picture = (struct so_image){path->bgr.bytes, picture->width, picture->height, stride, 3};
    }
    return 0;
}

int32_t so_frame_judge(struct so_frame_path *path, const struct so_frame *frame,
                       char detail[SONOEDGE_MAX_TEXT]) {
    const struct so_settings *settings = path->settings;
    const double aspect = so_pixel_aspect(frame->has_spacing ? frame->spacing_mm : NULL,
                                          frame->has_pixel_aspect ? &frame->pixel_aspect : NULL);
    detail[0] = '\0';
    path->is_fit = 0;
    int32_t reason = so_frame_value_fault(frame, detail);
    if (reason != SO_REASON_NONE) {
        return reason;
    }
    reason = so_guard_form(&frame->image, &settings->guard);
    if (reason != SO_REASON_NONE) {
        so_detail(reason, frame, &settings->guard, NULL, detail);
        return reason;
    }
    if (fit(path, &frame->image, frame->has_roi ? frame->roi : NULL, aspect) != 0) {
        return SO_REASON_EMPTY;
    }
    if (note(path, frame, aspect) != 0 || cut(path, &frame->image, &path->picture) != 0) {
        return SO_REASON_INTERNAL_ERROR;
    }
    const int32_t *box = path->source.geometry.roi;
    reason = so_guard_content(&path->frozen, frame, &path->picture, box, &settings->guard);
    if (reason != SO_REASON_NONE) {
        if (reason == SO_REASON_FRAME_FROZEN) {
            so_tracker_reset(&path->tracker);
        }
        so_detail(reason, frame, &settings->guard, box, detail);
        return reason;
    }
    path->is_fit = 1;
    return SO_REASON_NONE;
}

const uint8_t *so_frame_fill(struct so_frame_path *path) {
    if (!path->is_fit) {
        return NULL;
    }
    path->is_fit = 0; /* the pixels are the caller's again */
    return so_fill_own(&path->fill, &path->settings->preprocess, path->picture,
                       &path->source.geometry);
}

int so_frame_fill_into(struct so_frame_path *path, struct so_input *input) {
    if (!path->is_fit) {
        return -1;
    }
    path->is_fit = 0;
    if (so_fill_into(&path->fill, &path->settings->preprocess, path->picture,
                     &path->source.geometry, input) != 0) {
        return -1;
    }
    so_fill_levels(&path->settings->preprocess, input);
    return 0;
}

int32_t so_frame_prepare(struct so_frame_path *path, const struct so_frame *frame,
                         const uint8_t **input, char detail[SONOEDGE_MAX_TEXT]) {
    const int32_t reason = so_frame_judge(path, frame, detail);
    *input = reason == SO_REASON_NONE ? so_frame_fill(path) : NULL;
    return reason == SO_REASON_NONE && *input == NULL ? SO_REASON_INTERNAL_ERROR : reason;
}

int so_frame_prepare_picture(struct so_frame_path *path, const struct so_image *image,
                             const uint8_t **input) {
    struct so_image picture;
    *input = NULL;
    path->is_fit = 0;
    path->source.has_spacing = 0;
    if (fit(path, image, NULL, 1.0) != 0 || cut(path, image, &picture) != 0) {
        return -1;
    }
    *input = so_fill_own(&path->fill, &path->settings->preprocess, picture,
                         &path->source.geometry);
    return *input == NULL ? -1 : 0;
}

int32_t so_frame_find(struct so_frame_path *path, const struct so_maps *maps, int checks,
                      struct so_findings *findings, char detail[SONOEDGE_MAX_TEXT]) {
    const struct so_settings *settings = path->settings;
    const struct so_postprocess *post = &settings->postprocess;
    struct so_regions *regions = &path->regions;
    const double *probs;
    int outcome;
    detail[0] = '\0';
    memset(findings, 0, sizeof *findings);
    findings->temporal_flag = -1;
    if (so_regions_frame_probs(regions, settings, maps->class_probs, &probs) != 0) {
        return SO_REASON_INTERNAL_ERROR;
    }
    if (checks && !so_is_finite(settings, maps)) {
        return SO_REASON_ENGINE_OUTPUT_INVALID;
    }
    if (checks && so_frame_out_of_scope(settings, maps)) {
        so_format(detail, SONOEDGE_MAX_TEXT, "%s %.3f, limit %.3f", post->labels[post->out_of_scope],
                  probs == NULL ? 0.0 : probs[post->out_of_scope], post->scope_threshold);
        return SO_REASON_OUT_OF_SCOPE;
    }
    if (maps->lesion != NULL) {
        outcome = so_regions_find(regions, settings, maps, probs, &path->source);
    } else if (probs == NULL) {
        return SO_REASON_INTERNAL_ERROR; /* no answer at all */
    } else {
        findings->is_graded = 1;
        outcome = so_regions_grade(regions, post, probs, &path->source.geometry);
    }
    if (outcome != 0) {
        return SO_REASON_INTERNAL_ERROR;
    }
    findings->region_count = regions->count;
    findings->regions = regions->regions.bytes;
    findings->class_probs = probs;
    return SO_REASON_NONE;
}

int so_frame_track(struct so_frame_path *path, struct so_findings *findings) {
    if (!path->tracks) {
        return 0;
    }
    const int flag = so_tracker_update(&path->tracker, findings->regions, findings->region_count,
                                       path->captured_ns, &path->scene.scene);
    if (flag < 0) {
        return -1;
    }
    findings->temporal_flag = flag;
    return 0;
}
