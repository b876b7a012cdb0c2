"""A result as tests/sdk/c/probe.c prints it."""

from __future__ import annotations

import math
import re

from service_messages import Result
from sonoedge.service.codes import ResultFlag


def lines(result: Result) -> str:
    """What probe.c prints of a result, with numbers as Python writes them."""
    flags = result.flags
    temporal = (
        int(ResultFlag.TEMPORAL_FLAG in flags) if ResultFlag.HAS_TEMPORAL_FLAG in flags else -1
    )
    head = [
        int(ResultFlag.ANALYSED in flags),
        int(ResultFlag.FLAGGED in flags),
        temporal,
        int(ResultFlag.LOCALISED in flags),
        result.suspicion if ResultFlag.HAS_SUSPICION in flags else math.nan,
    ]
    text = [[*head, *result.class_probs, *result.reasons, f"[{result.detail}]"]]
    text += [
        [
            *(*r.box, r.track_id, r.area_px, *r.sizes_mm, r.suspicion, int(r.flags)),
            *(*r.class_probs, *r.contour.ravel().tolist()),
        ]
        for r in result.regions
    ]
    return "".join(" ".join(map(str, line)) + "\n" for line in text)


def plain(printed: str) -> str:
    """C's hexadecimal numbers as Python writes numbers."""
    return re.sub(
        r"-?0x\S+|-?nan", lambda m: str(float.fromhex(m[0]) if "x" in m[0] else math.nan), printed
    )
