"""A manifest with any of its values replaced is read or refused, and told without a traceback."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from sonoedge.bundle.identity import manifest_text
from sonoedge.bundle.parse import parse
from sonoedge.errors import InvalidManifest
from sonoedge.verbs.inspect import _summary, _text

DATA = json.loads((Path(__file__).parents[1] / "data/tiny/manifest.json").read_bytes())
EXAMPLES = 2000

NASTY: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63 - 1, 2**63, -(2**63), 10**400, 10**5000, 0.0, -0.0,
    0.5, 1e-320, 1e308, float("nan"), float("inf"), -float("inf"), "", " ", "a", "NaN", "../x",
    "/etc/passwd", "a\0b", "\ud800", "\x1b[2J", "\u202e", "x" * 5000, "%s%n{0}", [], {}, [[]],
    [None], {"a": None}, {"": {}}, [1, 2, 3], ["a", "b"],
)  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value of a tree, inner ones too."""
    yield path
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from places(value[key], (*path, key))


def mutated(rng: random.Random, paths: list[tuple[Any, ...]]) -> Any:
    """The manifest with one or a few values replaced, removed, or put under another key."""
    data = copy.deepcopy(DATA)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        path = rng.choice(paths)
        at: Any = data
        try:
            for key in path[:-1]:
                at = at[key]
            if rng.random() < 0.1:
                del at[path[-1]]
            elif rng.random() < 0.1:
                at[rng.choice(("", "x", "a\nb", path[-1]))] = rng.choice(NASTY)
            else:
                at[path[-1]] = copy.deepcopy(rng.choice(NASTY))
        except (KeyError, IndexError, TypeError):
            continue  # what an earlier change has removed
    return data


def encoded(data: Any) -> bytes:
    """Its text, with its own id where JSON can hold it."""
    try:
        return manifest_text(data).encode()
    except ValueError:
        pass
    try:
        return json.dumps(data).encode()
    except ValueError:  # an integer that Python refuses to write
        return b"9" * 5000


def test_any_value_anywhere_is_read_or_refused() -> None:
    rng = random.Random(2026)
    paths = [p for p in places(DATA) if p]
    messages = []
    read = 0
    for _ in range(EXAMPLES):
        text = encoded(mutated(rng, paths))
        try:
            manifest = parse(text)
        except InvalidManifest as error:
            messages.append(str(error))
            continue
        read += 1
        bundle = cast(Any, SimpleNamespace(manifest=manifest, manifest_sha256="0" * 64))
        assert "\x1b" not in _text(bundle)
        json.dumps(_summary(bundle), allow_nan=False)
    assert read + len(messages) == EXAMPLES
    assert read > 50
    assert all(m.isprintable() and len(m) < 1000 for m in messages)
