/* What must hold of a manifest beyond its types. Each gives NULL, or a sentence of what does not.
 */
#ifndef SONOEDGE_CORE_READ_RULES_H
#define SONOEDGE_CORE_READ_RULES_H

#include "manifest.h"

/* rules_settings.c: the Python classes' own rules. */
const char *so_rules_preprocess(const struct so_manifest_preprocess *preprocess);
const char *so_rules_postprocess(const struct so_manifest_postprocess *postprocess);
const char *so_rules_guard(const struct so_manifest_guard *guard);
const char *so_rules_tracking(const struct so_manifest_tracking *tracking);
/* rules_card.c */
const char *so_rules_gates(const struct so_manifest_gates *gates);
const char *so_rules_card(const struct so_manifest_card *card);
/* rules_tensors.c, rules_variants.c: bundle/rules.py and bundle/engines.py. */
const char *so_rules_tensors(const struct so_manifest *manifest);
const char *so_rules_variants(const struct so_manifest *manifest);
const char *so_rules_golden(const struct so_manifest *manifest);

/* rules_tensors.c. The type's number; 0: there is none of this name. */
int so_dtype_of(const char *name);
/* Bytes of the values of a tensor that was checked. */
size_t so_tensor_bytes(const struct so_manifest_tensor *tensor);

#endif
