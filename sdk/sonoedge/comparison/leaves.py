"""A manifest as one flat table: every value under its full key."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

_IDENTITY: Final = ("id", "name")  # what tells the rows of a list apart, whatever their order
_WORD: Final = re.compile(r"\w+")


def leaves(data: Mapping[str, Any]) -> dict[str, Any]:
    """Every value of a document of tables and lists, by its key.

    A list of plain values is one value. The rows of a list of tables are named by their `id` or
    `name`, such as `variants[openvino-int8].runtime`, so that an added row is one addition and
    not a change of all rows behind it; by their number where the names are not unique.

    Args:
        data: what JSON can hold.
    """
    return dict(_leaves(data, ""))


def _leaves(value: object, key: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _leaves(item, _below(key, str(name)))
    elif isinstance(value, list | tuple) and any(isinstance(row, Mapping) for row in value):
        for name, row in zip(_names(value), value, strict=True):
            yield from _leaves(row, f"{key}[{name}]")
    else:
        yield key, value


def _below(key: str, name: str) -> str:
    """`a.b`; `a[b/c]` where the name could be taken for a part of the path."""
    if not key:
        return name
    return f"{key}.{name}" if _WORD.fullmatch(name) else f"{key}[{name}]"


def _names(rows: Sequence[object]) -> list[str]:
    for identity in _IDENTITY:
        names = [row.get(identity) for row in rows if isinstance(row, Mapping)]
        if len(set(map(str, names))) == len(rows) and all(isinstance(n, str) for n in names):
            return [str(name) for name in names]
    return [str(number) for number in range(len(rows))]
