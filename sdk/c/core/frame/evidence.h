/* Evidence gathered along a track: processing/evidence.py, the same operations in the same order. */
#ifndef SONOEDGE_CORE_FRAME_EVIDENCE_H
#define SONOEDGE_CORE_FRAME_EVIDENCE_H

#include "../settings.h"

/* How one frame changes the evidence of tracks. */
struct so_gathering {
    double neutral; /* log-odds of the threshold */
    double kept;    /* share that is left of what was gathered before */
    double share;   /* of a look, that this frame is */
};

void so_gathering_begin(struct so_gathering *gathering, const struct so_evidence_settings *settings,
                        double threshold);
/* Take note of the capture time since the frame before, 0 where none was. */
void so_gathering_frame(struct so_gathering *gathering, const struct so_evidence_settings *settings,
                        uint64_t since_ns);
/* The evidence after a frame in which the region is found. */
double so_evidence_seen(const struct so_gathering *gathering,
                        const struct so_evidence_settings *settings, double evidence,
                        double suspicion, double overlap);
/* The evidence after an analysed frame in which it is not. */
double so_evidence_unseen(const struct so_gathering *gathering,
                          const struct so_evidence_settings *settings, double evidence);

/* ln(p / (1 - p)), of a probability taken as 0.002 to 0.998. */
double so_log_odds(double probability);
/* 2 to the power of minus so many half-lives; 0 after 64 of them. */
double so_kept_share(double half_lives);

#endif
