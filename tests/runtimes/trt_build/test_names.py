"""Every name of TensorRT's that the builder uses exists in every version that we know."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).parents[2]
SOURCE = TESTS.parent / "runtimes" / "sonoedge_runtimes" / "trt_build" / "compile.py"
VERSIONS = {
    p.stem: json.loads(p.read_text()) for p in sorted((TESTS / "data/trt_api").glob("*.json"))
}
# What a variable of this name is in the file.
CLASSES = {
    "builder": "Builder",
    "network": "INetworkDefinition",
    "parser": "OnnxParser",
    "config": "IBuilderConfig",
    "error": "ParserError",
    "kept": "ITimingCache",
}
RTX_ALONE = {
    ("trt", "ComputeCapability"),
    ("ComputeCapability", "__members__"),
    ("IBuilderConfig", "num_compute_capabilities"),
    ("IBuilderConfig", "set_compute_capability"),
}
# Classes that are subclassed, of which the lists hold no members, and Python's own.
OTHER = {("trt", "IProgressMonitor"), ("IProgressMonitor", "__init__"), ("ILogger", "__init__")}


def used() -> set[tuple[str, str]]:
    """(class, enum or "trt"; name) for each attribute of TensorRT's objects."""
    found = set()
    for node in ast.walk(ast.parse(SOURCE.read_text())):
        if not isinstance(node, ast.Attribute):
            continue
        owner = node.value
        if isinstance(owner, ast.Name) and owner.id == "trt":
            found.add(("trt", node.attr))
        elif isinstance(owner, ast.Name) and owner.id in CLASSES:
            found.add((CLASSES[owner.id], node.attr))
        elif isinstance(owner, ast.Attribute) and ast.unparse(owner.value) == "trt":
            found.add((owner.attr, node.attr))
    return found - OTHER


def has(api: dict[str, Any], owner: str, name: str) -> bool:
    if owner == "trt":
        return name in api["classes"] or name in api["enums"]
    return name in api["classes"].get(owner, ()) or name in api["enums"].get(owner, ())


@pytest.mark.parametrize("version", VERSIONS)
def test_every_name_exists(version: str) -> None:
    rtx = version.startswith("rtx")
    wanted = used() - {("ComputeCapability", "__members__")}
    wanted -= set() if rtx else RTX_ALONE
    assert {pair for pair in wanted if not has(VERSIONS[version], *pair)} == set()


def test_the_search_finds_what_is_known_to_be_used() -> None:
    assert len(VERSIONS) == 5
    found = used()
    assert found >= RTX_ALONE
    for pair in [
        ("Builder", "build_serialized_network"),
        ("OnnxParser", "parse"),
        ("IBuilderConfig", "progress_monitor"),
        ("NetworkDefinitionCreationFlag", "STRONGLY_TYPED"),
        ("ProfilingVerbosity", "DETAILED"),
        ("ITimingCache", "serialize"),
    ]:
        assert pair in found
    assert len(found) >= 25


def test_no_precision_flag_is_ever_set() -> None:
    # They are gone in TensorRT 11: precision is in the graph.
    source = SOURCE.read_text()
    for gone in ("BuilderFlag", "set_flag", "int8_calibrator", "dynamic_range"):
        assert gone not in source
