"""Trees with values replaced: what decides in JSON and TOML are values, which bytes seldom hit."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any, Final

NASTY: Final[tuple[Any, ...]] = (
    None, True, False, 0, -1, 1, 2**31, 2**63 - 1, 2**63, -(2**63), 10**400, 10**5000, 0.0, -0.0,
    0.5, 1e-320, 1e308, float("nan"), float("inf"), -float("inf"), "", " ", "a", "NaN", "../x",
    "/etc/passwd", "a\0b", "\ud800", "\x1b[2J", "\u202e", "x" * 5000, "%s%n{0}", [], {}, [[]],
    [None], {"a": None}, {"": {}}, [1, 2, 3], ["a", "b"],
)  # fmt: skip

Path = tuple[Any, ...]


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    """The path of every value of a tree, inner ones too."""
    yield path
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from places(value[key], (*path, key))


def mutated(rng: random.Random, tree: Any, paths: list[Path]) -> Any:
    """The tree with one or a few values replaced, removed, doubled, or put under another key."""
    data = copy.deepcopy(tree)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        path = rng.choice(paths)
        if not path:
            continue
        at: Any = data
        try:
            for key in path[:-1]:
                at = at[key]
            chance = rng.random()
            if chance < 0.1:
                del at[path[-1]]
            elif chance < 0.2:
                at[rng.choice(("", "x", "a\nb", path[-1]))] = copy.deepcopy(rng.choice(NASTY))
            elif chance < 0.25:  # what stands elsewhere in the tree
                other: Any = tree
                for key in rng.choice(paths):
                    other = other[key]
                at[path[-1]] = copy.deepcopy(other)
            elif chance < 0.3 and isinstance(at, list):
                at.insert(path[-1], copy.deepcopy(at[path[-1]]))
            else:
                at[path[-1]] = copy.deepcopy(rng.choice(NASTY))
        except (KeyError, IndexError, TypeError):
            continue  # what an earlier change has removed
    return data
