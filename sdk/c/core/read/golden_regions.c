#include "golden_regions.h"
#include "schema.h"

#define MOST_BYTES ((size_t)4 << 20)
#define KIND "holds no golden regions"

struct region {
    struct so_wholes box_px;
    struct so_number area_px, suspicion;
    int flagged;
};

struct frame {
    int flagged;
    struct so_records regions;
};

struct file {
    struct so_records frames;
};

static const struct so_field REGION_FIELDS[] = {
    {"box_px", SO_FIELD_WHOLES, 0, offsetof(struct region, box_px), NULL, NULL},
    {"area_px", SO_FIELD_NUMBER, 0, offsetof(struct region, area_px), NULL, NULL},
    {"suspicion", SO_FIELD_NUMBER, 0, offsetof(struct region, suspicion), NULL, NULL},
    {"flagged", SO_FIELD_BOOL, 0, offsetof(struct region, flagged), NULL, NULL},
};
static const struct so_table REGION = {REGION_FIELDS, 4, sizeof(struct region), NULL};

static const struct so_field FRAME_FIELDS[] = {
    {"flagged", SO_FIELD_BOOL, 0, offsetof(struct frame, flagged), NULL, NULL},
    {"regions", SO_FIELD_RECORDS, 0, offsetof(struct frame, regions), &REGION, NULL},
};
static const struct so_table FRAME = {FRAME_FIELDS, 2, sizeof(struct frame), NULL};

static const struct so_field FILE_FIELDS[] = {
    {"frames", SO_FIELD_RECORDS, 0, offsetof(struct file, frames), &FRAME, NULL},
};
static const struct so_table WHOLE_FILE = {FILE_FIELDS, 1, sizeof(struct file), NULL};

static const char *convert_region(const struct region *from, struct so_golden_region *to) {
    if (from->box_px.count != 4) {
        return "a region's box_px must have 4 entries";
    }
    for (uint32_t i = 0; i < 4; i++) {
        if (from->box_px.items[i] < INT32_MIN || from->box_px.items[i] > INT32_MAX) {
            return "a region's box_px lies in no picture";
        }
        to->box[i] = (int32_t)from->box_px.items[i];
    }
    if (!(from->suspicion.value >= 0 && from->suspicion.value <= 1)) {
        return "a region's suspicion must be 0 to 1";
    }
    to->area_px = from->area_px.value;
    to->suspicion = from->suspicion.value;
    to->is_flagged = from->flagged;
    return NULL;
}

static const char *convert_frame(struct so_arena *arena, const struct frame *from,
                                 struct so_golden_answer *to) {
    const struct region *regions = from->regions.items;
    int some_flagged = 0;
    to->is_flagged = from->flagged;
    to->region_count = from->regions.count;
    to->regions = so_arena_array(arena, to->region_count, sizeof *to->regions);
    if (to->regions == NULL) {
        return so_no_memory;
    }
    for (uint32_t i = 0; i < to->region_count; i++) {
        const char *fault = convert_region(&regions[i], &to->regions[i]);
        if (fault != NULL) {
            return fault;
        }
        some_flagged |= regions[i].flagged;
    }
    return some_flagged == from->flagged
               ? NULL
               : "flagged must be true where a region is flagged, else false";
}

sonoedge_error so_golden_regions_read(struct so_arena *arena, const uint8_t *data, size_t bytes,
                                      const char *path, uint32_t frames,
                                      struct so_golden_answer **answers,
                                      struct so_problem *problem) {
    struct so_json *document;
    const struct file *file;
    const struct frame *items;
    void *record;
    sonoedge_error error = so_json_read(arena, data, bytes, path, MOST_BYTES, &document, problem);
    error = error != SONOEDGE_OK
                ? error
                : so_schema_read(arena, &WHOLE_FILE, document, path, &record, problem);
    if (error != SONOEDGE_OK) {
        return error;
    }
    file = record;
    items = file->frames.items;
    if (file->frames.count != frames) {
        return so_fail_file(problem, path, KIND, "it is of another number of frames");
    }
    *answers = so_arena_array(arena, frames, sizeof **answers);
    for (uint32_t i = 0; *answers != NULL && i < frames; i++) {
        const char *fault = convert_frame(arena, &items[i], &(*answers)[i]);
        if (fault != NULL) {
            return so_fail_file(problem, path, KIND, fault);
        }
    }
    return *answers == NULL ? so_fail_file(problem, path, KIND, so_no_memory) : SONOEDGE_OK;
}
