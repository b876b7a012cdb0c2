from __future__ import annotations

import io

import pytest

from sonoedge_bench.report.console import console


def test_what_an_encoding_lacks_is_replaced_and_never_an_error() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    to = console(stream)
    to.print("61 °C: a – b, 表")
    stream.flush()
    assert raw.getvalue() == b"61 C: a - b, ?\n"


@pytest.mark.parametrize(("columns", "width"), [(None, 80), ("132", 132)])
def test_the_width_is_that_of_columns_or_80_where_there_is_no_terminal(
    monkeypatch: pytest.MonkeyPatch, columns: str | None, width: int
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    if columns is not None:
        monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setattr("os.get_terminal_size", _none)
    assert console(io.TextIOWrapper(io.BytesIO(), encoding="utf-8")).width == width


def _none(*descriptors: int) -> None:
    raise OSError("not a terminal")
