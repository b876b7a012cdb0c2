"""Run the rules over a graph."""

from __future__ import annotations

from dataclasses import dataclass

import onnx

from sonoedge.errors import InvalidNetwork
from sonoedge_export.lint.rule import Finding
from sonoedge_export.lint.rules import RULES
from sonoedge_export.lint.view import View
from sonoedge_export.lint.well_formed import well_formed
from sonoedge_export.onnx_graph import WEIGHTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the rules say of a graph.

    Attributes:
        findings: by rule, in the graph's order.
        weighted: number of convolutions and matrix products.
        quantized: how many of them have quantized inputs and weights.
    """

    findings: tuple[Finding, ...]
    weighted: int
    quantized: int

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that make the engine another network, or no engine at all."""
        return tuple(f for f in self.findings if f.severity == "error")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that cost speed or size."""
        return tuple(f for f in self.findings if f.severity == "warning")


def lint(graph: bytes) -> Verdict:
    """Judge an ONNX graph as TensorRT would; no GPU and no TensorRT is needed.

    Raises:
        InvalidNetwork: these bytes are no ONNX graph, or a malformed one.
    """
    try:
        model = onnx.load_from_string(graph)
    except Exception as error:  # noqa: BLE001 - protobuf has no class of its own here
        raise InvalidNetwork(f"this is no ONNX model: {str(error)[:200]}") from None
    if not model.graph.node:
        raise InvalidNetwork("this is no ONNX model, or one without nodes")
    well_formed(model)
    view = View(model)
    violations = tuple(
        Finding(
            id=rule.id,
            name=rule.name,
            severity=rule.severity,
            node=node,
            problem=problem,
            why=rule.why,
            remedy=rule.remedy,
        )
        for rule in RULES
        for node, problem in rule.check(view)
    )
    weighted = view.of(*WEIGHTED)
    quantized = [n for n in weighted if all(view.dequantized(t) for t in n.input[:2])]
    return Verdict(findings=violations, weighted=len(weighted), quantized=len(quantized))
