"""Each rule finds the graph that breaks it, and nothing in graphs that are clean."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import onnx
import pytest

from sonoedge.errors import InvalidNetwork
from sonoedge_export.lint import RULES, lint

TESTS = Path(__file__).parents[2]
_spec = importlib.util.spec_from_file_location("lint_graphs", TESTS / "lint_graphs" / "graphs.py")
assert _spec is not None
assert _spec.loader is not None
graphs = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(graphs)

BY_ID = {rule.id: rule for rule in RULES}
# Graphs that cannot break one rule alone.
ALSO = {"T002": {"T012"}, "T006": {"T016"}, "T022": {"T014"}}


@pytest.mark.parametrize("rule", BY_ID)
def test_a_graph_that_breaks_a_rule_breaks_that_one_and_no_other(rule: str) -> None:
    verdict = lint(graphs.BROKEN[rule]().SerializeToString())
    assert {f.id for f in verdict.findings} == {rule} | ALSO.get(rule, set())
    found = next(f for f in verdict.findings if f.id == rule)
    assert (found.severity, found.why, found.remedy) == (
        BY_ID[rule].severity, BY_ID[rule].why, BY_ID[rule].remedy
    )  # fmt: skip
    assert found.node
    assert found.problem


@pytest.mark.parametrize("name", graphs.CLEAN)
def test_nothing_is_found_in_a_clean_graph(name: str) -> None:
    assert lint(graphs.CLEAN[name]().SerializeToString()).findings == ()


def test_a_missing_zero_point_is_uint8() -> None:
    verdict = lint(graphs.uint8_by_default().SerializeToString())
    assert {f.id for f in verdict.findings} == {"T007"}


def test_ids_names_and_texts_are_fit_to_be_relied_on() -> None:
    assert [r.id for r in RULES] == sorted(BY_ID)
    assert len({r.name for r in RULES}) == len(RULES)
    assert len({r.check for r in RULES}) == len(RULES)
    for rule in RULES:
        assert re.fullmatch(r"T\d{3}", rule.id)
        assert re.fullmatch(r"[a-z0-9-]+", rule.name)
        assert rule.why.endswith(".")
        assert rule.remedy.endswith(".")
        assert rule.check.__doc__ == f"{rule.id}."


def test_what_tensorrt_does_not_run_as_meant_is_an_error() -> None:
    for rule in RULES:
        if rule.outcome in ("refused", "crashes", "misread"):
            assert rule.severity == "error", rule.id


def test_layers_are_counted() -> None:
    verdict = lint(graphs.int8_residual().SerializeToString())
    assert (verdict.weighted, verdict.quantized) == (3, 3)
    verdict = lint(graphs.half_quantized().SerializeToString())
    assert (verdict.weighted, verdict.quantized) == (1, 0)


def test_nodes_without_a_name_are_called_by_their_output() -> None:
    model = graphs.half_quantized()
    for node in model.graph.node:
        node.name = ""
    (found,) = lint(model.SerializeToString()).findings
    assert found.node == model.graph.node[-1].output[0]


def test_constant_nodes_are_constants() -> None:
    model = graphs.int8_net()
    for tensor in list(model.graph.initializer):
        node = onnx.helper.make_node("Constant", [], [tensor.name], value=tensor)
        model.graph.node.insert(0, node)
    del model.graph.initializer[:]
    assert lint(model.SerializeToString()).findings == ()


@pytest.mark.parametrize("data", [b"", b"x" * 100, onnx.ModelProto().SerializeToString()])
def test_bytes_that_are_no_graph_are_refused(data: bytes) -> None:
    with pytest.raises(InvalidNetwork, match="no ONNX model"):
        lint(data)
