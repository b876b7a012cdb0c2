from __future__ import annotations

from sonoedge_export.evidence.cells import Row, Source, Table, Value
from sonoedge_export.evidence.where import column_keys, common, row_source


def cell(file: str, *keys: str) -> Value:
    return Value(text="x", value="x", source=Source(file=file, keys=keys))


def test_what_keys_share_is_told_in_whole_parts() -> None:
    assert common(["a[0].bc.d", "a[0].bc.e"]) == "a[0].bc"
    assert common(["a[0].bc", "a[0].bd"]) == "a[0]"
    assert common(["a", "b"]) == ""
    assert common(["a.b"]) == "a.b"


def test_a_row_tells_each_file_and_what_its_keys_share() -> None:
    row = Row(cells=(cell("m", "v[0].id"), cell("m", "v[0].x", "v[0].y"), cell("n", "z")))
    assert row_source(row) == "m: v[0]; n: z"
    mixed = Row(cells=(cell("m", "v[0].id"), cell("m", "files[a/b].sha256"), cell("o")))
    assert row_source(mixed) == "m: v[0].id, files[a/b].sha256; o"


def test_row_and_column_together_are_the_key() -> None:
    rows = [
        Row(cells=(cell("m", f"v[{n}].id"), cell("m", f"v[{n}].a.x"), cell("m", f"v[{n}].a.y")))
        for n in range(3)
    ]
    table = Table(name="t", title="t", columns=("id", "x", "y"), rows=tuple(rows))
    assert column_keys(table) == ("id", "a.x", "a.y")
    assert [row_source(row) for row in rows] == ["m: v[0]", "m: v[1]", "m: v[2]"]


def test_a_column_whose_keys_end_differently_has_none() -> None:
    rows = [Row(cells=(cell("m", f"v.{n}.id"), cell("m", f"v.{n}.{n}"), cell("m", f"v.{n}.y")))
            for n in "ab"]  # fmt: skip
    table = Table(name="t", title="t", columns=("id", "x", "y"), rows=tuple(rows))
    assert column_keys(table)[1] == ""
