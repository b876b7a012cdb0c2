"""An analysis on its way back: names in the header, numbers in the block.

The header is the same from frame to frame, and is put into text, and read, once; right
after an engine's call, with cold caches, reading numbers as text costs 0.1 ms.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import math
import struct
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np

from sonoedge.analysis import Analysed, Analysis, FrameGrade, NotAnalysed, Origin, Reason, Region
from sonoedge.session.worker.wire import pack, pack_text, values

_NOT_ANALYSED: Final = tuple(f.name for f in dataclasses.fields(NotAnalysed) if f.name != "origin")
_FIRST: Final = struct.Struct("<qq")  # frame_id, captured_ns; all other numbers are float64
_OF_FRAME, _OF_REGION = 4, 13
Names = tuple[str, ...]


def analysis_to(analysis: Analysis) -> bytes:
    """An analysis as a message. The origin stays behind: the host knows it."""
    if isinstance(analysis, NotAnalysed):
        return pack({"is": "not_analysed"} | {n: getattr(analysis, n) for n in _NOT_ANALYSED})
    regions, stages, probs = analysis.regions, analysis.stages_ms, analysis.class_probs
    text = _header(
        analysis.stream, tuple(stages), tuple(probs), tuple(tuple(r.class_probs) for r in regions)
    )
    grade = analysis.grade
    numbers = [analysis.age_ms, _maybe(analysis.temporal_flag)]
    numbers += (math.nan, 0.0) if grade is None else (grade.suspicion, grade.flagged)
    numbers += (*stages.values(), *probs.values())
    for r in regions:
        numbers += (len(r.contour_px), *r.box_px, r.area_px, _maybe(r.area_mm2))
        numbers += (math.nan, math.nan) if r.box_mm is None else r.box_mm
        numbers += (r.suspicion, r.flagged, _maybe(r.track_id), r.track_flagged)
        numbers += r.class_probs.values()
    return pack_text(
        text,
        b"".join(
            (
                _FIRST.pack(analysis.frame_id, analysis.captured_ns),
                struct.pack(f"<{len(numbers)}d", *numbers),
                *(r.contour_px.astype("<i4", copy=False).tobytes() for r in regions),
            )
        ),
    )


def analysis_from(header: Mapping[str, Any], block: bytes, origin: Origin) -> Analysis:
    """The analysis again.

    Raises:
        ValueError, TypeError, KeyError: this is none.
    """
    if header["is"] == "not_analysed":
        said = values(header)
        del said["is"]
        said["reasons"] = tuple(Reason(r) for r in said["reasons"])
        return NotAnalysed(origin=origin, **said)
    stages, probs, regions = header["stages"], header["probs"], header["regions"]
    count = _OF_FRAME + len(stages) + len(probs) + sum(_OF_REGION + len(r) for r in regions)
    try:
        frame_id, captured_ns = _FIRST.unpack_from(block)
        numbers = iter(struct.unpack_from(f"<{count}d", block, _FIRST.size))
        age_ms, up, suspicion, flagged = (next(numbers) for _ in range(_OF_FRAME))
        return Analysed(
            frame_id=frame_id,
            captured_ns=captured_ns,
            age_ms=age_ms,
            temporal_flag=None if up != up else bool(up),
            stages_ms=dict(zip(stages, numbers, strict=False)),
            class_probs=dict(zip(probs, numbers, strict=False)),
            regions=_regions(regions, numbers, block[_FIRST.size + 8 * count :]),
            stream=header["stream"],
            origin=origin,
            grade=None
            if suspicion != suspicion
            else FrameGrade(suspicion=suspicion, flagged=bool(flagged)),
        )
    except struct.error as error:
        raise ValueError(f"an analysis is cut short: {error}") from error


def _regions(
    names: list[list[str]], numbers: Iterator[float], contours: bytes
) -> tuple[Region, ...]:
    points = np.frombuffer(contours, dtype="<i4").reshape(-1, 2).astype(np.int32)
    found, at = [], 0
    for of_region in names:
        n, x0, y0, x1, y1, area, area_mm2, width, height, suspicion, flagged, track, up = (
            next(numbers) for _ in range(_OF_REGION)
        )
        end = at + int(n)
        found.append(
            Region(
                contour_px=points[at:end],
                box_px=(int(x0), int(y0), int(x1), int(y1)),
                area_px=area,
                area_mm2=None if area_mm2 != area_mm2 else area_mm2,
                box_mm=None if width != width else (width, height),
                suspicion=suspicion,
                class_probs=dict(zip(of_region, numbers, strict=False)),
                flagged=bool(flagged),
                track_id=None if track != track else int(track),
                track_flagged=bool(up),
            )
        )
        at = end
    return tuple(found)


@functools.lru_cache(maxsize=64)
def _header(stream: str | None, stages: Names, probs: Names, regions: tuple[Names, ...]) -> bytes:
    said = {"is": "analysed", "stream": stream, "stages": stages, "probs": probs}
    return json.dumps(said | {"regions": regions}, separators=(",", ":")).encode()


def _maybe(value: float | None) -> float:
    return math.nan if value is None else value
