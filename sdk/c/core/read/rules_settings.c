#include "rules.h"
#include "characters.h"

#include <string.h>

/* Above 0, at most 1. */
static int is_share(const struct so_number *number) {
    return number->value > 0 && number->value <= 1;
}

static int is_whole_in(const struct so_whole *number, int64_t least, int64_t most) {
    return number->value >= least && number->value <= most;
}

static const char *check_roi(const struct so_manifest_roi *roi) {
    double x0 = roi->x0.value, y0 = roi->y0.value, x1 = roi->x1.value, y1 = roi->y1.value;
    if (!(0 <= x0 && x0 < x1 && 0 <= y0 && y0 < y1)) {
        return "preprocess.roi needs 0 <= x0 < x1 and 0 <= y0 < y1";
    }
    if (roi->unit == 1 && (x1 > 1 || y1 > 1)) {
        return "preprocess.roi in fractions must lie within [0, 1]";
    }
    return NULL;
}

const char *so_rules_preprocess(const struct so_manifest_preprocess *preprocess) {
    const struct so_wholes *levels = &preprocess->grey_map;
    if (!is_whole_in(&preprocess->height, 8, 4096) || !is_whole_in(&preprocess->width, 8, 4096)) {
        return "preprocess: input height and width must be 8 to 4096 pixels";
    }
    if (!is_whole_in(&preprocess->pad_value, 0, 255)) {
        return "preprocess.pad_value must be 0 to 255";
    }
    if (levels->is_there && levels->count != 256) {
        return "preprocess.grey_map must be 256 grey levels of 0 to 255";
    }
    for (uint32_t i = 0; levels->is_there && i < 256; i++) {
        if (levels->items[i] < 0 || levels->items[i] > 255) {
            return "preprocess.grey_map must be 256 grey levels of 0 to 255";
        }
        if (i > 0 && levels->items[i] < levels->items[i - 1]) {
            return "preprocess.grey_map must not fall: a brighter echo stays brighter";
        }
    }
    return preprocess->roi == NULL ? NULL : check_roi(preprocess->roi);
}

static int is_among(const char *text, const struct so_texts *texts) {
    for (uint32_t i = 0; i < texts->count; i++) {
        if (strcmp(text, texts->items[i]) == 0) {
            return 1;
        }
    }
    return 0;
}

static const char *check_labels(const struct so_manifest_postprocess *postprocess) {
    const struct so_texts *labels = &postprocess->labels, *positive = &postprocess->positive;
    if (labels->count > SONOEDGE_MAX_LABELS || positive->count > SONOEDGE_MAX_LABELS) {
        return "postprocess: this library reads at most 64 labels; open the bundle by the service";
    }
    for (uint32_t i = 0; i < labels->count; i++) {
        for (uint32_t k = 0; k < i; k++) {
            if (strcmp(labels->items[i], labels->items[k]) == 0) {
                return "postprocess.labels must be one or more different names";
            }
        }
    }
    if (labels->count == 0) {
        return "postprocess.labels must be one or more different names";
    }
    for (uint32_t i = 0; i < positive->count; i++) {
        if (!is_among(positive->items[i], labels)) {
            return "postprocess.positive must be some of labels";
        }
    }
    return positive->count == 0 ? "postprocess.positive must be some of labels" : NULL;
}

const char *so_rules_postprocess(const struct so_manifest_postprocess *postprocess) {
    const char *scope = postprocess->out_of_scope, *fault = check_labels(postprocess);
    double lesion = postprocess->lesion_threshold.value, flag = postprocess->flag_threshold.value;
    if (fault != NULL) {
        return fault;
    }
    if (scope != NULL &&
        (is_among(scope, &postprocess->positive) || !is_among(scope, &postprocess->labels))) {
        return "postprocess.out_of_scope must be one of labels, and not of positive";
    }
    if (!is_share(&postprocess->scope_threshold)) {
        return "postprocess.scope_threshold must be above 0, at most 1";
    }
    if (!(lesion > 0 && lesion < 1 && flag > 0 && flag < 1)) {
        return "postprocess: lesion_threshold and flag_threshold must be between 0 and 1";
    }
    if (!(postprocess->min_area_input_px.value >= 0) ||
        !is_whole_in(&postprocess->max_regions, 1, 256)) {
        return "postprocess: min_area_input_px must be >= 0, max_regions 1 to 256";
    }
    for (uint32_t i = 0; i < postprocess->labels.count; i++) {
        if (!so_is_label(postprocess->labels.items[i])) {
            return "postprocess.labels must be 1 to 64 characters that are shown";
        }
    }
    return NULL;
}

static int is_positive_or_none(const struct so_number *number) {
    return !number->is_there || number->value > 0;
}

static int is_span_or_none(const struct so_pair *pair) {
    return !pair->is_there || (0 < pair->low && pair->low <= pair->high);
}

const char *so_rules_guard(const struct so_manifest_guard *guard) {
    if (!is_positive_or_none(&guard->frozen_after_ms) ||
        !is_positive_or_none(&guard->bars_contrast) ||
        !is_positive_or_none(&guard->air_structure)) {
        return "guard: frozen_after_ms, bars_contrast and air_structure must be above 0, or null";
    }
    if (!is_whole_in(&guard->saturated_level, 1, 255) ||
        (guard->colour_level.is_there && !is_whole_in(&guard->colour_level, 1, 255))) {
        return "guard: saturated_level and colour_level must be 1 to 255";
    }
    if (!is_whole_in(&guard->constant_range, 0, 254) ||
        (guard->black_level.is_there && !is_whole_in(&guard->black_level, 0, 254))) {
        return "guard: constant_range and black_level must be 0 to 254";
    }
    if (!is_share(&guard->saturated_share) || !is_share(&guard->colour_share)) {
        return "guard: saturated_share and colour_share must be above 0 and at most 1";
    }
    if (!is_span_or_none(&guard->aspect) || !is_span_or_none(&guard->depth_mm) ||
        !is_span_or_none(&guard->pixel_aspect)) {
        return "guard: aspect, depth_mm and pixel_aspect must be [smallest, largest] above 0, or "
               "null";
    }
    if ((guard->probes.is_there && guard->probes.count == 0) ||
        (guard->presets.is_there && guard->presets.count == 0)) {
        return "guard: probes and presets must name at least one, or be left out";
    }
    return NULL;
}

static int is_open_share_or_none(const struct so_number *number) {
    return !number->is_there || (number->value > 0 && number->value < 1);
}

static const char *check_evidence(const struct so_manifest_evidence *evidence) {
    const double most = evidence->most_log_odds.value, raise = evidence->raise_log_odds.value;
    const double keep = evidence->keep_log_odds.value, unseen = evidence->unseen_log_odds.value;
    const double half_life = evidence->half_life_ms.value;
    if (!(most > 0 && most <= 1000)) {
        return "tracking.evidence.most_log_odds must be above 0 and at most 1000";
    }
    if (!(raise > 0 && raise <= most)) {
        return "tracking.evidence.raise_log_odds must be above 0 and at most most_log_odds";
    }
    if (!(keep > 0 && keep <= raise)) {
        return "tracking.evidence.keep_log_odds must be above 0 and at most raise_log_odds";
    }
    if (!(unseen >= 0 && unseen <= 1000)) {
        return "tracking.evidence.unseen_log_odds must be 0 to 1000";
    }
    if (!(half_life >= 1 && half_life <= 600000)) {
        return "tracking.evidence.half_life_ms must be 1 to 600000";
    }
    return NULL;
}

const char *so_rules_tracking(const struct so_manifest_tracking *tracking) {
    const struct so_number *keep = &tracking->keep_threshold, *raise = &tracking->raise_threshold;
    if (!is_share(&tracking->match_iou)) {
        return "tracking.match_iou must be above 0 and at most 1";
    }
    if (!is_open_share_or_none(raise) || !is_open_share_or_none(keep)) {
        return "tracking: raise_threshold and keep_threshold must be between 0 and 1, or null";
    }
    if (raise->is_there && keep->is_there && keep->value > raise->value) {
        return "tracking.keep_threshold must not be above raise_threshold";
    }
    if (!is_whole_in(&tracking->window_frames, 1, 1000) ||
        !is_whole_in(&tracking->raise_frames, 1, tracking->window_frames.value)) {
        return "tracking.raise_frames must be 1 to window_frames, that at most 1000";
    }
    if (!is_whole_in(&tracking->keep_frames, 1, tracking->raise_frames.value)) {
        return "tracking.keep_frames must be 1 to raise_frames";
    }
    if (tracking->hold_off_frames.value < 0 || tracking->lost_after_frames.value < 1) {
        return "tracking: hold_off_frames must be 0 or more, lost_after_frames 1 or more";
    }
    if (!(tracking->gap_ms.value > 0)) {
        return "tracking.gap_ms must be above 0";
    }
    return tracking->evidence == NULL ? NULL : check_evidence(tracking->evidence);
}
