from __future__ import annotations

import re

import numpy as np
import pytest

from sonoedge.measure import NAMES, Measures
from sonoedge.words import Measurement, sentence, words

# What no description may hold: a category, a likelihood, an advice.
FORBIDDEN = re.compile(
    r"bi-?rads|malign|benign|cancer|suspic|biops|recommend|probabl|normal|should|refer",
    re.IGNORECASE,
)


def said(values: dict[str, float | None]) -> tuple[dict[str, Measurement], str]:
    array = np.zeros(len(NAMES), dtype=np.float32)
    missing = []
    for name, value in values.items():
        if value is None:
            missing.append(name)
        else:
            array[NAMES.index(name)] = value
    measures = Measures(names=NAMES, values=array, not_measured=tuple(missing))
    named = words(measures, "breast")
    return {entry.name: entry for entry in named}, sentence(named)


@pytest.mark.req("R84")
@pytest.mark.parametrize(
    ("measure", "value", "name", "word"),
    [
        ("shape.ellipse_perimeter", 0.90, "outline", "irregular"),
        ("shape.ellipse_perimeter", 0.959, "outline", "irregular"),
        ("shape.ellipse_perimeter", 0.969, "outline", None),
        ("shape.ellipse_perimeter", 0.99, "outline", "oval"),
        ("shape.width_height", 0.8, "orientation", "taller than wide"),
        ("shape.width_height", 1.0, "orientation", None),
        ("shape.width_height", 1.5, "orientation", "wider than tall"),
        ("margin.posterior", -0.3, "posterior", "shadow"),
        ("margin.posterior", 0.0, "posterior", None),
        ("margin.posterior", 0.3, "posterior", "enhancement"),
        ("margin.contrast", 120.0, "contrast to surroundings", None),
    ],
)
def test_a_word_stands_outside_the_grey_zone_alone(
    measure: str, value: float, name: str, word: str | None
) -> None:
    entry = said({measure: value})[0][name]
    assert entry.word == word
    assert entry.reliable
    assert entry.value == pytest.approx(value)


def test_the_sentence_gives_words_numbers_and_limits() -> None:
    _, text = said(
        {
            "shape.ellipse_perimeter": 0.9,
            "shape.width_height": 0.8,
            "margin.contrast": 31.2,
            "margin.posterior": -0.3,
        }
    )
    assert text == (
        "Outline irregular (0.900; irregular up to 0.959, oval from 0.979). "
        "Taller than wide (width 0.80 of the height). "
        "Darker than its surroundings by 31 grey levels. "
        "Below: shadow (-0.30; shadow up to -0.19, enhancement from 0.23)."
    )


@pytest.mark.req("R84")
def test_what_is_not_measurable_is_said() -> None:
    entries, text = said({"margin.contrast": None, "margin.posterior": None})
    for name in ("posterior", "contrast to surroundings"):
        assert entries[name].value is None
        assert entries[name].word is None
        assert not entries[name].reliable
    assert "Shadow and enhancement below not measurable" in text
    assert "Surroundings not measurable" in text


@pytest.mark.req("R84")
@pytest.mark.parametrize("outline", [0.5, 0.93, 0.966, 1.0])
@pytest.mark.parametrize("posterior", [None, -0.9, 0.0, 0.9])
@pytest.mark.parametrize("width", [0.3, 1.0, 3.0])
def test_no_category_and_no_advice(outline: float, posterior: float | None, width: float) -> None:
    _, text = said(
        {
            "shape.ellipse_perimeter": outline,
            "margin.posterior": posterior,
            "shape.width_height": width,
            "margin.contrast": -20.0,
        }
    )
    assert not FORBIDDEN.search(text)
    assert "Brighter than its surroundings by 20 grey levels." in text
