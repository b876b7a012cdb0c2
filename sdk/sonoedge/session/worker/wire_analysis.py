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
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, get_args, get_type_hints

import numpy as np
import numpy.typing as npt

from sonoedge.analysis import (
    Analysed,
    Analysis,
    Explanation,
    FrameGrade,
    GreyLevels,
    Line,
    NotAnalysed,
    Origin,
    Reason,
    Region,
)
from sonoedge.session.worker.wire import pack, pack_text, values

_NOT_ANALYSED: Final = tuple(f.name for f in dataclasses.fields(NotAnalysed) if f.name != "origin")
_FIRST: Final = struct.Struct("<qq")  # frame_id, captured_ns; all other numbers are float64
_OF_FRAME, _OF_REGION, _OF_LINE = 6, 13, 7
PROBABILITY_LIMIT: Final = 1.0001  # float32 sums to a little more than 1
Names = tuple[str, ...]
Embedding = npt.NDArray[np.float32]
_MAPS: Final = get_args(get_type_hints(Explanation)["name"])


def analysis_to(analysis: Analysis) -> bytes:
    """An analysis as a message. The origin stays behind: the host knows it."""
    if isinstance(analysis, NotAnalysed):
        return pack({"is": "not_analysed"} | {n: getattr(analysis, n) for n in _NOT_ANALYSED})
    regions, stages, probs = analysis.regions, analysis.stages_ms, analysis.class_probs
    shown = analysis.explanation
    embedding = regions[0].embedding if regions else None  # of the frame: one for all of them
    text = _header(
        analysis.stream,
        tuple(stages),
        tuple(probs),
        tuple(tuple(r.class_probs) for r in regions),
        any(r.line is not None for r in regions),
        embedding=0 if embedding is None else len(embedding),
        explanation=None
        if shown is None
        else (shown.name, *shown.levels.shape, *map(int, shown.box_px)),
    )
    grade = analysis.grade
    numbers = [analysis.age_ms, _nan_for_none(analysis.temporal_flag)]
    numbers += (math.nan, 0.0) if grade is None else (grade.suspicion, grade.flagged)
    numbers += (math.nan, math.nan) if analysis.grey is None else analysis.grey
    numbers += (*stages.values(), *probs.values())
    for r in regions:
        numbers += (len(r.contour_px), *r.box_px, r.area_px, _nan_for_none(r.area_mm2))
        numbers += (math.nan, math.nan) if r.box_mm is None else r.box_mm
        numbers += (r.suspicion, r.flagged, _nan_for_none(r.track_id), r.track_flagged)
        numbers += r.class_probs.values()
        if r.line is not None:  # a bundle gives one to each region, or to none
            numbers += (*r.line.ends_px[0], *r.line.ends_px[1], r.line.angle_deg)
            numbers += (r.line.length_px, _nan_for_none(r.line.length_mm))
    return pack_text(
        text,
        b"".join(
            (
                _FIRST.pack(analysis.frame_id, analysis.captured_ns),
                struct.pack(f"<{len(numbers)}d", *numbers),
                *(r.contour_px.astype("<i4", copy=False).tobytes() for r in regions),
                b"" if embedding is None else embedding.astype("<f4", copy=False).tobytes(),
                b"" if shown is None else shown.levels.tobytes(),
            )
        ),
    )


def analysis_from(header: Mapping[str, Any], block: bytes, origin: Origin) -> Analysis:
    """The analysis again, every number of it within the range that an analysis's has.

    Raises:
        ValueError, TypeError, KeyError: this is none.
    """
    if header["is"] == "not_analysed":
        fields = values(header)
        del fields["is"]
        fields["reasons"] = tuple(Reason(r) for r in fields["reasons"])
        outcome = NotAnalysed(origin=origin, **fields)
        if not outcome.reasons or not isinstance(outcome.detail, str):
            raise ValueError("a frame that was not analysed must say why")
        _check_times(outcome.age_ms, outcome.stages_ms)
        return outcome
    stages, probs, regions = header["stages"], header["probs"], header["regions"]
    explanation, block = _explanation(header["map"], block)
    embedding, block = _embedding(header["embedding"], block)
    of_region = _OF_REGION + (_OF_LINE if header["lines"] else 0)
    count = _OF_FRAME + len(stages) + len(probs) + sum(of_region + len(r) for r in regions)
    try:
        frame_id, captured_ns = _FIRST.unpack_from(block)
        numbers = iter(struct.unpack_from(f"<{count}d", block, _FIRST.size))
        of_frame = [next(numbers) for _ in range(_OF_FRAME)]
        age_ms, temporal_flag, suspicion, flagged, mean, deviation = of_frame
        stages_ms = dict(zip(stages, numbers, strict=False))
        class_probs = dict(zip(probs, numbers, strict=False))
        _check_times(age_ms, stages_ms)
        _check_probabilities(class_probs.values())
        if suspicion == suspicion:
            _check_probabilities((suspicion,))
        if mean == mean and not (0 <= mean <= 255 and 0 <= deviation <= 255):
            raise ValueError("a grey level lies outside 0 to 255")
        return Analysed(
            frame_id=frame_id,
            captured_ns=captured_ns,
            age_ms=age_ms,
            temporal_flag=None if temporal_flag != temporal_flag else bool(temporal_flag),
            stages_ms=stages_ms,
            class_probs=class_probs,
            regions=_regions(
                regions,
                numbers,
                block[_FIRST.size + 8 * count :],
                lines=header["lines"],
                embedding=embedding,
            ),
            stream=header["stream"],
            origin=origin,
            grade=None
            if suspicion != suspicion
            else FrameGrade(suspicion=suspicion, flagged=bool(flagged)),
            explanation=explanation,
            grey=None if mean != mean else GreyLevels(mean, deviation),
        )
    except struct.error as error:
        raise ValueError(f"an analysis is cut short: {error}") from error


def _explanation(fields: tuple[Any, ...] | None, block: bytes) -> tuple[Explanation | None, bytes]:
    """The map at the block's end, and what stands before it."""
    if fields is None:
        return None, block
    name, height, width, x0, y0, x1, y1 = fields
    size = height * width
    if name not in _MAPS or not (height > 0 and width > 0 and size <= len(block)):
        raise ValueError("an explanation is cut short, or none")
    if not (0 <= x0 < x1 and 0 <= y0 < y1):
        raise ValueError("an explanation's box is impossible")
    levels = np.frombuffer(block[len(block) - size :], np.uint8).reshape(height, width).copy()
    explanation = Explanation(name=name, levels=levels, box_px=(x0, y0, x1, y1))
    return explanation, block[: len(block) - size]


def _embedding(count: int, block: bytes) -> tuple[Embedding | None, bytes]:
    """What stands at the block's end of the frame as a whole, and what stands before it."""
    if not count:
        return None, block
    if not 0 < 4 * count <= len(block):
        raise ValueError("an embedding is cut short, or none")
    embedding = np.frombuffer(block[len(block) - 4 * count :], "<f4").astype(np.float32)
    if not np.isfinite(embedding).all():
        raise ValueError("an embedding is not made of numbers")
    embedding.flags.writeable = False
    return embedding, block[: len(block) - 4 * count]


def _regions(
    names: list[list[str]],
    numbers: Iterator[float],
    contours: bytes,
    *,
    lines: bool,
    embedding: Embedding | None,
) -> tuple[Region, ...]:
    points = np.frombuffer(contours, dtype="<i4").reshape(-1, 2).astype(np.int32)
    regions, first = [], 0
    for of_region in names:
        (
            n,
            x0,
            y0,
            x1,
            y1,
            area,
            area_mm2,
            width,
            height,
            suspicion,
            flagged,
            track,
            temporal_flag,
        ) = (next(numbers) for _ in range(_OF_REGION))
        end = first + int(n)
        class_probs = dict(zip(of_region, numbers, strict=False))
        _check_probabilities((suspicion, *class_probs.values()))
        sizes = [size for size in (area, area_mm2, width, height) if size == size]
        if not (first < end <= len(points) and x0 <= x1 and y0 <= y1):
            raise ValueError("a region's outline or box is impossible")
        if not all(0 <= size < math.inf for size in sizes):
            raise ValueError("a region's size is impossible")
        regions.append(
            Region(
                contour_px=points[first:end],
                box_px=(int(x0), int(y0), int(x1), int(y1)),
                area_px=area,
                area_mm2=None if area_mm2 != area_mm2 else area_mm2,
                box_mm=None if width != width else (width, height),
                suspicion=suspicion,
                class_probs=class_probs,
                flagged=bool(flagged),
                track_id=None if track != track else int(track),
                track_flagged=bool(temporal_flag),
                line=_line(numbers) if lines else None,
                embedding=embedding,
            )
        )
        first = end
    if first != len(points):
        raise ValueError("outlines are left over")
    return tuple(regions)


def _line(numbers: Iterator[float]) -> Line:
    x0, y0, x1, y1, angle, length, length_mm = (next(numbers) for _ in range(_OF_LINE))
    none = length_mm != length_mm
    if not all(map(math.isfinite, (x0, y0, x1, y1, angle, length))) or not (
        none or 0 <= length_mm < math.inf
    ):
        raise ValueError("a region's line is impossible")
    return Line(
        ends_px=((x0, y0), (x1, y1)),
        angle_deg=angle,
        length_px=length,
        length_mm=None if none else length_mm,
    )


def _check_probabilities(values: Iterable[float]) -> None:
    if not all(0.0 <= p <= PROBABILITY_LIMIT for p in values):
        raise ValueError("a probability lies outside 0 to 1")


def _check_times(age_ms: float, stages_ms: Mapping[str, float]) -> None:
    if not (math.isfinite(age_ms) and all(0 <= ms < math.inf for ms in stages_ms.values())):
        raise ValueError("a time is impossible")


@functools.lru_cache(maxsize=64)
def _header(
    stream: str | None,
    stages: Names,
    probs: Names,
    regions: tuple[Names, ...],
    lines: bool,
    *,
    embedding: int,
    explanation: tuple[Any, ...] | None,
) -> bytes:
    fields: dict[str, Any] = {"is": "analysed", "stream": stream, "stages": stages, "probs": probs}
    fields |= {"regions": regions, "lines": lines, "embedding": embedding, "map": explanation}
    return json.dumps(fields, separators=(",", ":")).encode()


def _nan_for_none(value: float | None) -> float:
    return math.nan if value is None else value
