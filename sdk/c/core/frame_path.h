/* From a frame to the engine's input, and from its answer to regions and tracks (core/frame/).
 *
 * The Python it equals, bit for bit: frame_values.value_fault, guard/, processing/ and the order
 * of steps in analyser.Analyser._stages. A frame goes
 *
 *     so_frame_prepare -> engine -> so_frame_find -> so_frame_track
 *
 * and each step's reason, where it is not SO_REASON_NONE, ends that frame as NOT_ANALYSED.
 * The engine's input is uint8 [1, 1, height, width]: the network itself casts and normalises.
 *
 * Nothing is allocated per frame once frames of a size were seen. No call fails for want of
 * anything but memory, which is SO_REASON_INTERNAL_ERROR.
 */
#ifndef SONOEDGE_CORE_FRAME_PATH_H
#define SONOEDGE_CORE_FRAME_PATH_H

#include "core.h"
#include "settings.h"

/* frames.Frame and FrameMeta: what is None in Python is said, not guessed from a zero. The
 * pixels are uint8 with channels 1, 3 or 4 by what holds them, so WRONG_DTYPE cannot be. */
struct so_frame {
    struct so_image image;
    int64_t captured_ns;
    int has_spacing;
    double spacing_mm[2]; /* rows, columns */
    int has_pixel_aspect;
    double pixel_aspect;
    int has_roi;
    int32_t roi[4];
    const char *probe;  /* NULL: None. Bytes that are no UTF-8 give METADATA_INVALID with the */
    const char *preset; /* sentence that Python has for what is no text */
    int has_depth_mm;
    double depth_mm;
    int has_gain_db;
    double gain_db;
    int is_frozen;
    const char *invalid; /* NULL: None */
};

/* One answer of the engine; NULL where the network has no such output. */
struct so_maps {
    const uint8_t *lesion;     /* [h * w] of settings.outputs[lesion_map] */
    const uint8_t *malignancy; /* the same size */
    const float *class_probs;  /* [label_count] */
    const uint8_t *finite;     /* [1] */
};

/* analysis.Region. */
struct so_region {
    const int32_t *contour; /* x, y, x, y, ... in source pixels; every point, none thinned */
    uint32_t points;
    int32_t box[4];
    double area_px;
    int has_mm;
    double area_mm2, width_mm, height_mm;
    double suspicion;
    const double *class_probs; /* [label_count]; NULL: the network gives none */
    int is_flagged;
    int64_t track_id; /* -1: nothing tracked it (yet) */
    int is_track_flagged;
};

/* What was found in one frame. It belongs to the path, until its next call. */
struct so_findings {
    uint32_t region_count;
    struct so_region *regions; /* most suspicious first */
    const double *class_probs; /* of the frame, [label_count]; NULL: none */
    int is_graded;             /* the network has no lesion_map: the one region is
                                * classification.as_region's, for tracking and comparing alone,
                                * with suspicion and is_flagged the frame's, class_probs NULL */
    int temporal_flag;         /* -1 before so_frame_track */
};

/* An input of the caller's, such as an engine's own: filled where it lies. */
struct so_input {
    uint8_t *pixels;   /* uint8 [height * width] */
    int32_t placed[4]; /* what lies outside of it is padding already; all 0 at first */
    double grey_mean, grey_deviation; /* out: how bright it is, processing/grey.py */
};

struct so_frame_path;

/* `settings` must outlive the path; tracks where `tracks` is not 0. NULL without memory. */
struct so_frame_path *so_frame_path_make(const struct so_settings *settings, int tracks);
void so_frame_path_free(struct so_frame_path *path); /* NULL is fine */

/* frame_values.value_fault: what a frame says of itself, before anything remembers the frame.
 * so_frame_prepare begins with it, too. The reason, or SO_REASON_NONE. */
int32_t so_frame_value_fault(const struct so_frame *frame, char detail[SONOEDGE_MAX_TEXT]);

/* Judge a frame and make the engine's input of it.
 *
 * input: height * width bytes, the path's own, until its next call.
 * detail: one sentence, the Python's; "" where the reason says it all.
 * Returns SO_REASON_NONE, or why the frame is not analysed; FRAME_FROZEN resets the tracks. */
int32_t so_frame_prepare(struct so_frame_path *path, const struct so_frame *frame,
                         const uint8_t **input, char detail[SONOEDGE_MAX_TEXT]);

/* so_frame_prepare in its two steps, for who times them. so_frame_fill makes the input of the frame
 * that so_frame_judge let pass, whose pixels must be there still; NULL without one, or without
 * memory. */
int32_t so_frame_judge(struct so_frame_path *path, const struct so_frame *frame,
                       char detail[SONOEDGE_MAX_TEXT]);
const uint8_t *so_frame_fill(struct so_frame_path *path);

/* so_frame_fill into an input of the caller's, which several paths of the same settings may share.
 * 0, or -1: no frame was let pass, or there is no memory. */
int so_frame_fill_into(struct so_frame_path *path, struct so_input *input);

/* The input of a whole picture that nobody judges, as golden frames are asked:
 * Preprocess.__call__(pixels). 0, or -1: its region of interest is empty, or there is no memory. */
int so_frame_prepare_picture(struct so_frame_path *path, const struct so_image *image,
                             const uint8_t **input);

/* The regions of the picture that was prepared last, without tracks.
 *
 * checks: not 0: ENGINE_OUTPUT_INVALID and OUT_OF_SCOPE (with its detail) are looked for; 0: as
 * classification.graded_regions does, for golden answers. */
int32_t so_frame_find(struct so_frame_path *path, const struct so_maps *maps, int checks,
                      struct so_findings *findings, char detail[SONOEDGE_MAX_TEXT]);

/* postprocess.out_of_scope of one answer: whether the frame is out of scope. */
int so_frame_out_of_scope(const struct so_settings *settings, const struct so_maps *maps);

/* Follow the findings of the frame that was prepared last: fills their track_id,
 * is_track_flagged and temporal_flag. 0, or -1 without memory; nothing where nothing tracks. */
int so_frame_track(struct so_frame_path *path, struct so_findings *findings);

/* Forget the last picture, and the tracks (their ids go on). */
void so_frame_reset(struct so_frame_path *path);

#endif
