"""The status bar: what spoke, how old it is, and whether it spoke at all."""

from __future__ import annotations

from typing import Final

import numpy as np

from sonoedge.analysis import Analysis, NotAnalysed, Origin
from sonoedge.outputs.overlay.style import (
    BAR,
    EDGE,
    FLAGGED,
    NOT_ANALYSED,
    NOT_FLAGGED,
    QUIET,
    TEXT,
    Picture,
    fitted,
    put_text,
    text_size,
)
from sonoedge.outputs.wording import FLAG, taught, verdict

NOTICE: Final = "Research use - not for diagnosis"


def draw_bar(analysis: Analysis, *, state: str, width: int) -> Picture:
    """The status bar, uint8 (H, `width`, 3); H depends on `width` alone.

    Two lines: state and verdict with the frame's number; engine and age with the
    notice. A frame that was not analysed fills the first line with colour, so that
    it cannot pass for a frame in which nothing was found. While the flag is up, its
    word stands on a ground of its own (see `sonoedge.outputs.wording`).
    """
    unit = max(1.0, width / 800)  # text grows with the picture
    row, margin = round(32 * unit), round(12 * unit)
    bar = np.full((2 * row, width, 3), BAR, dtype=np.uint8)
    first, second = 0.56 * unit, 0.46 * unit
    base = round(row * 0.66)
    number = f"frame {analysis.frame_id}"
    end = width - margin - text_size(number, second)[0]
    if isinstance(analysis, NotAnalysed):
        bar[:row] = NOT_ANALYSED
        reasons = ", ".join(reason.value for reason in analysis.reasons)
        words = f"{_refused(state)}: {reasons}{taught(analysis)}"
        words = fitted(words, first, end - 2 * margin, bold=True)
        put_text(bar, words, (margin, base), first, TEXT, bold=True)
        put_text(bar, number, (end, base), second, TEXT)
    else:
        x = _state(bar[:row], state, margin, base, first)
        result = verdict(analysis)
        if result.flag:
            x = put_flag(bar[:row], x, margin, base, first)
        colour = FLAGGED if result.suspicious else TEXT
        put_text(bar, fitted(result.words, first, end - x - margin), (x, base), first, colour)
        put_text(bar, number, (end, base), second, QUIET)
    base += row - round(3 * unit)  # the second line sits a little closer to the first
    end = width - margin - text_size(NOTICE, second)[0]
    age = f"   age {_age(analysis.age_ms)}"
    room = end - 2 * margin - text_size(age, second)[0]
    speaker = fitted(_engine(analysis.origin), second, room) + age
    put_text(bar, speaker, (margin, base), second, QUIET)
    put_text(bar, NOTICE, (end, base), second, QUIET)
    return bar


def _state(row: Picture, state: str, margin: int, base: int, size: float) -> int:
    """Write the state; returns where the next words start."""
    colour = NOT_FLAGGED if state == "READY" else FLAGGED
    put_text(row, state, (margin, base), size, colour, bold=True)
    return margin + text_size(state, size, bold=True)[0] + margin


def put_flag(row: Picture, x: int, margin: int, base: int, size: float) -> int:
    """Say that the flag is up, on its colour; returns where the next words start.

    Args:
        row: uint8 (H, W, 3), drawn on.
        x: where it begins, in pixels.
        margin: before what follows it, in pixels.
        base: of the letters, from the row's top, in pixels.
        size: OpenCV's scale of the letters.
    """
    width, pad = text_size(FLAG, size, bold=True)[0], margin // 2
    row[pad // 2 : len(row) - pad // 2, x : x + width + 2 * pad] = FLAGGED
    put_text(row, FLAG, (x + pad, base), size, EDGE, bold=True)
    return x + width + 2 * pad + margin


def _refused(state: str) -> str:
    return "NOT ANALYSED" if state == "READY" else f"{state}, NOT ANALYSED"


def _engine(origin: Origin) -> str:
    plain = f"{origin.runtime} {origin.precision}"
    usual = f"{origin.runtime}-{origin.precision}" == origin.variant
    return plain if usual else f"{plain} ({origin.variant})"


def _age(age_ms: float) -> str:
    return f"{age_ms:.1f} ms" if age_ms < 10_000 else f"{age_ms / 1000:.0f} s"
