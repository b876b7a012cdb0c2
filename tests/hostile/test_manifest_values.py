"""A manifest with any of its values replaced is read or refused, and told without a traceback."""

from __future__ import annotations

import json
import random
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from fuzz.points.manifest import with_id
from fuzz.trees import mutated, places
from sonoedge.bundle.parse import parse
from sonoedge.errors import InvalidManifest
from sonoedge.verbs.inspect import _summary, _text

DATA = json.loads((Path(__file__).parents[1] / "data/tiny/manifest.json").read_bytes())
EXAMPLES = 2000


def test_any_value_anywhere_is_read_or_refused(tmp_path: Path) -> None:
    rng = random.Random(2026)
    paths = [p for p in places(DATA) if p]
    messages = []
    read = 0
    for _ in range(EXAMPLES):
        text = with_id(mutated(rng, DATA, paths))
        try:
            manifest = parse(text)
        except InvalidManifest as error:
            messages.append(str(error))
            continue
        read += 1
        bundle = cast(
            Any, SimpleNamespace(manifest=manifest, manifest_sha256="0" * 64, folder=tmp_path)
        )
        assert "\x1b" not in _text(bundle)
        json.dumps(_summary(bundle), allow_nan=False)
    assert read + len(messages) == EXAMPLES
    assert read > 50
    assert all(m.isprintable() and len(m) < 1000 for m in messages)
