"""What a viewer is sent: a picture with what was found in that very picture, and states.

Nothing in it names a file, a device, a patient or a bundle. Details, which may hold what
a device's driver said, stay out.
"""

from __future__ import annotations

import json
import struct
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from sonoedge.analysis import Analysed, Analysis, Explanation, Region
from sonoedge.frames import Frame
from sonoedge.outputs.opinions import disagreement
from sonoedge.outputs.remedies import REMEDIES
from sonoedge.outputs.wording import likeliest, line_words, region_note, taught, verdict
from sonoedge.session import Status
from sonoedge.session.describing import RegionDescription

MAX_PIXELS: Final = 16_000_000
_LENGTH = struct.Struct("<I")


def picture(frame: Frame) -> npt.NDArray[np.uint8] | None:
    """A copy of the frame's pixels, uint8 (H, W), or (H, W, 3) BGR where they have colour.

    None for what is no picture to show. Most video is grey in three equal channels: one of
    them is a third to send.
    """
    pixels = frame.pixels
    if pixels.dtype != np.uint8 or pixels.ndim not in (2, 3):
        return None
    if not 0 < pixels.shape[0] * pixels.shape[1] <= MAX_PIXELS:
        return None
    if pixels.ndim == 2:
        return np.array(pixels, order="C")
    if pixels.shape[2] != 3:
        return None
    copy = np.array(pixels, order="C")
    blue, green, red = cv2.split(copy)
    same = np.array_equal(blue, green) and np.array_equal(green, red)
    return np.asarray(blue, np.uint8) if same else copy


def picture_message(
    pixels: npt.NDArray[np.uint8] | None,
    frame: Frame,
    analysis: Analysis,
    waited_ms: float,
    drawn_ms: float | None = None,
    described: RegionDescription | None = None,
) -> bytes:
    """One message, whose parts are all of one frame.

    The length of the header (uint32, little-endian), the header as JSON, the pixels, and the
    levels of the explanation (uint8) where the header has a `map`.

    Args:
        pixels: uint8 (H, W) or (H, W, 3), as `picture` gives them; None sends no picture, only
            the result.
        frame: the frame that the pixels and the analysis are of.
        waited_ms: since the result came.
        drawn_ms: from capture until the viewer said that the picture before was on the screen.
        described: the session's newest description; a second opinion that disagrees is said at
            the region of its track, with how long before this picture that was.
    """
    height, width = (0, 0) if pixels is None else pixels.shape[:2]
    explanation = analysis.explanation if isinstance(analysis, Analysed) else None
    spacing = _spacing_mm(frame)
    head = {
        "kind": "picture",
        "frame": int(analysis.frame_id),
        "width": width,
        "height": height,
        "channels": 3 if pixels is not None and pixels.ndim == 3 else 1,
        "captured_ms": analysis.captured_ns / 1e6,
        "spacing_mm": spacing,
        "pixel_aspect": spacing[1] / spacing[0] if spacing else frame.pixel_aspect or 1.0,
        "age_ms": round(float(analysis.age_ms), 2),
        "waited_ms": round(waited_ms, 2),
        "drawn_ms": None if drawn_ms is None else round(drawn_ms, 2),
        "map": None if explanation is None else _map(explanation),
        **_result(analysis, described),
    }
    text = json.dumps(head, separators=(",", ":"), default=float).encode()
    parts = (pixels, None if explanation is None else explanation.levels)
    blocks = (b"" if part is None else np.ascontiguousarray(part).data for part in parts)
    return b"".join((_LENGTH.pack(len(text)), text, *blocks))


def state_message(status: Status, lost: str | None, now_ns: int) -> str:
    """The session's state as JSON; it says nothing of any picture.

    Args:
        lost: the token of a source that gives no picture; None while it does.
        now_ns: the session's clock.
    """
    counters, origin = status.counters, status.origin
    return json.dumps(
        {
            "kind": "state",
            "state": status.state.value,
            "reasons": [spoken(token) for token in status.reasons],
            "valid": now_ns < status.valid_until_ns,
            "source": None if lost is None else spoken(lost),
            "engine": "" if origin is None else f"{origin.runtime} {origin.precision}",
            "at_ms": now_ns // 1_000_000,
            "submitted": counters.submitted,
            "analysed": counters.analysed,
            "not_analysed": sum(counters.not_analysed.values()),
            "superseded": counters.superseded,
            "in_flight": counters.in_flight,
        }
    )


def spoken(token: str) -> str:
    """A stable token as words: NO_CONTACT is "no contact"."""
    return token.replace("_", " ").lower()


def _result(analysis: Analysis, described: RegionDescription | None) -> dict[str, Any]:
    if not isinstance(analysis, Analysed):
        tokens = [reason.value for reason in analysis.reasons]
        remedies = [REMEDIES[token] for token in tokens if token in REMEDIES]
        return {
            "outcome": "not_analysed",
            "words": ", ".join(map(spoken, tokens)) + taught(analysis),
            "remedy": "; ".join(remedies),
            "regions": None,
        }
    said = verdict(analysis)
    notes = _notes(analysis, described)
    regions = [_region(*each) for each in zip(analysis.regions, notes, strict=True)]
    return {
        "outcome": "analysed",
        "flag": said.flag,
        "suspicious": said.suspicious,
        "words": said.words,
        "remedy": "",
        "regions": regions if analysis.localised else None,
    }


def _map(explanation: Explanation) -> dict[str, Any]:
    height, width = explanation.levels.shape
    box_px = [int(n) for n in explanation.box_px]
    return {"name": explanation.name, "width": width, "height": height, "box_px": box_px}


def _notes(analysis: Analysed, described: RegionDescription | None) -> list[str]:
    """What a second opinion adds to each region; "" where it agrees, or there is none."""
    if described is None:
        return [""] * len(analysis.regions)
    before_s = (analysis.captured_ns - described.captured_ns) / 1e9
    when = f", {before_s:.1f} s before" if before_s >= 0.05 else ""
    said = map(disagreement, described.of(analysis))
    return [f"{words}{when}" if words else "" for words in said]


def _region(region: Region, opinion: str) -> dict[str, Any]:
    note = region_note(region)
    size = "" if region.box_mm is None else "{:.1f} x {:.1f} mm".format(*region.box_mm)
    line = "" if region.line is None else line_words(region.line)
    parts = (likeliest(region), note, line, size, opinion)
    return {
        "contour_px": region.contour_px.tolist(),
        "box_px": [int(n) for n in region.box_px],
        "line_px": None if region.line is None else [list(end) for end in region.line.ends_px],
        "words": ", ".join(part for part in parts if part),
        "flagged": bool(region.flagged or region.track_flagged),
        "track": None if region.track_id is None else int(region.track_id),
    }


def _spacing_mm(frame: Frame) -> list[float] | None:
    """(rows, columns), where it is a length that can be drawn by."""
    spacing = frame.spacing_mm
    if spacing is None or not all(np.isfinite(n) and n > 0 for n in spacing):
        return None
    return [float(n) for n in spacing]
