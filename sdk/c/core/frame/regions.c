/* The regions of one frame, or its grade as one. */
#include "regions.h"

#include "probabilities.h"

#include <string.h>

int so_regions_frame_probs(struct so_regions *regions, const struct so_settings *settings,
                           const float *class_probs, const double **probs) {
    const struct so_postprocess *post = &settings->postprocess;
    *probs = NULL;
    if (so_buffer_hold(&regions->probs, (size_t)post->max_regions + 1,
                       post->label_count * sizeof(double), 0) != 0) {
        return -1;
    }
    if (class_probs != NULL) {
        double *own = regions->probs.bytes;
        for (uint32_t i = 0; i < post->label_count; i++) {
            own[i] = (double)class_probs[i];
        }
        *probs = own;
    }
    return 0;
}

/* Suspicion and probabilities. 0, or -1 without memory. */
static int judge(struct so_regions *regions, const struct so_settings *settings,
                 const struct so_part *part, const struct so_image *lesion,
                 const struct so_image *malignancy, const double *probs,
                 struct so_region *region) {
    const struct so_postprocess *post = &settings->postprocess;
    const struct so_image *read = malignancy != NULL ? malignancy : probs == NULL ? lesion : NULL;
    const double mean = read == NULL ? 0.0 : so_part_mean(&regions->outlines.solid, part, read);
    if (mean < 0.0) {
        return -1;
    }
    region->class_probs = probs;
    if (malignancy != NULL) {
        double *own = (double *)regions->probs.bytes +
                      (size_t)(regions->count + 1) * post->label_count;
        so_graded(post, mean, own);
        region->class_probs = own;
    }
    region->suspicion =
        region->class_probs == NULL ? mean : so_positive(post, region->class_probs);
    region->is_flagged = region->suspicion >= post->flag_threshold;
    return 0;
}

/* The most suspicious first; those that are as suspicious stay in their order. */
static void sort(struct so_region *regions, uint32_t count) {
    for (uint32_t i = 1; i < count; i++) {
        const struct so_region region = regions[i];
        uint32_t at = i;
        while (at > 0 && regions[at - 1].suspicion < region.suspicion) {
            regions[at] = regions[at - 1];
            at--;
        }
        regions[at] = region;
    }
}

int so_regions_find(struct so_regions *regions, const struct so_settings *settings,
                    const struct so_maps *maps, const double *probs,
                    const struct so_source *source) {
    const struct so_postprocess *post = &settings->postprocess;
    const int64_t *shape = settings->outputs[settings->lesion_map].shape;
    const int32_t height = (int32_t)shape[2], width = (int32_t)shape[3];
    const struct so_image lesion = {maps->lesion, width, height, (size_t)width, 1};
    const struct so_image grades = {maps->malignancy, width, height, (size_t)width, 1};
    const struct so_image *malignancy = maps->malignancy == NULL ? NULL : &grades;
    const double cell_px = (double)((int64_t)source->geometry.input_height *
                                    source->geometry.input_width) /
                           (double)((int64_t)height * width);
    const double exact = post->lesion_threshold * 255.0;
    const int whole = (int)exact, level = (double)whole < exact ? whole + 1 : whole;
    const struct so_part_rules rules = {level > 1 ? level : 1, post->min_area_input_px / cell_px,
                                        post->max_regions};
    const struct so_part *parts;
    int32_t within[4];
    size_t points = 0;
    regions->count = 0;
    so_geometry_placed_in_map(&source->geometry, width, height, within);
    const int32_t count = so_outlines_find(&regions->outlines, &lesion, within, &rules, &parts);
    for (int32_t i = 0; i < count; i++) {
        points += parts[i].points;
    }
    if (count < 0 || so_buffer_hold(&regions->contour, points, 2 * sizeof(int32_t), 0) != 0 ||
        so_buffer_hold(&regions->regions, (size_t)post->max_regions, sizeof(struct so_region),
                       0) != 0) {
        return -1;
    }
    struct so_region *found = regions->regions.bytes;
    int32_t *contour = regions->contour.bytes;
    for (int32_t i = 0; i < count; i++) {
        struct so_region *region = &found[i];
        memset(region, 0, sizeof *region);
        region->track_id = -1;
        if (judge(regions, settings, &parts[i], &lesion, malignancy, probs, region) != 0) {
            return -1;
        }
        so_contour(&parts[i], &lesion, within, rules.level, source, contour, region);
        contour += 2 * (size_t)parts[i].points;
        regions->count++;
    }
    sort(found, regions->count);
    return 0;
}

int so_regions_grade(struct so_regions *regions, const struct so_postprocess *settings,
                     const double *probs, const struct so_geometry *geometry) {
    const int32_t *box = geometry->roi;
    const int32_t corners[8] = {box[0],     box[1],     box[2] - 1, box[1],
                                box[2] - 1, box[3] - 1, box[0],     box[3] - 1};
    regions->count = 0;
    if (so_buffer_hold(&regions->contour, sizeof corners, 1, 0) != 0 ||
        so_buffer_hold(&regions->regions, 1, sizeof(struct so_region), 0) != 0) {
        return -1;
    }
    struct so_region *region = regions->regions.bytes;
    memset(region, 0, sizeof *region);
    memcpy(regions->contour.bytes, corners, sizeof corners);
    memcpy(region->box, box, sizeof region->box);
    region->contour = regions->contour.bytes;
    region->points = 4;
    region->area_px = (double)((int64_t)(box[2] - box[0]) * (box[3] - box[1]));
    region->suspicion = so_positive(settings, probs);
    region->is_flagged = region->suspicion >= settings->flag_threshold;
    region->track_id = -1;
    regions->count = 1;
    return 0;
}

void so_regions_free(struct so_regions *regions) {
    so_outlines_free(&regions->outlines);
    so_buffer_free(&regions->regions);
    so_buffer_free(&regions->probs);
    so_buffer_free(&regions->contour);
}
