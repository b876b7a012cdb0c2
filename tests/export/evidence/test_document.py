from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sonoedge.errors import InvalidData
from sonoedge_export.evidence import forms
from sonoedge_export.evidence.cells import NotProvided, TooFew, Value
from sonoedge_export.evidence.document import Place
from sonoedge_export.evidence.reading import parse_document

DATA = b"""{"rows": [{"id": "a", "n": 31, "dice": 0.5, "ci": [0.4, 0.6], "few": 9}],
            "none": null, "files": {"a/b.json": 1}}"""


def place() -> Place:
    return parse_document(DATA, "x.json", "test").root


def test_a_cell_knows_its_file_and_key() -> None:
    cell = (place() / "rows" / 0 / "id").cell(forms.text)
    assert isinstance(cell, Value)
    assert (cell.text, str(cell.source)) == ("a", "x.json: rows[0].id")
    assert str((place() / "files" / "a/b.json").source) == "x.json: files[a/b.json]"


def test_what_is_absent_is_not_provided_and_null_is_a_value_only_where_it_says_something() -> None:
    for absent in (place() / "no", place() / "rows" / 7 / "id", place() / "none" / "deeper"):
        assert isinstance(absent.cell(forms.text), NotProvided)
        assert isinstance(absent.cell(forms.text, null="any"), NotProvided)
    assert isinstance((place() / "none").cell(forms.text), NotProvided)
    cell = (place() / "none").cell(forms.text, null="any")
    assert isinstance(cell, Value)
    assert cell.text == "any"


def test_a_figure_has_its_interval_its_count_and_all_their_keys() -> None:
    cell = (place() / "rows" / 0).figure("dice", forms.share, ci="ci", n="n")
    assert isinstance(cell, Value)
    assert (cell.text, cell.detail) == ("0.500", "0.400 to 0.600; n = 31")
    assert cell.source.keys == ("rows[0].dice", "rows[0].ci", "rows[0].n")


def test_a_figure_of_fewer_than_ten_is_too_few_and_one_of_ten_is_not() -> None:
    row = place() / "rows" / 0
    assert row.figure("dice", forms.share, n="few") == TooFew(
        count=9, source=row.figure("dice", forms.share, n="few").source
    )
    ten = parse_document(b'{"dice": 0.5, "n": 10}', "x.json", "test").root
    assert isinstance(ten.figure("dice", forms.share, n="n"), Value)


def test_a_figure_without_a_count_says_that_it_has_none() -> None:
    cell = (place() / "rows" / 0).figure("dice", forms.share, n="no")
    assert cell.detail == "n not provided"


@pytest.mark.parametrize(
    "wrong",
    [
        lambda p: (p / "rows").cell(forms.text),
        lambda p: list((p / "files").rows()),
        lambda p: list((p / "rows").items()),
        lambda p: (p / "none").text(),
        lambda p: (p / "rows" / 0).figure("id", forms.share),
        lambda p: (p / "rows" / 0).figure("dice", forms.share, ci="n"),
        lambda p: (p / "rows" / 0).figure("dice", forms.share, n="id"),
    ],
)
def test_a_value_of_another_kind_is_refused_by_its_key(wrong: Callable[[Place], Any]) -> None:
    with pytest.raises(InvalidData, match=r"x\.json: (rows|files|none)"):
        wrong(place())
