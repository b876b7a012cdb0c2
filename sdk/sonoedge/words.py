"""Measures of a region in words: a literal table, with grey zones, and nothing but it.

A word is given only outside the zone between two thresholds, and what cannot be measured is
always said. No category, and no advice: what a word means for a patient is the reader's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from sonoedge.measure import Measures


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One thing that was to be measured, and the word for it.

    Attributes:
        name: what it is.
        value: the measure; None where it could not be measured.
        unit: of the value; "" for a ratio.
        word: None in the zone between two words, and where nothing was measured.
        reliable: False where the value could not be measured.
    """

    name: str
    value: float | None
    unit: str
    word: str | None
    reliable: bool


class _Rule(NamedTuple):
    """How a measure becomes a word.

    Attributes:
        name: of the measurement.
        measure: which measure it is.
        unit: of its value.
        low: up to here it is `low_word`; None where there is none.
        high: from here on it is `high_word`; None where there is none.
        text: the sentence, of the value, with a word and its limits in front of it.
        missing: why it cannot be measured, where it cannot.
    """

    name: str
    measure: str
    unit: str
    low: float | None
    low_word: str | None
    high: float | None
    high_word: str | None
    text: Callable[[float, str | None], str]
    missing: str


def words(measures: Measures, table: Literal["breast"]) -> tuple[Measurement, ...]:
    """The measures that have words, in a fixed order.

    Args:
        measures: with the groups "shape" and "margin".
        table: whose thresholds count.
    """
    return tuple(_measurement(rule, measures.value(rule.measure)) for rule in _TABLES[table])


def sentence(measurements: Sequence[Measurement], table: Literal["breast"] = "breast") -> str:
    """The measurements as one text; one without a word gives its number, or why it has none."""
    parts = []
    for rule, measurement in zip(_TABLES[table], measurements, strict=True):
        value = measurement.value
        said = rule.missing if value is None else rule.text(value, measurement.word)
        if said:
            parts.append(said)
    return " ".join(parts)


def _measurement(rule: _Rule, value: float | None) -> Measurement:
    word = None
    if value is not None and rule.low is not None and value <= rule.low:
        word = rule.low_word
    elif value is not None and rule.high is not None and value >= rule.high:
        word = rule.high_word
    return Measurement(
        name=rule.name, value=value, unit=rule.unit, word=word, reliable=value is not None
    )


def _outline(value: float, word: str | None) -> str:
    limits = f"irregular up to {IRREGULAR}, oval from {OVAL}"
    return f"Outline {word or 'neither oval nor irregular'} ({value:.3f}; {limits})."


def _orientation(value: float, word: str | None) -> str:
    said = word or "about as tall as wide"
    return f"{said[0].upper()}{said[1:]} (width {value:.2f} of the height)."


def _echo(value: float, _: str | None) -> str:
    # No word: "anechoic" agreed with no radiologist (kappa 0.00) at the threshold fixed before.
    side = "Darker" if value >= 0 else "Brighter"
    return f"{side} than its surroundings by {abs(value):.0f} grey levels."


def _posterior(value: float, word: str | None) -> str:
    limits = f"shadow up to {SHADOW}, enhancement from {ENHANCEMENT}"
    return f"Below: {word or 'neither shadow nor enhancement'} ({value:+.2f}; {limits})."


# Fixed on the validation frames of BUSI and BUS-BRA, on the outlines that the network finds
# there, before any frame with a radiologist's descriptors was looked at:
# `python -m studies.word_agreement` prints each origin.
#
# Irregular and oval: 0.01 to either side of the best split of malignant from benign (0.969).
# Shadow and enhancement: the outermost tenths. No word: "radiating" agreed too little with a
# radiologist (kappa 0.29) at what a twentieth of the benign lies below (0.931).
IRREGULAR: Final = 0.959
OVAL: Final = 0.979
TALL: Final = 0.95
WIDE: Final = 1.05
SHADOW: Final = -0.19
ENHANCEMENT: Final = 0.23

_TABLES: Final = {
    "breast": (
        _Rule(
            "outline",
            "shape.ellipse_perimeter",
            "",
            IRREGULAR,
            "irregular",
            OVAL,
            "oval",
            _outline,
            "Outline not measurable.",
        ),
        _Rule(
            "orientation",
            "shape.width_height",
            "",
            TALL,
            "taller than wide",
            WIDE,
            "wider than tall",
            _orientation,
            "Orientation not measurable.",
        ),
        _Rule(
            "contrast to surroundings",
            "margin.contrast",
            "grey levels",
            None,
            None,
            None,
            None,
            _echo,
            "Surroundings not measurable: the picture ends beside the region.",
        ),
        _Rule(
            "posterior",
            "margin.posterior",
            "",
            SHADOW,
            "shadow",
            ENHANCEMENT,
            "enhancement",
            _posterior,
            "Shadow and enhancement below not measurable: the picture ends below or beside the "
            "region.",
        ),
    )
}
