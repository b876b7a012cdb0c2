"""The native library takes the manifests that Python takes, with equal settings in every field."""

from __future__ import annotations

import copy
import functools
import json
import random
from pathlib import Path
from typing import Any

import pytest

from c_reader import Reader
from c_settings import beyond_the_library, manifest_lines
from effort import sample_size
from fuzz import trees
from sonoedge.bundle.engines import check_engines
from sonoedge.bundle.identity import manifest_text
from sonoedge.bundle.names import check_label
from sonoedge.bundle.parse import parse
from sonoedge.errors import BundleError, InvalidSettings
from sonoedge.runtime import RUNTIMES

TINY: dict[str, Any] = json.loads(
    (Path(__file__).parents[5] / "tests/data/tiny/manifest.json").read_bytes()
)
CARD = {
    "supplier": "someone", "users": "sonographers", "contraindications": ["implants"],
    "limitations": [], "data": [
        {"name": "a", "used_for": "training", "frames": 3, "devices": ["x"], "sha256": "0" * 64},
        {"name": "a", "used_for": "test", "patients": 2},
    ],
}  # fmt: skip
# Everything that the tiny bundle leaves at None or out.
RICH = TINY | {
    "card": CARD,
    "security_version": 3,
    "preprocess": TINY["preprocess"]
    | {
        "grey_map": list(range(256)),
        "roi": {"x0": 0, "y0": 0.25, "x1": 1, "y1": 0.75, "unit": "fraction"},
    },
    "postprocess": TINY["postprocess"] | {"out_of_scope": "normal", "positive": ["malignant"] * 2},
    "guard": TINY["guard"]
    | {"probes": ["L12-5", "C5"], "presets": ["Brust"], "aspect": None, "black_level": None},
    "tracking": TINY["tracking"]
    | {
        "raise_threshold": 0.7,
        "keep_threshold": 0.5,
        "evidence": {
            "raise_log_odds": 3, "keep_log_odds": 0.5, "most_log_odds": 7, "half_life_ms": 750.5,
        },
    },
}  # fmt: skip
# At or beyond the edges of what rules allow; NASTY has the rest.
EDGES: list[Any] = [
    0.0, 1.0, -1, 2, 7, 8, 254, 255, 256, 1000, 1001, 4096, 4097, 64, 65, 0.1, 0.11, 0.999, 1.0001,
    "fp32", "int8", "bf16", "openvino", "tensorrt", "onnxruntime", "litert", "uint8", "float32",
    "bool",
    "lesion_map", "finite", "class_probs", "normal", "malignant", "\u00a0", "x\ny", "ä", ".", "a/b",
    "golden/frame000.png", "manifest.json", "classification", "stretch", "area", "exact", "px",
    "a" * 64, "A" * 64, [0.5, 0.4], [0.4, 0.5], [1, 1, 64, 96], [1, 3], [1], [1, 1, 32, 48],
    ["normal"], ["normal", "normal"], {"name": "x", "dtype": "bool", "shape": []}, 1 << 24, 1 << 31,
]  # fmt: skip


def is_label(text: str) -> bool:
    try:
        check_label(text)
    except InvalidSettings:
        return False
    return True


def text(tree: Any) -> bytes:
    """The manifest's text with its own id, where JSON can hold it."""
    try:
        return manifest_text(tree).encode()
    except (ValueError, TypeError, AttributeError):
        return b"[]"


@functools.cache
def expected(manifest: bytes) -> str | None:
    """Its settings; "" where the native library may refuse it alone, None where both must."""
    try:
        read = parse(manifest)
        check_engines(read)
    except BundleError:
        return None
    return "" if beyond_the_library(read) else manifest_lines(read)


def same(reader: Reader, manifests: list[bytes]) -> int:
    """How many were taken, by both alike."""
    answers = reader.answers("m", [(each, 0) for each in manifests])
    for manifest, answer in zip(manifests, answers, strict=True):
        settings = expected(manifest)
        if settings:
            assert answer.decode() == settings, manifest
        else:
            assert answer.startswith(b"!"), manifest
    return sum(bool(expected(manifest)) for manifest in manifests)


def mutated(rng: random.Random, tree: dict[str, Any]) -> Any:
    """A value or a few of it replaced, most of them by such as could stand there."""
    paths = list(trees.places(tree))
    if rng.random() < 0.3:
        return trees.mutated(rng, tree, paths)
    data = copy.deepcopy(tree)
    # Figures of accuracy, which nothing but their form is asked of, are most of a manifest.
    path = rng.choice([p for p in paths if p and "metrics" not in p and "lineage" not in p])
    at: Any = data
    for key in path[:-1]:
        at = at[key]
    if rng.random() < 0.1 and isinstance(at, dict):
        del at[path[-1]]
    else:
        at[path[-1]] = copy.deepcopy(rng.choice(EDGES))
    return data


def test_whole_manifests_are_taken(reader: Reader) -> None:
    segmentation = copy.deepcopy(TINY) | {"task": "segmentation"}
    segmentation["outputs"] = [o for o in TINY["outputs"] if o["name"] == "lesion_map"]
    classifier = copy.deepcopy(TINY) | {"task": "classification"}
    classifier["outputs"] = [o for o in TINY["outputs"] if o["name"] == "class_probs"]
    describing = copy.deepcopy(TINY) | {"measure": {"groups": ["shape"], "diameter_px": 64}}
    few = {k: v for k, v in TINY.items() if k not in ("tracking", "security_version")}
    few["guard"] = {}
    few["preprocess"] = {"height": 64, "width": 96, "interpolation": "exact"}
    few["postprocess"] = {
        "labels": TINY["postprocess"]["labels"],
        "positive": ["benign"],
        "geometry": "region",
    }
    all_of_them = [TINY, RICH, segmentation, classifier, describing, few]
    assert same(reader, [text(each) for each in all_of_them]) == len(all_of_them)


def test_every_engine_and_precision_that_python_knows_is_taken(reader: Reader) -> None:
    first = TINY["variants"][0]
    manifests = [
        text(TINY | {"variants": [first, first | {"id": "other", "runtime": r, "precision": p}]})
        for r, entry in RUNTIMES.items()
        for p in entry.precisions
    ]
    assert same(reader, manifests) == len(manifests)


@pytest.mark.req("R86")
def test_lines_are_refused_by_name(reader: Reader) -> None:
    lines = copy.deepcopy(TINY)
    lines["postprocess"]["geometry"] = "line"
    (answer,) = reader.answers("m", [(text(lines), 0)])
    assert b"geometry" in answer
    assert answer.startswith(b"!")


@functools.cache
def with_changed_values() -> list[bytes]:
    rng = random.Random(1)
    return [text(mutated(rng, rng.choice((TINY, RICH)))) for _ in range(sample_size(4_000))]


@functools.cache
def with_each_value_changed() -> list[bytes]:
    rng = random.Random(2)
    manifests = []
    for path in trees.places(RICH):
        if not path or "metrics" in path or "lineage" in path or "grey_map" in path[:-1]:
            continue
        for value in rng.sample((*EDGES, *trees.NASTY), 16):
            data = copy.deepcopy(RICH)
            at: Any = data
            for key in path[:-1]:
                at = at[key]
            at[path[-1]] = value
            manifests.append(text(data))
    return manifests


def test_changed_values(reader: Reader) -> None:
    taken = same(reader, with_changed_values()) / len(with_changed_values())
    assert 0.05 < taken < 0.95


def test_each_value_in_turn(reader: Reader) -> None:
    assert 200 < same(reader, with_each_value_changed()) < 3_000


def test_a_changed_text_is_refused_by_its_id(reader: Reader) -> None:
    whole = text(TINY)
    edited = whole.replace(b'"Tests."', b'"Test.."')
    longer = text(TINY).replace(b"-1-", b"-1-x-", 1)
    assert [a[:80] for a in reader.answers("m", [(edited, 0), (longer, 0)])] == [
        b"!manifest.json was changed after it was written: its bundle_id is not the one of"
    ] * 2


def test_the_earlier_resize_is_refused_with_what_to_do(reader: Reader) -> None:
    for spec in ({"interpolation": "area"}, {}):
        kept = {k: v for k, v in TINY["preprocess"].items() if k != "interpolation"}
        answer = reader.answer("m", text(TINY | {"preprocess": kept | spec}))
        assert answer.startswith(b"!the bundle resizes as earlier exports did")
        assert answer.endswith(b"export it again")


def test_every_character_of_a_label_is_judged_as_python_judges_it(reader: Reader) -> None:
    refused = [not is_label(chr(point)) for point in range(0x110000)]
    edges = [point for point in range(1, 0x110000) if refused[point] != refused[point - 1]]
    points = sorted({near for edge in edges for near in (edge - 1, edge)} | {0x41, 0x10FFFF})
    manifests = []
    for point in points:
        data = copy.deepcopy(TINY)
        data["postprocess"]["labels"][0] = f"a{chr(point)}"
        manifests.append(text(data))
    assert len(edges) > 20
    assert 20 < same(reader, manifests) < len(points) - 20
