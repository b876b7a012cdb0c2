"""One figure as CycloneDX's performance metric."""

from __future__ import annotations

import json
from typing import Any, Final

from sonoedge_export.card.measurement import Figure

NOT_MEASURED: Final = "not measured"


def metric(name: str, figure: Figure, slice_name: str, frames: int | None) -> dict[str, Any]:
    """A metric with its slice, and its interval where it has one."""
    count = "" if frames is None else f"; {frames} frames"
    value = NOT_MEASURED if figure.value is None else json.dumps(figure.value)
    row = {"type": name, "value": value, "slice": slice_name + count}
    if figure.ci95 is None:
        return row
    bounds = dict(zip(("lowerBound", "upperBound"), map(json.dumps, figure.ci95), strict=True))
    return row | {"confidenceInterval": bounds}
