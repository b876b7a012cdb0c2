"""manifest.json: parsed, and shown as `sonoedge inspect` shows it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from fuzz.entry_point import Document, EntryPoint
from fuzz.seeds import TINY, as_json
from sonoedge.bundle import read_bundle
from sonoedge.bundle.identity import manifest_text
from sonoedge.bundle.parse import parse
from sonoedge.settings import plain
from sonoedge.trust.policy import TrustPolicy
from sonoedge.verbs.inspect import _lines, _text

BUNDLE = read_bundle(TINY)
TEXT = (TINY / "manifest.json").read_bytes()


def with_id(tree: Any) -> bytes:
    """The manifest's text with its own id, where JSON can hold it."""
    try:
        return manifest_text(tree).encode()
    except (ValueError, TypeError):
        return as_json(tree)


def repair(data: bytes) -> bytes:
    try:
        tree = json.loads(data)
    except (ValueError, RecursionError):
        return data
    return with_id(tree) if isinstance(tree, dict) else data


def attack(data: bytes) -> None:
    manifest = parse(data)
    text = _text(_lines(replace(BUNDLE, manifest=manifest), TrustPolicy()))
    assert "\x1b" not in text
    json.dumps(plain(manifest), allow_nan=False)


POINT = EntryPoint(
    attack=attack,
    seeds=(TEXT,),
    engines=("trees", "bytes", "coverage"),
    document=Document(trees=(json.loads(TEXT),), encode=with_id),
    repair=repair,
    suffix=".json",
)
