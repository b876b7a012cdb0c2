/* Probabilities of labels. */
#include "probabilities.h"

#include <string.h>

int so_is_finite(const struct so_settings *settings, const struct so_maps *maps) {
    if (maps->finite != NULL && maps->finite[0] == 0) {
        return 0;
    }
    for (uint32_t i = 0; maps->class_probs != NULL && i < settings->postprocess.label_count; i++) {
        const double probability = (double)maps->class_probs[i];
        if (!(probability >= 0.0 && probability <= 1.0001)) {
            return 0;
        }
    }
    return 1;
}

int so_frame_out_of_scope(const struct so_settings *settings, const struct so_maps *maps) {
    const struct so_postprocess *post = &settings->postprocess;
    double probability = 0.0;
    if (post->out_of_scope < 0) {
        return 0;
    }
    if (maps->class_probs != NULL) {
        probability = (double)maps->class_probs[post->out_of_scope];
    }
    return probability >= post->scope_threshold;
}

double so_positive(const struct so_postprocess *settings, const double *probs) {
    double total = 0.0;
    for (uint32_t i = 0; i < settings->positive_count; i++) {
        total += probs[settings->positive[i]];
    }
    return total < 1.0 ? total : 1.0;
}

static int is_positive(const struct so_postprocess *settings, uint32_t label) {
    for (uint32_t i = 0; i < settings->positive_count; i++) {
        if (settings->positive[i] == label) {
            return 1;
        }
    }
    return 0;
}

/* Neither positive, nor one of those that say nothing of a region. */
static int is_negative(const struct so_postprocess *settings, uint32_t label) {
    return !is_positive(settings, label) && strcmp(settings->labels[label], "normal") != 0 &&
           (int64_t)label != settings->out_of_scope;
}

void so_graded(const struct so_postprocess *settings, double malignancy, double *probs) {
    uint32_t negative = 0;
    for (uint32_t i = 0; i < settings->label_count; i++) {
        negative += (uint32_t)is_negative(settings, i);
    }
    for (uint32_t i = 0; i < settings->label_count; i++) {
        probs[i] = 0.0;
        if (is_positive(settings, i)) {
            probs[i] = malignancy / (double)settings->positive_count;
        } else if (is_negative(settings, i)) {
            probs[i] = (1.0 - malignancy) / (double)negative;
        }
    }
}
