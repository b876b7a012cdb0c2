from __future__ import annotations

import pytest

from sonoedge.errors import InvalidData
from sonoedge_export.evidence.cells import NotProvided, Row
from sonoedge_export.evidence.document import Place
from sonoedge_export.evidence.reading import parse_document
from sonoedge_export.evidence.sections.limits import failed_first, mark, met


def place(text: str) -> Place:
    return parse_document(text.encode(), "x.json", "test").root / "met"


def test_a_limit_is_kept_not_kept_or_not_judged_and_never_guessed() -> None:
    assert met(place('{"met": true}')).text == "kept"
    assert met(place('{"met": false}')).text == "NOT KEPT"
    assert met(place('{"met": null}')).text == "not judged"
    assert isinstance(met(place("{}")), NotProvided)
    with pytest.raises(InvalidData):
        met(place('{"met": "yes"}'))
    assert [mark(place(t)) for t in ('{"met": true}', '{"met": false}', "{}")] == [
        "pass",
        "fail",
        "",
    ]


def test_failed_rows_come_first_and_the_others_keep_their_order() -> None:
    rows = [Row(cells=(), mark=m) for m in ("pass", "", "fail", "undecided")]
    assert [row.mark for row in failed_first(rows)] == ["fail", "pass", "", "undecided"]
