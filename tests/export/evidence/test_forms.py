from __future__ import annotations

from typing import Any

import pytest

from sonoedge_export.evidence import forms


@pytest.mark.parametrize(
    ("form", "value", "text"),
    [
        (forms.text, "two\n words", "two words"),
        (forms.text, "", '""'),
        (forms.remark, "", "none"),
        (forms.integer, 2244230, "2,244,230"),
        (forms.number, 0.000100002, "0.0001"),
        (forms.number, 3, "3"),
        (forms.share, 1, "1.000"),
        (forms.percent, 0.99996, "99.9 %"),
        (forms.percent, 1.0, "100.0 %"),
        (forms.yes_no, True, "yes"),
        (forms.words, ["a", 1, None], "a, 1, none"),
        (forms.words, {"numpy": "2", "openvino": None}, "numpy 2, openvino none"),
        (forms.words, [], "none"),
        (forms.interval, [0.25, 1], "0.250 to 1.000"),
    ],
)
def test_a_value_is_written_as_its_form_says(form: Any, value: Any, text: str) -> None:
    assert form(value) == text


@pytest.mark.parametrize(
    ("form", "value"),
    [
        (forms.text, 1),
        (forms.integer, 1.0),
        (forms.integer, True),
        (forms.number, "1"),
        (forms.share, True),
        (forms.yes_no, 1),
        (forms.words, "abc"),
        (forms.interval, [0.1]),
    ],
)
def test_a_value_of_another_kind_is_refused(form: Any, value: Any) -> None:
    with pytest.raises(TypeError):
        form(value)
