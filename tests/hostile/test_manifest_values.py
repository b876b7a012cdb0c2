"""A manifest with any of its values replaced is read or refused, and told without a traceback."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest

from fuzz.points.manifest import with_id
from fuzz.trees import mutated, places
from sonoedge.bundle import read_bundle
from sonoedge.bundle.parse import parse
from sonoedge.errors import InvalidManifest
from sonoedge.trust.policy import TrustPolicy
from sonoedge.verbs.inspect import _lines, _summary, _text

TINY = Path(__file__).parents[1] / "data" / "tiny"
DATA = json.loads((TINY / "manifest.json").read_bytes())
BUNDLE = read_bundle(TINY)
EXAMPLES = 2000


@pytest.mark.req("R40")
def test_any_value_anywhere_is_read_or_refused() -> None:
    rng, policy = random.Random(2026), TrustPolicy()
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
        bundle = replace(BUNDLE, manifest=manifest)
        assert "\x1b" not in _text(_lines(bundle, policy))
        json.dumps(_summary(bundle, policy), allow_nan=False)
    assert read + len(messages) == EXAMPLES
    assert read > 50
    assert all(m.isprintable() and len(m) < 1000 for m in messages)
