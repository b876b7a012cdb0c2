"""Results of `sonoedge run --jsonl`, read back for a report on the file that they are of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from sonoedge.analysis import Analysed, Analysis, FrameGrade, NotAnalysed, Origin, Reason, Region
from sonoedge.bundle import Bundle
from sonoedge.errors import InvalidData, InvalidSettings
from sonoedge.outputs.jsonl import SCHEMA_VERSION
from sonoedge.recording.answer import Answer, AnsweredRegion, answer_from
from sonoedge.strict_json import MOST_BYTES, object_of_version, parse_json

_SAME: Final = ("source_sha256", "bundle_id", "variant", "runtime", "precision")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """A whole run's results.

    Attributes:
        analyses: one for each picture, in order.
        origin: which engine of which bundle gave all of them.
        followed: regions were followed over frames.
    """

    analyses: tuple[Analysis, ...]
    origin: Origin
    followed: bool


def read_lines(
    file: Path, bundle: Bundle, *, sha256: str, pictures: int, hw: tuple[int, int]
) -> Lines:
    """Read them, and check that they are of this file, whole, and of this bundle.

    Args:
        bundle: that the results must be of.
        sha256: digest of the file that is reported on.
        pictures: that it has.
        hw: height and width of each.

    Raises:
        InvalidData: they are not; the message says what is wrong.
        VariantNotFound: the bundle has no such variant.
    """
    analyses: list[Analysis] = []
    origin: Origin | None = None
    first: dict[str, Any] = {}
    try:
        with file.open("rb") as lines:
            while data := lines.readline(MOST_BYTES + 1):
                name = f"line {len(analyses) + 1} of {file.name}"
                if len(analyses) == pictures:
                    raise InvalidData(f"{file.name} has more lines than {pictures} frames")
                line = _line(data, name, frame=len(analyses))
                if origin is None:
                    first = line
                    origin = _origin(line, bundle, sha256, file.name)
                if any(line.get(key) != first.get(key) for key in _SAME):
                    raise InvalidData(f"{name} is of another file or engine than the first one")
                analyses.append(_analysis(line, origin, name, hw))
    except OSError as error:
        raise InvalidData(f"{file} cannot be read: {error.strerror}") from None
    if origin is None or len(analyses) != pictures:
        raise InvalidData(
            f"{file.name} holds {len(analyses)} of {pictures} frames; a report needs a run over "
            "all of them, without --limit"
        )
    tracked = (a.temporal_flag for a in analyses if isinstance(a, Analysed))
    return Lines(
        analyses=tuple(analyses),
        origin=origin,
        followed=any(flag is not None for flag in tracked),
    )


def _line(data: bytes, name: str, *, frame: int) -> dict[str, Any]:
    try:
        line = object_of_version(parse_json(data, name), name, SCHEMA_VERSION)
    except InvalidSettings as error:
        raise InvalidData(f"{error}; it is no line of sonoedge run --jsonl") from None
    if line.get("frame") != frame:
        raise InvalidData(f"{name} is not of frame {frame}; a report needs every frame, in order")
    return line


def _origin(line: Mapping[str, Any], bundle: Bundle, sha256: str, name: str) -> Origin:
    if line.get("source_sha256") != sha256:
        raise InvalidData(
            f"{name} is of another file, or of a run that did not record which, as run --live"
        )
    if line.get("bundle_id") != bundle.manifest.bundle_id:
        raise InvalidData(f"{name} is of another bundle than {bundle.manifest.bundle_id}")
    variant = bundle.variant(str(line.get("variant")))
    if (line.get("runtime"), line.get("precision")) != (variant.runtime, variant.precision):
        raise InvalidData(f"{name} names an engine that its variant does not run on")
    return Origin(
        bundle_id=bundle.manifest.bundle_id,
        engine_sha256=bundle.engine_sha256(variant),
        runtime=variant.runtime,
        precision=variant.precision,
        variant=variant.id,
        frame_path="native" if line.get("frame_path") == "native" else "python",
        placement="pinned" if line.get("placement") == "pinned" else "free",
    )


def _analysis(line: Mapping[str, Any], origin: Origin, name: str, hw: tuple[int, int]) -> Analysis:
    try:
        answer = answer_from(line)
        common: dict[str, Any] = {
            "frame_id": line["frame"],
            "captured_ns": 0,
            "age_ms": 0.0,
            "stages_ms": {},
            "origin": origin,
        }
        if not answer.analysed:
            reasons = tuple(Reason(reason) for reason in answer.reasons)
            return NotAnalysed(reasons=reasons, **common)
        grade, regions = _found(answer, hw)
    except (InvalidSettings, ValueError) as error:
        raise InvalidData(f"{name}: {error}") from None
    return Analysed(
        regions=regions,
        class_probs={},
        temporal_flag=answer.temporal_flag,
        grade=grade,
        **common,
    )


def _found(answer: Answer, hw: tuple[int, int]) -> tuple[FrameGrade | None, tuple[Region, ...]]:
    if not answer.localised:
        grade = FrameGrade(suspicion=_share(answer.suspicion), flagged=bool(answer.flagged))
        return grade, ()
    if answer.regions is None:
        raise InvalidSettings("a frame that was analysed and localised has a list of regions")
    return None, tuple(_region(region, hw) for region in answer.regions)


def _region(region: AnsweredRegion, hw: tuple[int, int]) -> Region:
    contour = np.array(region.contour_px, dtype=np.int64).reshape(-1, 2)
    if not len(contour) or contour.min() < 0 or (contour.max(axis=0) >= (hw[1], hw[0])).any():
        raise InvalidSettings("a region lies outside of the picture")
    return Region(
        contour_px=contour.astype(np.int32),
        box_px=region.box_px,
        area_px=region.area_px or 0.0,
        area_mm2=region.area_mm2,
        box_mm=_sides(region.box_mm),
        suspicion=_share(region.suspicion),
        class_probs={},
        flagged=region.flagged,
        track_id=region.track_id,
        track_flagged=region.track_flagged,
    )


def _sides(box_mm: tuple[float | None, float | None] | None) -> tuple[float, float] | None:
    if box_mm is None or box_mm[0] is None or box_mm[1] is None:
        return None
    return box_mm[0], box_mm[1]


def _share(suspicion: float | None) -> float:
    if suspicion is None or not 0 <= suspicion <= 1:
        raise InvalidSettings("a suspicion must be a number from 0 to 1")
    return suspicion
