from __future__ import annotations

import numpy as np
import pytest

from sonoedge_bench.table import Table


def test_a_row_is_there_whole_and_what_it_lacks_is_not_known() -> None:
    table = Table(("a", "b", "c"), 2)
    table.add({"a": 1.0, "b": 2.0})
    table.add({"a": 3.0, "b": None})
    assert table.column("a").tolist() == [1.0, 3.0]
    assert table.plain() == {"a": (1.0, 3.0), "b": (2.0, None)}
    assert table.known_columns() == ["a", "b"]


def test_it_grows_beyond_the_memory_that_was_taken() -> None:
    table = Table(("a",), 2)
    for value in range(9):
        table.add({"a": float(value)})
    assert table.column("a").tolist() == list(range(9))


def test_a_column_that_is_not_there_is_a_mistake() -> None:
    with pytest.raises(KeyError, match="no column"):
        Table(("a",), 1).add({"z": 1.0})


def test_a_column_is_a_copy() -> None:
    table = Table(("a",), 1)
    table.add({"a": 1.0})
    table.column("a")[0] = 9
    assert table.column("a").tolist() == [1.0]
    assert np.isnan(Table(("a",), 1).column("a")).sum() == 0
