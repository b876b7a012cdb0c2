/* A request is a letter, two numbers (32 bits) and so many bytes as the first says; an answer is
 * their number and the bytes. */
#include "drive.h"
#include "core/read/convert.h"
#include "core/read/golden_outputs.h"
#include "core/read/golden_regions.h"
#include "core/read/inflate.h"
#include "core/read/onnx_inline.h"
#include "core/read/png.h"
#include "core/read/sha256.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static char *answer;
static size_t used, room;
static struct so_settings settings; /* of the manifest that was read last */
static struct so_arena *settings_arena;

void put(const void *data, size_t bytes) {
    if (used + bytes > room) {
        room = (used + bytes) * 2;
        answer = realloc(answer, room);
        if (answer == NULL) {
            exit(2);
        }
    }
    if (bytes != 0) {
        memcpy(answer + used, data, bytes);
    }
    used += bytes;
}

void say(const char *format, ...) {
    char text[4096];
    va_list values;
    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    put(text, strlen(text));
}

void refuse(const char *sentence) {
    used = 0;
    say("!%s", sentence);
}

static void json(const uint8_t *data, size_t bytes) {
    struct so_arena *arena = so_arena_make(SO_JSON_MEMORY(bytes));
    struct so_problem problem;
    struct so_json *value;
    if (so_json_read(arena, data, bytes, "document", 1 << 20, &value, &problem) == SONOEDGE_OK) {
        dump_json(value);
    } else {
        refuse(problem.text);
    }
    so_arena_free(arena);
}

static void manifest(const uint8_t *data, size_t bytes) {
    struct so_problem problem;
    const struct so_manifest *read;
    so_arena_free(settings_arena);
    settings_arena = so_arena_make(SO_JSON_MEMORY(bytes) + (1 << 22));
    if (so_manifest_read(settings_arena, data, bytes, &read, &problem) != SONOEDGE_OK) {
        refuse(problem.text);
        return;
    }
    const struct so_manifest_variant *variants = read->variants.items;
    so_convert_settings(read, &settings);
    say("id=%s\n", read->bundle_id);
    dump_settings(&settings);
    for (uint32_t i = 0; i < read->variants.count; i++) {
        struct so_variant variant;
        const struct so_variant *one = &variant;
        so_convert_variant(read, &variants[i], &variant);
        dump_variants(&one, 1);
    }
}

static void inflate(const uint8_t *data, size_t bytes, uint32_t out_bytes, int with_header) {
    uint8_t *out = malloc(out_bytes == 0 ? 1 : out_bytes);
    const char *fault = with_header ? so_inflate_zlib(data, bytes, out, out_bytes)
                                    : so_inflate(data, bytes, out, out_bytes, SO_WINDOW_BYTES);
    put(out, out_bytes);
    if (fault != NULL) {
        refuse(fault);
    }
    free(out);
}

static void png(const uint8_t *data, size_t bytes) {
    struct so_png shape;
    const char *fault = so_png_shape(data, bytes, SO_MOST_PIXELS, &shape);
    if (fault == NULL) {
        size_t count = (size_t)shape.width * shape.height * shape.channels;
        uint8_t *pixels = malloc(count);
        fault = so_png_pixels(data, &shape, pixels);
        say("%u %u %u\n", shape.height, shape.width, shape.channels);
        put(pixels, count);
        free(pixels);
    }
    if (fault != NULL) {
        refuse(fault);
    }
}

static void outputs(const uint8_t *data, size_t bytes, uint32_t frames) {
    struct so_zip_entry *entries = calloc((size_t)frames * SO_MAX_TENSORS, sizeof *entries);
    const char *fault = so_golden_entries(data, bytes, frames, &settings, entries);
    for (uint32_t i = 0; fault == NULL && i < frames * settings.output_count; i++) {
        const struct so_tensor_spec *spec = &settings.outputs[i % settings.output_count];
        void *values = malloc(spec->bytes);
        fault = so_golden_values(&entries[i], spec, values);
        put(values, spec->bytes);
        free(values);
    }
    if (fault != NULL) {
        refuse(fault);
    }
    free(entries);
}

static void put_regions(int is_flagged, uint32_t count, const struct so_golden_region *regions) {
    say("%d\n", is_flagged);
    for (uint32_t i = 0; i < count; i++) {
        const struct so_golden_region *r = &regions[i];
        say("%d %d %d %d %a %a %d\n", r->box[0], r->box[1], r->box[2], r->box[3], r->area_px,
            r->suspicion, r->is_flagged);
    }
}

static void regions(const uint8_t *data, size_t bytes, uint32_t frames) {
    struct so_arena *arena = so_arena_make(2 * SO_JSON_MEMORY(bytes));
    struct so_problem problem;
    struct so_golden_answer *answers;
    if (so_golden_regions_read(arena, data, bytes, "golden.json", frames, &answers, &problem) ==
        SONOEDGE_OK) {
        for (uint32_t i = 0; i < frames; i++) {
            put_regions(answers[i].is_flagged, answers[i].region_count, answers[i].regions);
        }
    } else {
        refuse(problem.text);
    }
    so_arena_free(arena);
}

/* Each case of a variant: the picture's and the outputs' digests, and the regions. */
static sonoedge_error cases(const struct so_bundle *bundle, const struct so_variant *variant,
                            struct so_problem *problem) {
    struct so_golden *golden;
    sonoedge_error error = so_golden_open(bundle, variant, &golden, problem);
    for (uint32_t i = 0; error == SONOEDGE_OK && i < bundle->golden_count; i++) {
        struct so_golden_case one;
        struct so_sha256 sum;
        char digits[SO_SHA256_DIGITS + 1];
        error = so_golden_case(golden, i, &one, problem);
        if (error != SONOEDGE_OK) {
            break;
        }
        so_sha256_begin(&sum);
        so_sha256_add(&sum, one.picture.pixels, one.picture.stride * (size_t)one.picture.height);
        for (uint32_t k = 0; k < bundle->settings.output_count; k++) {
            so_sha256_add(&sum, one.outputs[k], bundle->settings.outputs[k].bytes);
        }
        so_sha256_end(&sum, digits);
        say("%d %d %d %s\n", one.picture.height, one.picture.width, one.picture.channels, digits);
        put_regions(one.is_flagged, one.region_count, one.regions);
    }
    so_golden_free(error == SONOEDGE_OK ? golden : NULL);
    return error;
}

static void bundle(const char *text) {
    const struct so_variant *order[SO_MAX_VARIANTS];
    struct so_bundle *opened;
    struct so_problem problem;
    uint32_t count;
    char *path = malloc(strlen(text) + 1), *pin;
    strcpy(path, text);
    pin = strchr(path, '\n');
    if (pin != NULL) {
        *pin++ = '\0';
    }
    if (so_bundle_open(path, pin, &opened, &problem) != SONOEDGE_OK) {
        refuse(problem.text);
        free(path);
        return;
    }
    say("id=%s\nsha256=%s\n", opened->bundle_id, opened->manifest_sha256);
    dump_settings(&opened->settings);
    if (so_bundle_candidates(opened, NULL, order, &count, &problem) != SONOEDGE_OK) {
        refuse(problem.text);
        count = 0;
    }
    dump_variants(order, count);
    for (uint32_t i = 0; i < count; i++) {
        uint8_t *model = NULL;
        size_t bytes;
        if (so_bundle_model(opened, order[i], &model, &bytes, &problem) != SONOEDGE_OK ||
            cases(opened, order[i], &problem) != SONOEDGE_OK) {
            refuse(problem.text);
            free(model);
            break;
        }
        free(model);
    }
    so_bundle_free(opened);
    free(path);
}

static void sha256(const uint8_t *data, size_t bytes, uint32_t piece) {
    struct so_sha256 sum;
    char digits[SO_SHA256_DIGITS + 1];
    so_sha256_begin(&sum);
    while (bytes != 0) {
        size_t part = piece < bytes ? piece : bytes;
        so_sha256_add(&sum, data, part);
        data += part;
        bytes -= part;
    }
    so_sha256_end(&sum, digits);
    say("%s", digits);
}

static void respond(int kind, const uint8_t *data, size_t bytes, uint32_t number) {
    const char *fault;
    switch (kind) {
    case 'j':
        json(data, bytes);
        return;
    case 'm':
        manifest(data, bytes);
        return;
    case 'r':
    case 'z':
        inflate(data, bytes, number, kind == 'z');
        return;
    case 'p':
        png(data, bytes);
        return;
    case 'o':
        outputs(data, bytes, number);
        return;
    case 'g':
        regions(data, bytes, number);
        return;
    case 'x':
        fault = so_check_inline(data, bytes);
        if (fault != NULL) {
            refuse(fault);
        }
        return;
    case 'b':
        bundle((const char *)data);
        return;
    default:
        sha256(data, bytes, number);
    }
}

int main(void) {
    uint32_t numbers[2];
    int kind;
    while ((kind = getchar()) != EOF) {
        uint8_t *data;
        uint32_t length;
        if (fread(numbers, sizeof numbers, 1, stdin) != 1) {
            return 1;
        }
        data = malloc((size_t)numbers[0] + 1);
        if (data == NULL || (numbers[0] != 0 && fread(data, numbers[0], 1, stdin) != 1)) {
            return 1;
        }
        data[numbers[0]] = 0;
        used = 0;
        respond(kind, data, numbers[0], numbers[1]);
        length = (uint32_t)used;
        fwrite(&length, sizeof length, 1, stdout);
        if (used != 0) {
            fwrite(answer, 1, used, stdout);
        }
        free(data);
    }
    so_arena_free(settings_arena);
    free(answer);
    return 0;
}
