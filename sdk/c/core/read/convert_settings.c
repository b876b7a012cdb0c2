#include "convert.h"

#include <string.h>

static void convert_preprocess(const struct so_manifest_preprocess *from,
                               struct so_preprocess *to) {
    to->height = (int32_t)from->height.value;
    to->width = (int32_t)from->width.value;
    to->is_stretch = from->resize == 1;
    to->pad_value = (uint8_t)from->pad_value.value;
    to->has_roi = from->roi != NULL;
    if (from->roi != NULL) {
        to->roi.x0 = from->roi->x0.value;
        to->roi.y0 = from->roi->y0.value;
        to->roi.x1 = from->roi->x1.value;
        to->roi.y1 = from->roi->y1.value;
        to->roi.is_fraction = from->roi->unit == 1;
    }
    to->has_grey_map = from->grey_map.is_there;
    for (uint32_t i = 0; from->grey_map.is_there && i < 256; i++) {
        to->grey_map[i] = (uint8_t)from->grey_map.items[i];
    }
}

static uint32_t index_of(const struct so_texts *labels, const char *label) {
    uint32_t index = 0;
    while (index + 1 < labels->count && strcmp(labels->items[index], label) != 0) {
        index++;
    }
    return index;
}

static void convert_postprocess(const struct so_manifest_postprocess *from,
                                struct so_postprocess *to) {
    to->label_count = from->labels.count;
    for (uint32_t i = 0; i < from->labels.count; i++) {
        to->labels[i] = from->labels.items[i];
    }
    to->positive_count = from->positive.count;
    for (uint32_t i = 0; i < from->positive.count; i++) {
        to->positive[i] = index_of(&from->labels, from->positive.items[i]);
    }
    to->lesion_threshold = from->lesion_threshold.value;
    to->min_area_input_px = from->min_area_input_px.value;
    to->max_regions = (int32_t)from->max_regions.value;
    to->flag_threshold = from->flag_threshold.value;
    to->out_of_scope =
        from->out_of_scope == NULL ? -1 : (int32_t)index_of(&from->labels, from->out_of_scope);
    to->scope_threshold = from->scope_threshold.value;
}

static void convert_number(const struct so_number *from, int *has, double *to) {
    *has = from->is_there;
    *to = from->value;
}

static void convert_level(const struct so_whole *from, int *has, int32_t *to) {
    *has = from->is_there;
    *to = (int32_t)from->value;
}

static void convert_span(const struct so_pair *from, int *has, double to[2]) {
    *has = from->is_there;
    to[0] = from->low;
    to[1] = from->high;
}

static void convert_guard(const struct so_manifest_guard *from, struct so_guard_settings *to) {
    convert_number(&from->frozen_after_ms, &to->has_frozen_after_ms, &to->frozen_after_ms);
    to->saturated_level = (int32_t)from->saturated_level.value;
    to->saturated_share = from->saturated_share.value;
    to->constant_range = (int32_t)from->constant_range.value;
    to->max_side_px = from->max_side_px.value;
    convert_level(&from->black_level, &to->has_black_level, &to->black_level);
    convert_number(&from->bars_contrast, &to->has_bars_contrast, &to->bars_contrast);
    convert_level(&from->colour_level, &to->has_colour_level, &to->colour_level);
    to->colour_share = from->colour_share.value;
    convert_number(&from->air_structure, &to->has_air_structure, &to->air_structure);
    convert_span(&from->aspect, &to->has_aspect, to->aspect);
    convert_span(&from->depth_mm, &to->has_depth_mm, to->depth_mm);
    convert_span(&from->pixel_aspect, &to->has_pixel_aspect, to->pixel_aspect);
    to->is_spacing_required = from->spacing_required;
    to->has_probes = from->probes.is_there;
    to->probe_count = from->probes.count;
    to->probes = from->probes.items;
    to->has_presets = from->presets.is_there;
    to->preset_count = from->presets.count;
    to->presets = from->presets.items;
}

static void convert_tracking(const struct so_manifest_tracking *from,
                             struct so_tracking_settings *to) {
    to->match_iou = from->match_iou.value;
    convert_number(&from->raise_threshold, &to->has_raise_threshold, &to->raise_threshold);
    convert_number(&from->keep_threshold, &to->has_keep_threshold, &to->keep_threshold);
    to->raise_frames = (int32_t)from->raise_frames.value;
    to->window_frames = (int32_t)from->window_frames.value;
    to->keep_frames = (int32_t)from->keep_frames.value;
    to->hold_off_frames = from->hold_off_frames.value;
    to->lost_after_frames = from->lost_after_frames.value;
    to->gap_ms = from->gap_ms.value;
    to->has_evidence = from->evidence != NULL;
    if (from->evidence != NULL) {
        to->evidence.raise_log_odds = from->evidence->raise_log_odds.value;
        to->evidence.keep_log_odds = from->evidence->keep_log_odds.value;
        to->evidence.most_log_odds = from->evidence->most_log_odds.value;
        to->evidence.unseen_log_odds = from->evidence->unseen_log_odds.value;
        to->evidence.half_life_ms = from->evidence->half_life_ms.value;
    }
}

void so_convert_settings(const struct so_manifest *manifest, struct so_settings *settings) {
    memset(settings, 0, sizeof *settings);
    convert_preprocess(manifest->preprocess, &settings->preprocess);
    convert_postprocess(manifest->postprocess, &settings->postprocess);
    convert_guard(manifest->guard, &settings->guard);
    convert_tracking(manifest->tracking, &settings->tracking);
    so_convert_tensors(manifest, settings);
}
