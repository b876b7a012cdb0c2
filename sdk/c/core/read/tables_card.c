/* Fields of what is recorded of a network: bundle/gates.py and bundle/card.py. */
#include "field.h"

/* gates.Gates: a manifest must have all of them (parse.py) */
#define RECORD so_manifest_gates
static const char *const UNDECIDED[] = {"report", "refuse", NULL};
static const struct so_field GATES_FIELDS[] = {
    FIELD(WHOLE, fp32_map_levels, 0),
    FIELD(NUMBER, fp32_probs, 0),
    FIELD(NUMBER, fp32_flag_agreement, 0),
    FIELD(NUMBER, flag_agreement, 0),
    FIELD(NUMBER, decided_agreement, 0),
    FIELD(NUMBER, dice_drop, 0),
    FIELD(NUMBER, auroc_drop, 0),
    FIELD(NUMBER, sensitivity_drop, 0),
    FIELD(NUMBER, pruned_flag_agreement, 0),
    CHOICE(undecided, 0, UNDECIDED),
};
const struct so_table so_table_gates = TABLE(GATES_FIELDS, NULL);
#undef RECORD

/* card.CardData */
#define RECORD so_manifest_data
static const char *const USES[] = {"training",        "validation", "calibration",
                                   "operating point", "test",       NULL};
static const struct so_field DATA_FIELDS[] = {
    FIELD(TEXT, name, 0),
    CHOICE(used_for, 0, USES),
    FIELD(TEXT, licence, EITHER),
    FIELD(TEXT, source, EITHER),
    FIELD(WHOLE, frames, EITHER),
    FIELD(WHOLE, patients, EITHER),
    FIELD(TEXT, sha256, EITHER),
    FIELD(TEXT, dates, EITHER),
    FIELD(TEXTS, devices, SO_MAY_LACK),
    FIELD(TEXT, population, EITHER),
    FIELD(TEXT, labelled_by, EITHER),
    FIELD(TEXT, reference_standard, EITHER),
};
static const struct so_table DATA = TABLE(DATA_FIELDS, NULL);
#undef RECORD

/* card.Card */
#define RECORD so_manifest_card
static const struct so_field CARD_FIELDS[] = {
    FIELD(TEXT, supplier, EITHER),
    FIELD(TEXT, users, EITHER),
    FIELD(TEXTS, contraindications, SO_MAY_LACK),
    FIELD(TEXTS, limitations, SO_MAY_LACK),
    FIELD(TEXT, cost_of_a_miss, EITHER),
    FIELD(TEXT, cost_of_a_false_flag, EITHER),
    FIELD(TEXT, hardware, EITHER),
    FIELD(TEXT, architecture, EITHER),
    FIELD(TEXT, weights_licence, EITHER),
    NESTED(RECORDS, data, SO_MAY_LACK, &DATA),
};
const struct so_table so_table_card = TABLE(CARD_FIELDS, NULL);
#undef RECORD
