"""JSON Lines: one object per frame."""

from __future__ import annotations

import io
import json
import math
import sys
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Final

from sonoedge.analysis import Analysed, Analysis, Line, Region
from sonoedge.closing import Closing
from sonoedge.errors import OutputError
from sonoedge.findings import STAGES

SCHEMA_VERSION: Final = 1
STDOUT: Final = "-"


def record(
    analysis: Analysis,
    *,
    file: str | None = None,
    source_sha256: str | None = None,
    captured_at_ns: int | None = None,
    recorded_ns: int | None = None,
) -> dict[str, Any]:
    """An analysis as plain values that strict JSON can hold.

    What each key means stands in docs/reference/jsonl.md.

    The keys are the same for every frame. A number that is not known, or not finite, is None:
    a stage that was not reached, an area without spacing. `regions` is None where the frame
    was not analysed or the network does not localise, so that [] means that nothing was found.

    Args:
        file: the file that the frame was read from, or what else to call its source.
        source_sha256: of the bytes of the one file that the frames are of.
        captured_at_ns: wall-clock time of capture, nanoseconds since 1970 (UTC).
        recorded_ns: `Frame.recorded_ns`.
    """
    analysed = analysis if isinstance(analysis, Analysed) else None
    refused = None if isinstance(analysis, Analysed) else analysis
    localised = analysed is not None and analysed.localised
    origin = analysis.origin
    return {
        "schema_version": SCHEMA_VERSION,
        "frame": int(analysis.frame_id),
        "file": file,
        "source_sha256": source_sha256,
        "captured_at": None if captured_at_ns is None else _utc(captured_at_ns),
        "captured_ns": int(analysis.captured_ns),
        "recorded_ns": recorded_ns,
        "outcome": "not_analysed" if analysed is None else "analysed",
        "reasons": [] if refused is None else [reason.value for reason in refused.reasons],
        "detail": "" if refused is None else refused.detail,
        "flagged": None if analysed is None else bool(analysed.flagged),
        "temporal_flag": None if analysed is None else analysed.temporal_flag,
        "suspicion": None if analysed is None else _number(analysed.suspicion),
        "localised": None if analysed is None else analysed.localised,
        "regions": [_region(region) for region in analysed.regions]
        if analysed is not None and localised
        else None,
        "class_probs": {} if analysed is None else _numbers(analysed.class_probs),
        "age_ms": _number(analysis.age_ms),
        "stages_ms": {stage: _number(analysis.stages_ms.get(stage)) for stage in STAGES},
        "runtime": origin.runtime,
        "precision": origin.precision,
        "variant": origin.variant,
        "bundle_id": origin.bundle_id,
        "frame_path": origin.frame_path,
        "placement": origin.placement,
    }


def line(
    analysis: Analysis,
    *,
    file: str | None = None,
    source_sha256: str | None = None,
    captured_at_ns: int | None = None,
    recorded_ns: int | None = None,
) -> bytes:
    """`record` as one line of UTF-8, its newline included."""
    values = record(
        analysis,
        file=file,
        source_sha256=source_sha256,
        captured_at_ns=captured_at_ns,
        recorded_ns=recorded_ns,
    )
    return json.dumps(values, allow_nan=False, separators=(",", ":")).encode() + b"\n"


class JsonLines(Closing):
    """A file of JSON Lines. Each line is given to the system whole, as soon as it is known.

    A run that is killed leaves whole lines. An existing file is replaced.

    Args:
        path: the file; "-" is standard output.
        source_sha256: as in `record`, of every frame.
        wall_ns: the wall clock, nanoseconds since 1970 (UTC).
        clock_ns: the monotonic clock that `captured_ns` is of.

    Raises:
        OutputError: the file cannot be opened or written.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        source_sha256: str | None = None,
        wall_ns: Callable[[], int] = time.time_ns,
        clock_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._name = "standard output" if str(path) == STDOUT else str(path)
        self._source_sha256 = source_sha256
        self._wall_ns, self._clock_ns = wall_ns, clock_ns
        try:
            # Unbuffered: a buffer would hand over parts of lines.
            if str(path) == STDOUT:
                sys.stdout.flush()
                self._file = io.FileIO(1, "w", closefd=False)
            else:
                self._file = io.FileIO(path, "w")
        except FileNotFoundError:
            raise OutputError(
                f"cannot write {self._name}: its folder does not exist; make it first"
            ) from None
        except OSError as error:
            raise OutputError(f"cannot write {self._name}: {error.strerror}") from None

    def write(
        self, analysis: Analysis, file: str | None = None, *, recorded_ns: int | None = None
    ) -> None:
        """Append one frame's line; `file` and `recorded_ns` as in `record`."""
        age_ns = self._clock_ns() - analysis.captured_ns
        data = line(
            analysis,
            file=file,
            source_sha256=self._source_sha256,
            captured_at_ns=self._wall_ns() - age_ns,
            recorded_ns=recorded_ns,
        )
        try:
            while data:
                data = data[self._file.write(data) or 0 :]
        except BrokenPipeError:
            raise  # the reader of a pipe went away: the command line knows what that means
        except OSError as error:
            raise OutputError(f"cannot write {self._name}: {error.strerror}") from None

    def close(self) -> None:
        """Close the file; closing twice is harmless."""
        self._file.close()


def _utc(ns: int) -> str | None:
    """ISO 8601 with milliseconds; None for a time that no calendar has."""
    try:
        moment = datetime.fromtimestamp(ns // 1_000_000 / 1000, tz=timezone.utc)
    except (ValueError, OverflowError, OSError):
        return None
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


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
        "line": None if region.line is None else _line(region.line),
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "ends_px": [[_number(n) for n in end] for end in line.ends_px],
        "angle_deg": _number(line.angle_deg),
        "length_px": _number(line.length_px),
        "length_mm": _number(line.length_mm),
    }


def _numbers(values: Mapping[str, float]) -> dict[str, float | None]:
    return {name: _number(value) for name, value in values.items()}


def _number(value: float | None) -> float | None:
    """A Python float, also of a NumPy scalar; None where unknown or not finite."""
    if value is None or not math.isfinite(value):
        return None
    return float(value)
