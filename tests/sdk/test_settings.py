from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest

from sonoedge.errors import InvalidSettings
from sonoedge.settings import plain, read


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    depth: int = 1
    gain: float = 0.5

    def __post_init__(self) -> None:
        if self.depth < 0:
            raise InvalidSettings("depth must be 0 or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outer:
    name: str
    mode: Literal["fast", "safe"] = "fast"
    on: bool = False
    limit: int | None = None
    either: int | str = 0
    level: Literal[1, 3] = 1
    pair: tuple[int, int] = (0, 0)
    many: tuple[float, ...] = ()
    inner: Inner = Inner()
    inners: tuple[Inner, ...] = ()
    table: Mapping[str, float] = field(default_factory=dict)
    free: Any = None
    box: Inner | None = None


def test_a_full_document_becomes_the_dataclass() -> None:
    data = {
        "name": "a",
        "mode": "safe",
        "on": True,
        "limit": 3,
        "either": "x",
        "pair": [1, 2],
        "many": [1, 2.5],
        "inner": {"depth": 4},
        "inners": [{}, {"gain": 1}],
        "table": {"k": 2},
        "free": [1, {"a": "b"}],
        "box": {"depth": 7},
    }
    assert read(Outer, data) == Outer(
        name="a",
        mode="safe",
        on=True,
        limit=3,
        either="x",
        pair=(1, 2),
        many=(1.0, 2.5),
        inner=Inner(depth=4),
        inners=(Inner(), Inner(gain=1.0)),
        table={"k": 2.0},
        free=[1, {"a": "b"}],
        box=Inner(depth=7),
    )


def test_what_was_read_writes_back_to_json_and_reads_the_same() -> None:
    first = read(Outer, {"name": "a", "pair": [3, 4], "inners": [{"depth": 2}], "table": {"k": 1}})
    assert read(Outer, json.loads(json.dumps(plain(first)))) == first


def test_a_whole_number_is_accepted_where_a_number_is_wanted_and_becomes_a_float() -> None:
    gain = read(Inner, {"gain": 2}).gain
    assert (gain, type(gain)) == (2.0, float)


REFUSED: list[tuple[dict[str, object], list[str]]] = [
    ({"nmae": "a"}, ["nmae is unknown", "inner", "mode", "name"]),
    ({"nmae": "a", "mdoe": 1}, ["nmae is unknown (did you mean name?), mdoe is", "mean mode?);"]),
    ({}, ["name is missing"]),
    ({"name": 3}, ["name must be text", "3"]),
    ({"name": "a", "mode": "slow"}, ["mode is 'slow'", "'fast', 'safe'"]),
    ({"name": "a", "mode": True}, ["mode is True", "'fast', 'safe'"]),
    ({"name": "a", "on": 1}, ["on must be true or false"]),
    ({"name": "a", "limit": 1.5}, ["limit must be a whole number", "1.5"]),
    ({"name": "a", "limit": True}, ["limit must be a whole number", "True"]),
    ({"name": "a", "either": 1.5}, ["either must be a whole number", "or either must be text"]),
    ({"name": "a", "pair": [1]}, ["pair must have 2 entries, not 1"]),
    ({"name": "a", "pair": "ab"}, ["pair must be a list"]),
    ({"name": "a", "pair": [1, "b"]}, ["pair[1] must be a whole number"]),
    ({"name": "a", "many": [1.0, None]}, ["many[1] must be a number"]),
    ({"name": "a", "many": [False]}, ["many[0] must be a number"]),
    ({"name": "a", "inner": {"dept": 1}}, ["inner.dept is unknown", "depth, gain"]),
    ({"name": "a", "inner": 4}, ["inner must be a table"]),
    ({"name": "a", "inner": {"depth": -1}}, ["inner", "depth must be 0 or more"]),
    ({"name": "a", "inners": [{}, {"gain": "x"}]}, ["inners[1].gain must be a number"]),
    ({"name": "a", "table": {"k": "v"}}, ["table.k must be a number"]),
    ({"name": "a", "table": {"k": 10**400}}, ["table.k is too large for a number"]),
    ({"name": "a", "table": [1]}, ["table must be a table of keys"]),
    ({"name": "a", "level": 3.0}, ["level is 3.0; allowed: 1, 3"]),
    ({"name": "a", "level": True}, ["level is True; allowed: 1, 3"]),
    ({"name": "a", "level": 10**5000}, ["level is an integer of more than 75 digits"]),
    ({"name": "a", "many": [0, math.nan]}, ["many[1] must be a finite number, not nan"]),
    ({"name": "a", "inner": {"gain": -math.inf}}, ["inner.gain must be a finite number"]),
    ({"name": "a", "table": {"k": math.inf}}, ["table.k must be a finite number, not inf"]),
    ({"name": "a", "free": [{"x": math.nan}]}, ["free[0].x must be a finite number"]),
    ({"name": "a", "on": 10**5000}, ["on must be true or false, not an integer of more"]),
    ({"name": "a", "on": [10**5000]}, ["on must be true or false, not a list"]),
    ({"name": "a", "box": {"depth": "x"}}, ["box.depth must be a whole number"]),
]


@pytest.mark.parametrize(("data", "says"), REFUSED, ids=[says[0] for _, says in REFUSED])
def test_a_refusal_names_the_key_and_what_is_allowed(
    data: dict[str, object], says: list[str]
) -> None:
    with pytest.raises(InvalidSettings) as refusal:
        read(Outer, data)
    for part in says:
        assert part in str(refusal.value)


def test_the_place_of_the_document_stands_before_its_keys() -> None:
    with pytest.raises(InvalidSettings, match=r"^recipe\.inner\.depth must be"):
        read(Outer, {"name": "a", "inner": {"depth": "x"}}, where="recipe")


@pytest.mark.parametrize("data", [None, 3, "text", [1, 2]])
def test_a_document_that_is_no_table_is_refused(data: object) -> None:
    with pytest.raises(InvalidSettings, match="the document must be a table of keys"):
        read(Outer, data)


def test_a_refused_value_is_quoted_in_short() -> None:
    with pytest.raises(InvalidSettings) as refusal:
        read(Outer, {"name": "a", "limit": "x" * 10_000})
    assert len(str(refusal.value)) < 200


def test_plain_turns_tuples_to_lists_at_every_depth() -> None:
    assert plain({"a": (1, (Inner(),)), 3: [(2,)]}) == {
        "a": [1, [{"depth": 1, "gain": 0.5}]],
        "3": [[2]],
    }


@pytest.mark.parametrize("bits", [64, 20_000])
def test_an_integer_of_more_than_64_bits_is_refused_in_words(bits: int) -> None:
    for value in (1 << bits - 1, -(1 << bits - 1) - 1):
        with pytest.raises(InvalidSettings, match="count does not fit into 64 bits: "):
            read(Count, {"count": value})


@dataclass(frozen=True, kw_only=True)
class Count:
    """One integer."""

    count: int
