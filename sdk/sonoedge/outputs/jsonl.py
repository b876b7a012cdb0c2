"""JSON Lines: one object per frame."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sonoedge.analyser import STAGES
from sonoedge.analysis import Analysed, Analysis, Region
from sonoedge.closing import Closing
from sonoedge.errors import OutputError


def record(analysis: Analysis) -> dict[str, Any]:
    """An analysis as plain values that strict JSON can hold.

    The keys are the same for every frame. A number that is not known, or not
    finite, is None: a stage that was not reached, an area without spacing.
    """
    analysed = analysis if isinstance(analysis, Analysed) else None
    refused = None if isinstance(analysis, Analysed) else analysis
    origin = analysis.origin
    return {
        "frame": int(analysis.frame_id),
        "captured_ns": int(analysis.captured_ns),
        "outcome": "not_analysed" if analysed is None else "analysed",
        "reasons": [] if refused is None else [reason.value for reason in refused.reasons],
        "detail": "" if refused is None else refused.detail,
        "flagged": None if analysed is None else bool(analysed.flagged),
        "temporal_flag": None if analysed is None else analysed.temporal_flag,
        "regions": [] if analysed is None else [_region(region) for region in analysed.regions],
        "class_probs": {} if analysed is None else _numbers(analysed.class_probs),
        "age_ms": _number(analysis.age_ms),
        "stages_ms": {stage: _number(analysis.stages_ms.get(stage)) for stage in STAGES},
        "runtime": origin.runtime,
        "precision": origin.precision,
        "variant": origin.variant,
        "bundle_id": origin.bundle_id,
    }


def line(analysis: Analysis) -> bytes:
    """`record` as one line of UTF-8, its newline included."""
    text = json.dumps(record(analysis), allow_nan=False, separators=(",", ":"))
    return text.encode() + b"\n"


class JsonLines(Closing):
    """A file of JSON Lines. Each line is given to the system whole, as soon as it is known.

    A run that is killed leaves whole lines. An existing file is replaced.

    Raises:
        OutputError: the file cannot be opened or written.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        try:
            # Unbuffered: a buffer would hand over parts of lines.
            self._file = io.FileIO(self._path, "w")
        except OSError as error:
            raise OutputError(f"cannot write {self._path}: {error.strerror}") from None

    def write(self, analysis: Analysis) -> None:
        """Append one frame's line."""
        data = line(analysis)
        try:
            while data:
                data = data[self._file.write(data) or 0 :]
        except BrokenPipeError:
            raise  # the reader of a pipe went away: the command line knows what that means
        except OSError as error:
            raise OutputError(f"cannot write {self._path}: {error.strerror}") from None

    def close(self) -> None:
        """Close the file; closing twice is harmless."""
        self._file.close()


def _region(region: Region) -> dict[str, Any]:
    return {
        "box_px": [int(n) for n in region.box_px],
        "contour_px": region.contour_px.tolist(),
        "area_px": _number(region.area_px),
        "area_mm2": _number(region.area_mm2),
        "box_mm": None if region.box_mm is None else [_number(n) for n in region.box_mm],
        "suspicion": _number(region.suspicion),
        "class_probs": _numbers(region.class_probs),
        "flagged": bool(region.flagged),
        "track_id": None if region.track_id is None else int(region.track_id),
        "track_flagged": bool(region.track_flagged),
    }


def _numbers(values: Mapping[str, float]) -> dict[str, float | None]:
    return {name: _number(value) for name, value in values.items()}


def _number(value: float | None) -> float | None:
    """A Python float, also of a NumPy scalar; None where unknown or not finite."""
    if value is None or not math.isfinite(value):
        return None
    return float(value)
