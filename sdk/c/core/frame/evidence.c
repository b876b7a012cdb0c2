/* Log-odds that decay. No log() and no exp2(): libraries round them differently. */
#include "evidence.h"

#define LOOK_MS 100.0
#define LEAST 0.002
#define MOST 0.998
#define LN_2 0.6931471805599453
#define HALVINGS 64
#define ATANH_TERMS 17
#define EXP_TERMS 12

double so_log_odds(double probability) {
    const double low = probability > LEAST ? probability : LEAST, p = low < MOST ? low : MOST;
    double odds = p / (1.0 - p), total = 0.0;
    int halvings = 0;
    while (odds > 1.5) {
        odds = odds * 0.5;
        halvings++;
    }
    while (odds < 0.75) {
        odds = odds * 2.0;
        halvings--;
    }
    const double z = (odds - 1.0) / (odds + 1.0), square = z * z;
    for (int power = ATANH_TERMS; power > 0; power -= 2) {
        total = total * square + 1.0 / power;
    }
    return halvings * LN_2 + 2.0 * z * total;
}

double so_kept_share(double half_lives) {
    if (half_lives >= HALVINGS) {
        return 0.0;
    }
    const int whole = (int)half_lives;
    const double y = (half_lives - whole) * LN_2;
    double share = 1.0;
    for (int term = EXP_TERMS; term > 0; term--) {
        share = 1.0 - y * share / term;
    }
    for (int i = 0; i < whole; i++) {
        share *= 0.5;
    }
    return share;
}

void so_gathering_begin(struct so_gathering *gathering, const struct so_evidence_settings *settings,
                        double threshold) {
    gathering->neutral = so_log_odds(threshold);
    so_gathering_frame(gathering, settings, 0);
}

void so_gathering_frame(struct so_gathering *gathering, const struct so_evidence_settings *settings,
                        uint64_t since_ns) {
    const double since_ms = (double)since_ns / 1e6, share = since_ms / LOOK_MS;
    gathering->kept = so_kept_share(since_ms / settings->half_life_ms);
    gathering->share = share < 1.0 ? share : 1.0;
}

static double within(const struct so_evidence_settings *settings, double evidence) {
    const double low = evidence > 0.0 ? evidence : 0.0;
    return low < settings->most_log_odds ? low : settings->most_log_odds;
}

double so_evidence_seen(const struct so_gathering *gathering,
                        const struct so_evidence_settings *settings, double evidence,
                        double suspicion, double overlap) {
    const double odds = so_log_odds(suspicion) - gathering->neutral;
    const double most = 0.5 * settings->raise_log_odds;
    const double gained = gathering->share * overlap * (odds < most ? odds : most);
    return within(settings, evidence * gathering->kept + gained);
}

double so_evidence_unseen(const struct so_gathering *gathering,
                          const struct so_evidence_settings *settings, double evidence) {
    return within(settings,
                  evidence * gathering->kept - gathering->share * settings->unseen_log_odds);
}
