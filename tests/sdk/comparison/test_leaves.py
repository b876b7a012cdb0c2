from __future__ import annotations

from sonoedge.comparison.leaves import leaves


def test_rows_are_named_by_their_id_whatever_their_order() -> None:
    a = {"variants": [{"id": "x", "n": 1}, {"id": "y", "n": 2}]}
    b = {"variants": [{"id": "y", "n": 2}, {"id": "x", "n": 1}]}
    assert leaves(a) == leaves(b)
    assert leaves(a)["variants[y].n"] == 2


def test_rows_whose_names_are_not_unique_are_numbered_and_none_is_lost() -> None:
    data = {"data": [{"name": "set", "n": 1}, {"name": "set", "n": 2}]}
    assert leaves(data) == {
        "data[0].name": "set",
        "data[0].n": 1,
        "data[1].name": "set",
        "data[1].n": 2,
    }


def test_a_list_of_plain_values_is_one_value_and_a_name_with_dots_is_no_path() -> None:
    data = {"labels": ["a", "b"], "files": {"a/b.json": {"sha256": "00"}}, "empty": []}
    assert leaves(data) == {
        "labels": ["a", "b"],
        "files[a/b.json].sha256": "00",
        "empty": [],
    }
