"""Every name of TensorRT's that we use exists in every version that we know."""

from __future__ import annotations

import ast
import importlib.util
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).parent.parent
RUNTIMES = TESTS.parent / "runtimes" / "sonoedge_runtimes"
VERSIONS = {p.stem: json.loads(p.read_text()) for p in sorted((TESTS / "data/trt_api").glob("*"))}
Pair = tuple[str, str]  # class, enum or "trt"; name


@dataclass(frozen=True, kw_only=True)
class Part:
    """Some of our files.

    Attributes:
        classes: what a variable of this name is in them.
        rtx_alone: used only where it is there, or only by the flavour that has it.
        other: Python's own names, and classes of which the lists hold no members.
    """

    files: tuple[str, ...]
    classes: dict[str, str]
    rtx_alone: set[Pair]
    other: set[Pair]

    def used(self) -> set[Pair]:
        """Each attribute of TensorRT's objects."""
        return {
            pair
            for file in self.files
            for node in ast.walk(ast.parse((RUNTIMES / file).read_text()))
            if isinstance(node, ast.Attribute) and (pair := self._pair(node)) is not None
        } - self.other

    def _pair(self, node: ast.Attribute) -> Pair | None:
        owner = node.value
        if isinstance(owner, ast.Name):
            known = "trt" if owner.id == "trt" else self.classes.get(owner.id)
            return None if known is None else (known, node.attr)
        if isinstance(owner, ast.Attribute) and ast.unparse(owner.value) == "trt":
            return owner.attr, node.attr
        return None


PARTS = {
    "runtime": Part(
        files=("trt.py", "trt_rtx.py", "trt_log.py"),
        classes={
            "runtime": "Runtime",
            "engine": "ICudaEngine",
            "context": "IExecutionContext",
            "config": "IRuntimeConfig",
            "cache": "IRuntimeCache",
        },
        rtx_alone={
            ("trt", "CudaGraphStrategy"),
            ("trt", "EngineValidity"),
            ("CudaGraphStrategy", "WHOLE_GRAPH_CAPTURE"),
            ("EngineValidity", "INVALID"),
            ("IRuntimeConfig", "cuda_graph_strategy"),
            ("IRuntimeConfig", "create_runtime_cache"),
            ("IRuntimeConfig", "set_runtime_cache"),
            ("Runtime", "get_engine_validity"),
            ("ICudaEngine", "create_runtime_config"),
        },
        other={
            *(("trt", "__name__"), ("trt", "__version__"), ("ILogger", "__init__")),
            *(("IRuntimeCache", "deserialize"), ("IRuntimeCache", "serialize")),
        },
    ),
    "builder": Part(
        files=("trt_build/compile.py",),
        classes={
            "builder": "Builder",
            "network": "INetworkDefinition",
            "parser": "OnnxParser",
            "config": "IBuilderConfig",
            "error": "ParserError",
            "cache_after": "ITimingCache",
        },
        rtx_alone={
            ("trt", "ComputeCapability"),
            ("ComputeCapability", "__members__"),
            ("IBuilderConfig", "num_compute_capabilities"),
            ("IBuilderConfig", "set_compute_capability"),
        },
        other={
            ("trt", "IProgressMonitor"),
            ("IProgressMonitor", "__init__"),
            ("ILogger", "__init__"),
        },
    ),
}
KNOWN = {
    "runtime": {("IExecutionContext", "execute_async_v3"), ("TensorIOMode", "INPUT")},
    "builder": {
        ("Builder", "build_serialized_network"),
        ("OnnxParser", "parse"),
        ("IBuilderConfig", "progress_monitor"),
        ("NetworkDefinitionCreationFlag", "STRONGLY_TYPED"),
        ("ProfilingVerbosity", "DETAILED"),
        ("ITimingCache", "serialize"),
    },
}
# Of these the lists hold no members.
NOT_LISTED = {"IProgressMonitor", "IRuntimeCache"}


def has(api: dict[str, Any], owner: str, name: str) -> bool:
    if owner == "trt":
        return name in api["classes"] or name in api["enums"]
    return name in api["classes"].get(owner, ()) or name in api["enums"].get(owner, ())


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("part", PARTS)
def test_every_name_exists(part: str, version: str) -> None:
    wanted = PARTS[part].used() - {("ComputeCapability", "__members__")}  # as every enum has
    if not version.startswith("rtx"):
        wanted -= PARTS[part].rtx_alone
    assert {pair for pair in wanted if not has(VERSIONS[version], *pair)} == set()


@pytest.mark.parametrize(("part", "least"), [("runtime", 15), ("builder", 25)])
def test_the_search_finds_names_and_misses_none_that_is_known_to_be_used(
    part: str, least: int
) -> None:
    assert len(VERSIONS) == 5
    found = PARTS[part].used()
    assert found >= KNOWN[part] | PARTS[part].rtx_alone
    assert len(found) >= least


def test_no_precision_flag_is_ever_set() -> None:
    # They are gone in TensorRT 11: precision is in the graph.
    source = (RUNTIMES / "trt_build" / "compile.py").read_text()
    for gone in ("BuilderFlag", "set_flag", "int8_calibrator", "dynamic_range"):
        assert gone not in source


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
            if name in NOT_LISTED:
                continue
            assert name in names, f"{version}: {name}"
            offered = {n for n in dir(cls) if not n.startswith("_")} - set(dir(int)) - set(dir(str))
            offered -= {"name", "value", "logger"}
            assert {n for n in offered if not has(api, name, n)} == set(), f"{version}: {name}"


@pytest.mark.parametrize("part", PARTS)
def test_the_real_tensorrt_rtx_has_every_name_where_it_is_installed(part: str) -> None:
    real = pytest.importorskip("tensorrt_rtx_bindings", reason="needs the extra tensorrt-rtx")
    native_alone = {("IProgressMonitor", "__init__"), ("trt", "__name__"), ("trt", "__version__")}
    wanted = (PARTS[part].used() | PARTS[part].other) - native_alone
    missing = {
        (owner, name)
        for owner, name in wanted
        if not hasattr(real if owner == "trt" else getattr(real, owner), name)
    }
    assert missing == set()
