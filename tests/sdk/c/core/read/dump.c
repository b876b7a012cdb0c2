/* Values as text that test code can compare: whole numbers in decimal, others in hexadecimal. */
#include "drive.h"

#include <string.h>

static void dump_text(const char *text, uint32_t bytes) {
    say("s%u:", (unsigned)bytes);
    put(text, bytes);
}

void dump_json(const struct so_json *value) {
    if (value->key != NULL) {
        dump_text(value->key, value->key_bytes);
    }
    switch (value->kind) {
    case SO_JSON_NULL:
        say("n");
        return;
    case SO_JSON_BOOL:
        say(value->as.integer != 0 ? "t" : "f");
        return;
    case SO_JSON_INTEGER:
        say("i%lld;", (long long)value->as.integer);
        return;
    case SO_JSON_NUMBER:
        say("d%a;", value->as.number);
        return;
    case SO_JSON_TEXT:
        dump_text(value->as.text, value->count);
        return;
    case SO_JSON_LIST:
    case SO_JSON_OBJECT:
        say(value->kind == SO_JSON_LIST ? "[" : "{");
        for (const struct so_json *each = value->as.first; each != NULL; each = each->next) {
            dump_json(each);
        }
        say("]");
        return;
    }
}

static void number(const char *name, int is_there, double value) {
    say(is_there ? "%s=%a\n" : "%s=None\n", name, value);
}

static void whole(const char *name, int is_there, int64_t value) {
    say(is_there ? "%s=%lld\n" : "%s=None\n", name, (long long)value);
}

static void span(const char *name, int is_there, const double *value) {
    say(is_there ? "%s=%a %a\n" : "%s=None\n", name, value[0], value[1]);
}

static void texts(const char *name, int is_there, uint32_t count, const char *const *items) {
    say("%s=%s", name, is_there ? "" : "None");
    for (uint32_t i = 0; is_there && i < count; i++) {
        say("[");
        put(items[i], strlen(items[i]));
        say("]");
    }
    say("\n");
}

static void tensor(const char *kind, const struct so_tensor_spec *spec) {
    say("%s=%s %d %llu", kind, spec->name, (int)spec->dtype, (unsigned long long)spec->bytes);
    for (uint32_t i = 0; i < spec->rank; i++) {
        say(" %lld", (long long)spec->shape[i]);
    }
    say("\n");
}

static void dump_preprocess(const struct so_preprocess *p) {
    const double corners[] = {p->roi.x0, p->roi.y0, p->roi.x1, p->roi.y1};
    whole("height", 1, p->height);
    whole("width", 1, p->width);
    whole("stretch", 1, p->is_stretch);
    whole("pad_value", 1, p->pad_value);
    span("roi_from", p->has_roi, corners);
    span("roi_to", p->has_roi, corners + 2);
    whole("roi_fraction", 1, p->roi.is_fraction);
    say("grey_map=%s", p->has_grey_map ? "" : "None");
    for (int i = 0; p->has_grey_map && i < 256; i++) {
        say("%u ", p->grey_map[i]);
    }
    say("\n");
}

static void dump_guard(const struct so_guard_settings *g) {
    number("frozen_after_ms", g->has_frozen_after_ms, g->frozen_after_ms);
    whole("saturated_level", 1, g->saturated_level);
    number("saturated_share", 1, g->saturated_share);
    whole("constant_range", 1, g->constant_range);
    whole("max_side_px", 1, g->max_side_px);
    whole("black_level", g->has_black_level, g->black_level);
    number("bars_contrast", g->has_bars_contrast, g->bars_contrast);
    whole("colour_level", g->has_colour_level, g->colour_level);
    number("colour_share", 1, g->colour_share);
    number("air_structure", g->has_air_structure, g->air_structure);
    span("aspect", g->has_aspect, g->aspect);
    span("depth_mm", g->has_depth_mm, g->depth_mm);
    span("pixel_aspect", g->has_pixel_aspect, g->pixel_aspect);
    whole("spacing_required", 1, g->is_spacing_required);
    texts("probes", g->has_probes, g->probe_count, g->probes);
    texts("presets", g->has_presets, g->preset_count, g->presets);
}

static void dump_tracking(const struct so_tracking_settings *t) {
    const struct so_evidence_settings *e = &t->evidence;
    number("match_iou", 1, t->match_iou);
    number("raise_threshold", t->has_raise_threshold, t->raise_threshold);
    number("keep_threshold", t->has_keep_threshold, t->keep_threshold);
    whole("raise_frames", 1, t->raise_frames);
    whole("window_frames", 1, t->window_frames);
    whole("keep_frames", 1, t->keep_frames);
    whole("hold_off_frames", 1, t->hold_off_frames);
    whole("lost_after_frames", 1, t->lost_after_frames);
    number("gap_ms", 1, t->gap_ms);
    whole("evidence", 1, t->has_evidence);
    if (t->has_evidence) {
        number("raise_log_odds", 1, e->raise_log_odds);
        number("keep_log_odds", 1, e->keep_log_odds);
        number("most_log_odds", 1, e->most_log_odds);
        number("unseen_log_odds", 1, e->unseen_log_odds);
        number("half_life_ms", 1, e->half_life_ms);
    }
}

void dump_settings(const struct so_settings *settings) {
    const struct so_postprocess *p = &settings->postprocess;
    dump_preprocess(&settings->preprocess);
    texts("labels", 1, p->label_count, p->labels);
    for (uint32_t i = 0; i < p->positive_count; i++) {
        whole("positive", 1, p->positive[i]);
    }
    number("lesion_threshold", 1, p->lesion_threshold);
    number("min_area_input_px", 1, p->min_area_input_px);
    whole("max_regions", 1, p->max_regions);
    number("flag_threshold", 1, p->flag_threshold);
    whole("out_of_scope", 1, p->out_of_scope);
    number("scope_threshold", 1, p->scope_threshold);
    dump_guard(&settings->guard);
    dump_tracking(&settings->tracking);
    tensor("input", &settings->input);
    for (uint32_t i = 0; i < settings->output_count; i++) {
        tensor("output", &settings->outputs[i]);
    }
    say("maps=%d %d %d %d\n", settings->lesion_map, settings->malignancy_map, settings->class_probs,
        settings->finite);
}

void dump_variants(const struct so_variant *const *variants, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        const struct so_variant *v = variants[i];
        say("variant=%s %s %s %s %s %s %s %d %a %d\n", v->id, v->runtime, v->precision, v->model,
            v->golden, v->golden_regions, v->model_sha256, v->map_levels, v->probs,
            v->needs_int8_products);
        number("latency", v->has_latency, v->latency_ms_p50);
    }
}
