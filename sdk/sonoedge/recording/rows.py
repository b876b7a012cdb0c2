"""frames.jsonl: one line per frame, and back to the frame that the engine got."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Final

from sonoedge.analysis import Analysed
from sonoedge.frames import Frame, FrameMeta
from sonoedge.processing.preprocess import Pixels
from sonoedge.processing.tracker_state import Box
from sonoedge.recording.moment import Moment
from sonoedge.settings import plain

INVALID: Final = "the source said so"  # its own words may name a patient's file
MOST_EDGE: Final = 1 << 31  # no picture has so many pixels: all beyond it are the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A frame, without its pixels. A key that says nothing is None.

    Attributes:
        frame: its id in the session.
        stream: the number of its stream.
        engine: counts the session's engines from 1: another one remembers nothing.
        captured_ns: monotonic, as the engine got it.
        at_ns: when it got its outcome.
        outcome: "analysed", "superseded", or the reason's token.
        answered: an engine gave an answer to it, be it too late.
        picture: its file; None where no engine was given it, or there was no copy.
        spacing_mm, pixel_aspect, roi_px: as in `Frame`.
        probe, preset, depth_mm, gain_db, frozen: as in `FrameMeta`.
        invalid: the source said that this is no valid picture.
    """

    frame: int
    stream: int
    engine: int
    captured_ns: int
    at_ns: int
    outcome: str
    answered: bool
    picture: str | None = None
    spacing_mm: tuple[float, float] | None = None
    pixel_aspect: float | None = None
    roi_px: tuple[int, int, int, int] | None = None
    probe: str | None = None
    preset: str | None = None
    depth_mm: float | None = None
    gain_db: float | None = None
    frozen: bool = False
    invalid: bool = False

    def to_frame(self, pixels: Pixels) -> Frame:
        """The frame that the engine got, but for a file's name and a source's words."""
        return Frame(
            pixels=pixels,
            captured_ns=self.captured_ns,
            spacing_mm=self.spacing_mm,
            pixel_aspect=self.pixel_aspect,
            roi_px=self.roi_px,
            meta=FrameMeta(
                probe=self.probe,
                preset=self.preset,
                depth_mm=self.depth_mm,
                gain_db=self.gain_db,
                frozen=self.frozen,
                invalid=INVALID if self.invalid else None,
            ),
        )


def row_of(moment: Moment, stream: int, picture: str | None) -> Row:
    """The row of a frame.

    Args:
        stream: the number of its stream: a name may be a person's.
        picture: the file of its pixels.
    """
    common = {
        "frame": moment.frame_id,
        "stream": stream,
        "engine": moment.engine,
        "captured_ns": moment.captured_ns,
        "at_ns": moment.at_ns,
        "outcome": _outcome(moment),
        "answered": moment.answer is not None,
    }
    frame = moment.frame
    if frame is None:
        return Row(**common)  # type: ignore[arg-type]
    meta, spacing, roi = frame.meta, frame.spacing_mm, frame.roi_px
    return Row(
        **common,  # type: ignore[arg-type]
        picture=picture,
        spacing_mm=None if spacing is None else (_size(spacing[0]), _size(spacing[1])),
        pixel_aspect=_number(frame.pixel_aspect),
        roi_px=None if roi is None else _box(roi),
        probe=text(meta.probe),
        preset=text(meta.preset),
        depth_mm=_number(meta.depth_mm),
        gain_db=_number(meta.gain_db),
        frozen=bool(meta.frozen),
        invalid=meta.invalid is not None,
    )


def row_line(row: Row) -> bytes:
    """One line of frames.jsonl."""
    return json.dumps(plain(row), allow_nan=False, separators=(",", ":")).encode() + b"\n"


def _outcome(moment: Moment) -> str:
    if moment.result is None:
        return "superseded"
    if isinstance(moment.result, Analysed):
        return "analysed"
    return moment.result.reasons[0].value


def text(value: str | None) -> str | None:
    """Text that JSON can hold: half a surrogate pair becomes a question mark."""
    return None if value is None else value.encode("utf-8", "replace").decode()


def _number(value: float | None) -> float | None:
    return None if value is None else _size(value)


def _size(value: float) -> float:
    """A number that JSON can hold: of NaN and infinity it is left that they are no size."""
    return float(value) if math.isfinite(value) else -1.0


def _box(roi: Box) -> Box:
    x0, y0, x1, y1 = (max(-MOST_EDGE, min(MOST_EDGE, int(edge))) for edge in roi)
    return x0, y0, x1, y1
