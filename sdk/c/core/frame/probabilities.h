/* Probabilities of labels, of a frame or of a region: processing/postprocess.py. */
#ifndef SONOEDGE_CORE_FRAME_PROBABILITIES_H
#define SONOEDGE_CORE_FRAME_PROBABILITIES_H

#include "../frame_path.h"

/* Whether an answer is made of numbers, and its probabilities are probabilities. */
int so_is_finite(const struct so_settings *settings, const struct so_maps *maps);
/* The probability of the positive labels together; at most 1. */
double so_positive(const struct so_postprocess *settings, const double *probs);
/* A region's own probabilities: its grade, shared among the positive labels. */
void so_graded(const struct so_postprocess *settings, double malignancy, double *probs);

#endif
