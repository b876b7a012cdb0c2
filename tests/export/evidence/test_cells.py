from __future__ import annotations

from sonoedge_export.evidence.cells import NotProvided, Source, TooFew, Value, facts


def test_no_cell_is_ever_blank() -> None:
    source = Source(file="f", keys=("k",))
    assert NotProvided(source=source).text == "not provided"
    assert (TooFew(count=3, source=source).text, TooFew(count=3, source=source).detail) == (
        "too few",
        "n = 3",
    )


def test_a_fact_is_named_and_its_name_has_the_values_source() -> None:
    source = Source(file="f", keys=("k",))
    table = facts("t", "T", [("name", Value(text="x", value=1, source=source))])
    assert table.columns == ("item", "value")
    assert [str(cell.source) for cell in table.rows[0].cells] == ["f: k", "f: k"]
