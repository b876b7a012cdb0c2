"""Which part of a bundle each key of its manifest belongs to."""

from __future__ import annotations

import re
from typing import Final, Literal, get_args

# In the order in which they are told; "results" are what came out, all others what was chosen.
Area = Literal[
    "weights",
    "thresholds",
    "preprocessing",
    "engines",
    "gates",
    "labels",
    "guard",
    "tracking",
    "opinions",
    "self-test",
    "data",
    "identity",
    "other",
    "results",
]
AREAS: Final[tuple[Area, ...]] = get_args(Area)

# The first pattern that a key begins with decides; a test holds every field of Manifest to it.
_PATTERNS: Final[tuple[tuple[str, Area], ...]] = (
    (r"lineage\.(network|parameters|weights_sha256)$", "weights"),
    (r"postprocess\.(labels|positive|out_of_scope)$", "labels"),
    (r"postprocess\.", "thresholds"),
    (r"operating_point\.(threshold|chosen_on)$", "thresholds"),
    (r"operating_point\.measured_on$", "data"),
    (r"operating_point\.", "results"),
    (r"preprocess\.|inputs\b", "preprocessing"),
    (r"gates\.", "gates"),
    (r"guard\.", "guard"),
    (r"tracking\.", "tracking"),
    (r"(heads|certainty|clinical|measure)\b|files\[heads/", "opinions"),
    (r"golden\.|files\[golden/|variants\[[^\]]*\]\.(golden|tolerance)", "self-test"),
    (r"variants\[[^\]]*\]\.(metrics|latency_ms_p50)", "results"),
    (r"files\[(verification|sbom\.cdx)\.json\]", "results"),
    (r"variants\b|outputs\b|reference_variant$|files\[graphs/", "engines"),
    (r"lineage\.(quantized|left_out|tools)\b", "engines"),
    (r"lineage\.(data|operating_point)\b|files\[calibration\.json\]", "data"),
    (r"card\b", "identity"),
    (r"(name|version|created|intended_use|task|security_version|schema_version)$", "identity"),
)


def area_of(key: str) -> Area:
    """The area of a key as `leaves` writes it; "other" for one that no area names."""
    for pattern, area in _PATTERNS:
        if re.match(pattern, key):
            return area
    return "other"
