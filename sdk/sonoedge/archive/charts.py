"""The page's pictures, as SVG within it: no script, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from sonoedge.archive.rates import Rate

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 340, 170, 34, 24, 8
_BAR: Final = 220  # pixels of a rate's axis


def histogram(
    title: str, found: Sequence[int], reference: Sequence[int] | None, ends: Sequence[str]
) -> str:
    """Shares of frames by bin: filled what was found, outlined what the bundle holds.

    Args:
        ends: what stands below the first, the middle and the last bin.
    """
    shares = _shares(found)
    theirs = None if reference is None else _shares(reference)
    most = max([0.01, *shares, *(theirs or ())])
    step = (_WIDTH - _LEFT) / len(shares)
    base = _HEIGHT - _BOTTOM
    scale = (base - _TOP) / most
    bars = "".join(
        f'<rect class="here" stroke="none" x="{_LEFT + i * step + 1:.1f}" '
        f'y="{base - share * scale:.1f}" width="{step - 2:.1f}" height="{share * scale:.1f}">'
        f"<title>{share:.1%} of frames</title></rect>"
        for i, share in enumerate(shares)
        if share
    )
    outline = ""
    if theirs is not None:
        points = [(_LEFT + i * step, base - share * scale) for i, share in enumerate(theirs)]
        path = f"M{_LEFT},{base}" + "".join(f"V{y:.1f}H{x + step:.1f}" for x, y in points)
        outline = f'<path class="there" d="{path}V{base}"/>'
    places = zip(
        ends, ("start", "middle", "end"), (_LEFT, (_LEFT + _WIDTH) / 2, _WIDTH), strict=True
    )
    below = "".join(
        f'<text x="{x:.0f}" y="{_HEIGHT - 8}" text-anchor="{anchor}">{escape(text)}</text>'
        for text, anchor, x in places
    )
    return (
        f'<figure><b>{escape(title)}</b><svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{escape(title)}: shares of frames">'
        f'<text x="{_LEFT - 4}" y="{_TOP + 9}" text-anchor="end">{most:.0%}</text>'
        f'<text x="{_LEFT - 4}" y="{base}" text-anchor="end">0</text>'
        f'<path class="axis" d="M{_LEFT},{_TOP}V{base}H{_WIDTH}" fill="none"/>'
        f"{bars}{outline}{below}</svg></figure>"
    )


def rate_bar(rate: Rate, most: float) -> str:
    """A rate as a point, with its interval as a line."""
    scale = (_BAR - 12) / most if most > 0 else 0.0
    low, high = rate.ci95 or (rate.per_1000, rate.per_1000)
    at = 6 + rate.per_1000 * scale
    return (
        f'<svg viewBox="0 0 {_BAR} 16" style="width:{_BAR}px" aria-hidden="true">'
        f'<path class="axis" d="M6,8H{_BAR - 6}"/>'
        f'<path class="whisker" d="M{6 + low * scale:.1f},8H{6 + high * scale:.1f}"/>'
        f'<circle class="here" cx="{at:.1f}" cy="8" r="4"/></svg>'
    )


def table(head: Sequence[tuple[str, str]], rows: Iterator[str], caption: str = "") -> str:
    """A table; `head` is each column's class and title."""
    heads = "".join(f'<th class="{css}" scope="col">{escape(text)}</th>' for css, text in head)
    caption = f"<caption>{escape(caption)}</caption>" if caption else ""
    return (
        f'<div class="wide"><table>{caption}<thead><tr>{heads}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _shares(bins: Sequence[int]) -> list[float]:
    total = sum(bins) or 1
    return [count / total for count in bins]
