#include "rules.h"
#include "characters.h"

#include <stdlib.h>
#include <string.h>

static int is_share(const struct so_number *number) {
    return number->value >= 0 && number->value <= 1;
}

const char *so_rules_gates(const struct so_manifest_gates *gates) {
    if (gates->fp32_map_levels.value < 0 || gates->fp32_map_levels.value > 255) {
        return "gates.fp32_map_levels must be 0 to 255";
    }
    if (!is_share(&gates->fp32_probs) || !is_share(&gates->fp32_flag_agreement) ||
        !is_share(&gates->flag_agreement) || !is_share(&gates->decided_agreement) ||
        !is_share(&gates->dice_drop) || !is_share(&gates->auroc_drop) ||
        !is_share(&gates->sensitivity_drop) || !is_share(&gates->pruned_flag_agreement)) {
        return "gates: each but fp32_map_levels and undecided must be 0 to 1";
    }
    return NULL;
}

static int some_blank(const char *const *texts, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (texts[i] != NULL && so_is_blank(texts[i])) {
            return 1;
        }
    }
    return 0;
}

static const char *check_data(const struct so_manifest_data *data) {
    const char *const texts[] = {
        data->name,  data->licence,    data->source,      data->sha256,
        data->dates, data->population, data->labelled_by, data->reference_standard};
    if (some_blank(texts, sizeof texts / sizeof *texts) ||
        some_blank(data->devices.items, data->devices.count)) {
        return "card.data holds a blank text; leave out what is not known";
    }
    if ((data->frames.is_there && data->frames.value < 1) ||
        (data->patients.is_there && data->patients.value < 1)) {
        return "card.data counts frames or patients below 1; leave out what is not known";
    }
    if (data->sha256 != NULL && !so_is_sha256(data->sha256)) {
        return "card.data: sha256 must be 64 hexadecimal digits in lower case";
    }
    return NULL;
}

static int compare_uses(const void *a, const void *b) {
    const struct so_manifest_data *one = *(const struct so_manifest_data *const *)a;
    const struct so_manifest_data *other = *(const struct so_manifest_data *const *)b;
    int by_name = strcmp(one->name, other->name);
    return by_name != 0 ? by_name : one->used_for - other->used_for;
}

static const char *check_uses(const struct so_records *data) {
    const struct so_manifest_data *items = data->items;
    const struct so_manifest_data **sorted = calloc((size_t)data->count + 1, sizeof *sorted);
    const char *fault = NULL;
    if (sorted == NULL) {
        return so_no_memory;
    }
    for (uint32_t i = 0; i < data->count; i++) {
        sorted[i] = &items[i];
    }
    qsort(sorted, data->count, sizeof *sorted, compare_uses);
    for (uint32_t i = 1; i < data->count && fault == NULL; i++) {
        fault = compare_uses(&sorted[i - 1], &sorted[i]) == 0
                    ? "card.data names one set twice for the same use"
                    : NULL;
    }
    free(sorted);
    return fault;
}

const char *so_rules_card(const struct so_manifest_card *card) {
    const char *const texts[] = {
        card->supplier, card->users,        card->cost_of_a_miss, card->cost_of_a_false_flag,
        card->hardware, card->architecture, card->weights_licence};
    const struct so_manifest_data *data = card->data.items;
    if (some_blank(texts, sizeof texts / sizeof *texts) ||
        some_blank(card->contraindications.items, card->contraindications.count) ||
        some_blank(card->limitations.items, card->limitations.count)) {
        return "card holds a blank text; leave out what is not known";
    }
    for (uint32_t i = 0; i < card->data.count; i++) {
        const char *fault = check_data(&data[i]);
        if (fault != NULL) {
            return fault;
        }
    }
    return check_uses(&card->data);
}
