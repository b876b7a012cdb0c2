/* How well it goes, by the rules of session.states.Health and session.refusals.TROUBLE. */
#include "library.h"

#include <string.h>

#define RECOVER_FRAMES 10
#define RECOVER_NS 1000000000

static unsigned trouble_of(int32_t reason) {
    switch (reason) {
    case SO_REASON_STALE:
        return SO_TROUBLE_STALE;
    case SO_REASON_ENGINE_FAILED:
    case SO_REASON_ENGINE_OUTPUT_INVALID:
        return SO_TROUBLE_ENGINE_FAILED;
    case SO_REASON_INTERNAL_ERROR:
        return SO_TROUBLE_INTERNAL;
    default:
        return 0;
    }
}

void so_health_note(struct so_health *health, const struct so_outcome *outcome, int64_t now_ns) {
    if (outcome->result.outcome == SONOEDGE_ANALYSED) {
        health->good_frames += health->good_frames < RECOVER_FRAMES;
        if (health->good_frames >= RECOVER_FRAMES &&
            so_since(now_ns, health->trouble_ns) >= RECOVER_NS) {
            health->troubles = 0;
        }
    } else if (trouble_of(outcome->reason) != 0) {
        health->troubles |= trouble_of(outcome->reason);
        health->trouble_ns = now_ns;
        health->good_frames = 0;
    }
}

void so_health_words(const struct so_health *health, char *to, size_t room) {
    static const struct {
        enum so_trouble trouble;
        const char *word;
    } WORDS[] = {
        {SO_TROUBLE_ENGINE_FAILED, "ENGINE_FAILED"},
        {SO_TROUBLE_INTERNAL, "INTERNAL_ERROR"},
        {SO_TROUBLE_STALE, "RESULTS_STALE"},
    };
    size_t length = 0;
    to[0] = '\0';
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
        if ((health->troubles & (unsigned)WORDS[i].trouble) != 0) {
            so_format(to + length, room - length, "%s%s", length == 0 ? "" : " ", WORDS[i].word);
            length = strlen(to);
        }
    }
}
