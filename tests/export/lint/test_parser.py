"""What the rules say TensorRT does is what TensorRT-RTX does; it builds without a GPU."""

from __future__ import annotations

import importlib.util
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from effort import NIGHTLY
from sonoedge.errors import EngineBuildFailed
from sonoedge_export.lint import RULES, lint

builder = pytest.importorskip("sonoedge_runtimes.trt_build")
pytest.importorskip("tensorrt_rtx_bindings", reason="needs pip install 'sonoedge[tensorrt-rtx]'")

TESTS = Path(__file__).parents[2]
_spec = importlib.util.spec_from_file_location("lint_graphs", TESTS / "lint_graphs" / "graphs.py")
assert _spec is not None
assert _spec.loader is not None
graphs = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(graphs)

BY_ID = {rule.id: rule for rule in RULES}
# The builder is pinned and a build takes seconds: one rule of each outcome, and all of them where
# `make nightly` or `make tensorrt` asks.
FIRST = {rule.outcome: rule.id for rule in reversed(RULES)}
ASKED = [rule for rule in BY_ID if NIGHTLY or rule in FIRST.values()]
MAKERS = graphs.CLEAN | {name: graphs.BROKEN[name] for name in ASKED}
GRAPHS = {name: make().SerializeToString() for name, make in MAKERS.items()}
# The errors that are ours: TensorRT-RTX takes these, other versions of it do not.
STRICTER = {"T001"}


def outcome(graph: bytes) -> str:
    """What becomes of a graph; see `Outcome` of the rules."""
    quantized = lint(graph).weighted > 0 and b"uantizeLinear" in graph
    try:
        built = builder.build(
            graph, flavour="tensorrt-rtx", compute_capability="8.6", timeout_s=300
        )
    except EngineBuildFailed as error:
        if "SIGSEGV" in str(error):
            return "crashes"
        return "misread" if "cuts half of the range off" in str(error) else "refused"
    weighted = [layer for layer in built.report.layers if layer.weighted]
    as_meant = not quantized or all(layer.precision == "int8" for layer in weighted)
    return "accepted" if as_meant else "float"


@pytest.fixture(scope="module")
def outcomes() -> dict[str, str]:
    """Of every graph; two builders at a time."""
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(GRAPHS, pool.map(outcome, GRAPHS.values()), strict=True))


@pytest.mark.parametrize("rule", ASKED)
def test_the_table_says_what_the_builder_does(rule: str, outcomes: dict[str, str]) -> None:
    assert outcomes[rule] == BY_ID[rule].outcome


@pytest.mark.parametrize("name", graphs.CLEAN)
def test_a_clean_graph_is_built_as_it_is_meant(name: str, outcomes: dict[str, str]) -> None:
    assert outcomes[name] == "accepted"


@pytest.mark.parametrize("name", GRAPHS)
def test_lint_has_an_error_where_the_builder_does_not_build_what_is_meant(
    name: str, outcomes: dict[str, str]
) -> None:
    refused = outcomes[name] in ("refused", "crashes", "misread")
    ours = {f.id for f in lint(GRAPHS[name]).errors}
    silent = {f.id for f in lint(GRAPHS[name]).errors if BY_ID[f.id].outcome == "float"}
    assert refused == bool(ours - STRICTER - silent)
