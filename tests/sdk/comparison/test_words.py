from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from sonoedge.bundle import Manifest
from sonoedge.comparison import compare
from sonoedge.comparison.areas import AREAS
from sonoedge.comparison.words import as_json, grouped, lines, value_words

Make = Callable[..., Manifest]


def _changed(data: dict[str, Any]) -> None:
    data["variants"].pop(1)
    data["preprocess"]["pad_value"] = 0
    data["preprocess"]["grey_map"] = list(range(256))
    data["lineage"]["data"][0]["sha256"] = "0" * 64


def test_every_area_has_its_line_and_an_unchanged_one_says_so(manifest: Make) -> None:
    text = list(lines(compare(manifest(), manifest(_changed))))
    for area in AREAS:
        if area not in ("other", "results"):
            assert any(line.startswith(f"  {area} ") for line in text), area
    assert "  weights         unchanged" in text
    assert any("pad_value: 170 -> 0 (-170)" in line for line in text)
    assert any("variants[openvino-fp32]: removed, 6 keys" in line for line in text)
    assert any("different frames" in line for line in text)


def test_a_row_that_was_removed_is_one_line_for_people_and_every_key_for_machines(
    manifest: Make,
) -> None:
    comparison = compare(manifest(), manifest(_changed))
    assert len([key for key in grouped(comparison.of("engines")) if "variants" in key]) == 1
    data = as_json(comparison)
    keys = [c["key"] for c in data["changes"] if c["key"].startswith("variants[openvino-fp32]")]
    assert len(keys) > 6
    assert all("new" not in c for c in data["changes"] if c["key"] in keys)
    json.dumps(data, allow_nan=False)


def test_long_values_are_told_by_length_and_digest() -> None:
    assert value_words(list(range(256))).startswith("256 values, sha256 ")
    assert value_words(list(range(256))) != value_words(list(range(255, -1, -1)))
    assert value_words("a" * 64) == "sha256 aaaaaaaaaaaa"
    assert len(value_words("word " * 1000)) == 120
    assert (value_words(None), value_words(True), value_words([])) == ("none", "yes", "nothing")
    assert value_words({}) == "nothing"
