from __future__ import annotations

import pytest

from sonoedge.metrics.text import family, labels_text, number


def test_a_family_has_its_heading_and_its_samples() -> None:
    text = family("frames", "counter", "Frames.", [({"outcome": "analysed"}, 3), ({}, 0.5)])
    assert text.splitlines() == [
        "# HELP sonoedge_frames_total Frames.",
        "# TYPE sonoedge_frames_total counter",
        'sonoedge_frames_total{outcome="analysed"} 3',
        "sonoedge_frames_total 0.5",
    ]
    assert family("frames", "counter", "Frames.", []) == ""


@pytest.mark.parametrize("value", ["", "two words", 'a"b', "a\nb", "a/b", "MÜLLER", "a" * 65])
def test_what_is_no_token_is_no_label_and_is_not_said_again(value: str) -> None:
    with pytest.raises(ValueError, match=r"^the label reason got what is no token$"):
        labels_text({"reason": value})


def test_small_and_large_numbers_keep_all_their_digits() -> None:
    for value in (0.1 + 0.2, 1e-9, 1.75e9):
        assert float(number(value)) == value
    assert number(123456789012345678) == "123456789012345678"
