"""What a build gives: the engine, and what TensorRT made of the graph."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

Flavour = Literal["tensorrt", "tensorrt-rtx"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One layer of the compiled engine; it may hold several nodes of the graph.

    Attributes:
        name: TensorRT's.
        kind: TensorRT's word for it, such as "CaskConvolution" or "correlation".
        precision: data type of its first input, in lower case ("int8", "half", "float");
            what the arithmetic of a convolution is done in.
        inputs, outputs: data types of its tensors, in lower case.
        weights: data types of its constants; empty where the log does not say.
        nodes: names of the graph's nodes in it; empty where the log does not say.
        weighted: whether it is a convolution or a matrix product.
    """

    name: str
    kind: str
    precision: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    weights: tuple[str, ...]
    nodes: tuple[str, ...]
    weighted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildReport:
    """What the builder said.

    Attributes:
        flavour: which TensorRT.
        versions: of TensorRT and Python.
        compute_capability: built for, such as "8.7"; None for the builder's own GPU.
        layers: the compiled layers, in order; empty where the log did not list them.
        by_precision: number of weighted layers per precision.
        int8_convs: names of the weighted layers that compute in int8.
        warnings: the builder's, each once.
        seconds: the build alone, without the start of the process.
        engine_bytes: size of the engine.
    """

    flavour: Flavour
    versions: Mapping[str, str]
    compute_capability: str | None
    layers: tuple[Layer, ...]
    by_precision: Mapping[str, int]
    int8_convs: tuple[str, ...]
    warnings: tuple[str, ...]
    seconds: float
    engine_bytes: int

    def not_int8(self, nodes: Collection[str]) -> tuple[str, ...]:
        """Those of the graph's nodes that do not compute in int8, sorted.

        They are named by a weighted layer of another precision, or by no layer at all.
        TensorRT merges layers that read the same tensor into one, and names it after one
        of them: a node that only unweighted layers name counts as merged.

        Args:
            nodes: names of the nodes that were quantized.
        """
        named = {node for each in self.layers for node in each.nodes}
        weighted = [each for each in self.layers if each.weighted]
        int8 = {n for each in weighted if each.precision == "int8" for n in each.nodes}
        in_float = {n for each in weighted if each.precision != "int8" for n in each.nodes}
        return tuple(sorted(n for n in set(nodes) if n not in named or n in in_float - int8))

    def unlisted(self, nodes: Collection[str]) -> tuple[str, ...]:
        """Those of the graph's nodes that no layer names, sorted: nothing is known of them."""
        named = {node for each in self.layers for node in each.nodes}
        return tuple(sorted(set(nodes) - named))


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildResult:
    """A serialized engine and how it came about.

    Attributes:
        log: everything that TensorRT said, one record after the other.
    """

    engine: bytes
    report: BuildReport
    log: str
