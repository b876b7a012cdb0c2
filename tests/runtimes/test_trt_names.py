"""Every name of TensorRT's that the runtime uses exists in every version that we know."""

from __future__ import annotations

import ast
import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).parent.parent
RUNTIMES = TESTS.parent / "runtimes" / "sonoedge_runtimes"
VERSIONS = {p.stem: json.loads(p.read_text()) for p in sorted((TESTS / "data/trt_api").glob("*"))}
# What a variable of this name is in our files.
CLASSES = {
    "runtime": "Runtime",
    "engine": "ICudaEngine",
    "context": "IExecutionContext",
    "config": "IRuntimeConfig",
}
# Used only where it is there, or only by the flavour that has it.
RTX_ALONE = {
    ("trt", "CudaGraphStrategy"),
    ("trt", "EngineValidity"),
    ("CudaGraphStrategy", "WHOLE_GRAPH_CAPTURE"),
    ("EngineValidity", "INVALID"),
    ("IRuntimeConfig", "cuda_graph_strategy"),
    ("Runtime", "get_engine_validity"),
    ("ICudaEngine", "create_runtime_config"),
}
PYTHON = {("trt", "__name__"), ("trt", "__version__"), ("ILogger", "__init__")}


def used(file: Path) -> set[tuple[str, str]]:
    """(class, enum or "trt"; name) for each attribute of TensorRT's objects in a file."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if not isinstance(node, ast.Attribute):
            continue
        owner = node.value
        if isinstance(owner, ast.Name) and owner.id == "trt":
            found.add(("trt", node.attr))
        elif isinstance(owner, ast.Name) and owner.id in CLASSES:
            found.add((CLASSES[owner.id], node.attr))
        elif (
            isinstance(owner, ast.Attribute)
            and isinstance(owner.value, ast.Name)
            and owner.value.id == "trt"
        ):
            found.add((owner.attr, node.attr))
    return found


USED = (used(RUNTIMES / "trt.py") | used(RUNTIMES / "trt_said.py")) - PYTHON


def has(api: dict[str, Any], owner: str, name: str) -> bool:
    if owner == "trt":
        return name in api["classes"] or name in api["enums"]
    return name in api["classes"].get(owner, ()) or name in api["enums"].get(owner, ())


@pytest.mark.parametrize("version", VERSIONS)
def test_every_name_exists(version: str) -> None:
    wanted = USED if version.startswith("rtx") else USED - RTX_ALONE
    assert {pair for pair in wanted if not has(VERSIONS[version], *pair)} == set()


def test_the_search_finds_names_and_misses_none_that_is_known_to_be_used() -> None:
    assert len(VERSIONS) == 5
    assert ("IExecutionContext", "execute_async_v3") in USED
    assert ("TensorIOMode", "INPUT") in USED
    assert RTX_ALONE <= USED
    assert len(USED) >= 15


@pytest.mark.parametrize("module", ["tensorrt", "tensorrt_rtx"])
def test_the_stand_in_offers_nothing_that_the_real_one_has_not(
    module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("onnxruntime", reason="the stand-in computes with it")
    monkeypatch.syspath_prepend(TESTS / "fake_gpu")
    spec = importlib.util.spec_from_file_location(
        f"stand_in_{module}", TESTS / "fake_gpu" / module / "__init__.py"
    )
    assert spec is not None
    assert spec.loader is not None
    fake = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(fake)
    rtx = module == "tensorrt_rtx"
    for version in [v for v in VERSIONS if v.startswith("rtx") == rtx]:
        api = VERSIONS[version]
        names = api["classes"].keys() | api["enums"].keys()
        for name, cls in vars(fake).items():
            if not isinstance(cls, type) or name.startswith("_"):
                continue
            if name == "IProgressMonitor":  # a class to be subclassed: not in the lists
                continue
            assert name in names, f"{version}: {name}"
            offered = {n for n in dir(cls) if not n.startswith("_")} - set(dir(int)) - set(dir(str))
            offered -= {"name", "value", "logger"}
            assert {n for n in offered if not has(api, name, n)} == set(), f"{version}: {name}"
