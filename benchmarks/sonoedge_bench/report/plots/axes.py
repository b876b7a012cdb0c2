"""A drawing with two axes: numbers in, SVG elements out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Final

LEFT, RIGHT, TOP, BOTTOM = 62, 14, 12, 44  # margins, in pixels
COLOURS: Final = (
    ("#1769aa", "#c2410c", "#15803d", "#7e22ce", "#b45309", "#0f766e")
    + ("#be123c", "#4d7c0f", "#4338ca", "#525252")
)  # fmt: skip


def colour(at: int) -> str:
    """The colour of series number `at`."""
    return COLOURS[at % len(COLOURS)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """One axis.

    Attributes:
        low, high: values at its ends, above 0 where `log`.
        ticks: (value, label); the axis's own choice where empty.
    """

    label: str
    low: float
    high: float
    log: bool = False
    ticks: tuple[tuple[float, str], ...] = ()

    def share(self, value: float) -> float:
        """Where a value lies, 0 at the low end and 1 at the high end."""
        if self.log:
            low, high = math.log(self.low), math.log(self.high)
            return (math.log(max(value, 1e-12)) - low) / (high - low)
        return (value - self.low) / (self.high - self.low)

    @property
    def marks(self) -> tuple[tuple[float, str], ...]:
        """Ticks and their labels."""
        if self.ticks:
            return self.ticks
        return tuple((v, f"{v:g}") for v in (_decades if self.log else _steps)(self.low, self.high))


def axis(label: str, values: Sequence[float], *, log: bool = False, zero: bool = False) -> Axis:
    """An axis that holds the values, with a little room; from 0 on where `zero`."""
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    if log:
        low, high = max(low, 1e-3), max(high, 1e-3)
        return Axis(label=label, low=low / 1.1, high=max(high * 1.1, low * 1.5), log=True)
    room = 0.05 * (high - low) or 0.05 * abs(high) or 1.0
    return Axis(label=label, low=0.0 if zero else low - room, high=high + room)


@dataclass(slots=True, kw_only=True)
class Drawing:
    """An SVG picture that grows.

    Attributes:
        width, height: in pixels of the view box; the page scales it.
        title: for readers of the page who cannot see it.
    """

    x: Axis
    y: Axis
    title: str
    width: int = 880
    height: int = 300
    parts: list[str] = field(default_factory=list)

    def px(self, value: float) -> float:
        """Horizontal position of an x value."""
        return LEFT + min(1.0, max(0.0, self.x.share(value))) * (self.width - LEFT - RIGHT)

    def py(self, value: float) -> float:
        """Vertical position of a y value."""
        inner = self.height - TOP - BOTTOM
        return self.height - BOTTOM - min(1.0, max(0.0, self.y.share(value))) * inner

    def line(
        self, points: Sequence[tuple[float, float]], stroke: str, width: float = 1.6, dash: str = ""
    ) -> None:
        """A line through the points."""
        path = " ".join(f"{self.px(x):.1f},{self.py(y):.1f}" for x, y in points)
        self.parts.append(
            f'<polyline points="{path}" fill="none" stroke="{stroke}" stroke-width="{width}"'
            + (f' stroke-dasharray="{dash}"/>' if dash else "/>")
        )

    def dot(
        self, x: float, y: float, fill: str, radius: float = 1.6, about: str = "", ring: str = ""
    ) -> None:
        """A dot; `about` is its tooltip."""
        tooltip = f"<title>{escape(about)}</title>" if about else ""
        edge = f' stroke="{ring}" stroke-width="2"' if ring else ""
        self.parts.append(
            f'<circle cx="{self.px(x):.1f}" cy="{self.py(y):.1f}" r="{radius}" fill="{fill}"{edge}>'
            f"{tooltip}</circle>"
        )

    def bar(self, x0: float, x1: float, y0: float, y1: float, fill: str, about: str = "") -> None:
        """A filled rectangle between two corners, in pixels."""
        tooltip = f"<title>{escape(about)}</title>" if about else ""
        self.parts.append(
            f'<rect x="{x0:.1f}" y="{y0:.1f}" width="{max(0.0, x1 - x0):.1f}" '
            f'height="{max(0.0, y1 - y0):.1f}" fill="{fill}">{tooltip}</rect>'
        )

    def text(
        self, x: float, y: float, text: str, anchor: str = "start", kind: str = "label"
    ) -> None:
        """Text at a position in pixels."""
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{kind}">'
            f"{escape(text)}</text>"
        )

    def rule(self, y: float, text: str, stroke: str = "#b91c1c") -> None:
        """A dashed line across at a y value, with its label."""
        if not 0 <= self.y.share(y) <= 1:
            return
        at = self.py(y)
        self.parts.append(
            f'<line x1="{LEFT}" x2="{self.width - RIGHT}" y1="{at:.1f}" y2="{at:.1f}" '
            f'stroke="{stroke}" stroke-dasharray="5 4"/>'
        )
        self.text(self.width - RIGHT - 2, at - 4, text, "end", "rule")

    def svg(self) -> str:
        """The picture, its axes first."""
        behind: list[str] = []
        floor, right = self.height - BOTTOM, self.width - RIGHT
        for value, label in self.x.marks:
            at = self.px(value)
            behind.append(
                f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{TOP}" y2="{floor}" class="grid"/>'
                f'<text x="{at:.1f}" y="{floor + 16}" text-anchor="middle" class="tick">'
                f"{escape(label)}</text>"
            )
        for value, label in self.y.marks:
            at = self.py(value)
            behind.append(
                f'<line x1="{LEFT}" x2="{right}" y1="{at:.1f}" y2="{at:.1f}" class="grid"/>'
                f'<text x="{LEFT - 6}" y="{at + 4:.1f}" text-anchor="end" class="tick">'
                f"{escape(label)}</text>"
            )
        middle = (TOP + floor) / 2
        behind.append(
            f'<text x="{(LEFT + right) / 2}" y="{self.height - 6}" text-anchor="middle" '
            f'class="label">{escape(self.x.label)}</text>'
            f'<text transform="translate(15,{middle}) rotate(-90)" text-anchor="middle" '
            f'class="label">{escape(self.y.label)}</text>'
        )
        return (
            f'<svg viewBox="0 0 {self.width} {self.height}" role="img" '
            f'aria-label="{escape(self.title)}">' + "".join([*behind, *self.parts]) + "</svg>"
        )


def _steps(low: float, high: float) -> list[float]:
    """About six round numbers between."""
    raw = (high - low) / 6
    scale = 10 ** math.floor(math.log10(raw))
    step = next(s * scale for s in (1, 2, 2.5, 5, 10) if s * scale >= raw)
    first = math.ceil(low / step - 1e-9)
    return [round(i * step, 10) for i in range(first, math.floor(high / step + 1e-9) + 1)]


def _decades(low: float, high: float) -> list[float]:
    """1, 2, 5, 10, ... between, or only powers of ten where that is plenty."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    wide = math.log10(high / low)
    heads = (1.0,) if wide > 4 else (1, 2, 5) if wide > 1 else (1, 1.5, 2, 3, 4, 5, 7)
    values = [head * 10.0**e for e in range(first, last + 1) for head in heads]
    return [v for v in values if low <= v <= high]
