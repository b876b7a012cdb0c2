"""One variant's model: the bytes that its engine is loaded from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sonoedge.runtime import Runtime, runtime_class
from sonoedge_export.graph.cpu_reference import ReferenceRuntime
from sonoedge_export.litert.convert import to_litert
from sonoedge_export.quantize.quantized import Quantized
from sonoedge_export.recipe.variants import VARIANTS, Row

# How the files of quantized graphs end, by dialect.
ENDINGS: Final = {"onnxruntime": "onnx", "openvino": "xml", "litert": "tflite"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Model:
    """A variant's model.

    Attributes:
        path, weights_path: where its files lie in the bundle; the second one or None.
        quantized: how it was quantized; None for a float graph.
    """

    name: str
    path: str
    model: bytes
    weights_path: str | None = None
    weights: bytes | None = None
    quantized: Mapping[str, Any] | None = None

    @property
    def row(self) -> Row:
        """The variant's row in the table."""
        return VARIANTS[self.name]

    @property
    def needs_int8_products(self) -> bool:
        """See `sonoedge.bundle.Variant`."""
        return self.quantized is not None and self.quantized.get("reduce_range") is False

    @property
    def files(self) -> dict[str, bytes]:
        """Its files' bytes by their path in the bundle."""
        files = {self.path: self.model}
        if self.weights_path is not None and self.weights is not None:
            files[self.weights_path] = self.weights
        return files

    def load(self) -> Runtime:
        """Its engine; for one that is built on the device, the graph itself on the CPU.

        Raises:
            MissingDependency, RuntimeUnavailable: it cannot run here.
            EngineFailed: it refused the model.
        """
        if self.row.on_device:
            return ReferenceRuntime(self.model)
        maker, precision = runtime_class(self.row.runtime), self.row.precision
        if self.weights is None:
            return maker(self.model, precision=precision, threads=None)
        return maker(self.model, precision=precision, threads=None, weights=self.weights)


def float_model(name: str, graph: bytes) -> Model:
    """The float graph, one file for all variants that run it; LiteRT's is its own.

    Raises:
        MissingDependency, RuntimeUnavailable: the graph cannot be written for LiteRT.
    """
    if VARIANTS[name].runtime == "litert":
        return Model(name=name, path=f"graphs/{name}.tflite", model=to_litert(graph))
    path = "graphs/pruned-fp32.onnx" if VARIANTS[name].pruned else "graphs/fp32.onnx"
    return Model(name=name, path=path, model=graph)


def quantized_model(name: str, quantized: Quantized) -> Model:
    """A quantized graph, in files of its own."""
    row = VARIANTS[name]
    if row.on_device:
        stem = f"{row.runtime}/{'pruned' if row.pruned else 'model'}.{row.precision}"
        return Model(
            name=name,
            path=f"{stem}.onnx",
            model=quantized.model,
            quantized=quantized.metadata,
        )
    return Model(
        name=name,
        path=f"graphs/{name}.{ENDINGS[row.dialect]}",
        model=quantized.model,
        weights_path=None if quantized.weights is None else f"graphs/{name}.bin",
        weights=quantized.weights,
        quantized=quantized.metadata,
    )
