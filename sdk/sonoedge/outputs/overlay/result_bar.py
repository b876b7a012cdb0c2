"""The bar of a picture that leaves: what it shows, and what said so.

It is looked at elsewhere, maybe years later, without the device beside it: it has no state and
no age, and the notice is drawn in.
"""

from __future__ import annotations

import numpy as np

from sonoedge.analysis import Analysed, Analysis
from sonoedge.outputs.overlay.bar import put_flag
from sonoedge.outputs.overlay.style import (
    BAR,
    FLAGGED,
    NOT_ANALYSED,
    QUIET,
    TEXT,
    Picture,
    fitted,
    put_text,
    text_size,
)
from sonoedge.outputs.wording import verdict


def draw_result_bar(
    analysis: Analysis | str, *, number: str, maker: str, notice: str, width: int
) -> Picture:
    """Two lines, uint8 (H, `width`, 3) BGR; H depends on `width` alone.

    A frame that was not analysed fills the first line with the colour that says so on the
    device as well: it cannot pass for one in which nothing was found.

    Args:
        analysis: what there is to say; a text is why nothing was analysed.
        number: which frame it is of.
        maker: what analysed.
        notice: what the picture is for.
        width: pixels.
    """
    unit = max(1.0, width / 800)
    row, margin = round(30 * unit), round(12 * unit)
    bar = np.full((2 * row, width, 3), BAR, dtype=np.uint8)
    first, second, base = 0.54 * unit, 0.44 * unit, round(row * 0.68)
    end = width - margin - text_size(number, first)[0]
    if isinstance(analysis, Analysed):
        x, result = margin, verdict(analysis)
        if result.flag:
            x = put_flag(bar[:row], margin, margin, base, first)
        words = fitted(result.words, first, end - x - margin)
        put_text(bar, words, (x, base), first, FLAGGED if result.suspicious else TEXT)
    else:
        bar[:row] = NOT_ANALYSED
        why = (
            analysis if isinstance(analysis, str) else ", ".join(r.value for r in analysis.reasons)
        )
        words = fitted(f"NOT ANALYSED: {why}", first, end - 2 * margin, bold=True)
        put_text(bar, words, (margin, base), first, TEXT, bold=True)
    put_text(bar, number, (end, base), first, TEXT)
    base += row - round(3 * unit)
    end = width - margin - text_size(notice, second, bold=True)[0]
    put_text(bar, fitted(maker, second, end - 2 * margin), (margin, base), second, QUIET)
    put_text(bar, notice, (end, base), second, TEXT, bold=True)
    return bar
