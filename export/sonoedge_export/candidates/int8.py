"""One model per quantized variant: the quantizer of its engine, and its fastest form."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sonoedge.device.cpu import int8_overflows
from sonoedge.errors import EngineFailed
from sonoedge.processing.preprocess import Pixels
from sonoedge.runtime import Runtime
from sonoedge_export.candidates.latency import Timer
from sonoedge_export.candidates.model import Model, quantized_model
from sonoedge_export.candidates.speed_gate import MARGIN
from sonoedge_export.progress import Stages
from sonoedge_export.quantize.litert import quantize_litert
from sonoedge_export.quantize.ort import quantize_ort
from sonoedge_export.quantize.ov import quantize_ov
from sonoedge_export.quantize.quantized import Quantized
from sonoedge_export.quantize.rounding import HALF_LEVELS, LEVELS, NNCF_HALF_LEVELS
from sonoedge_export.quantize.tensorrt.graph import tensorrt_graph
from sonoedge_export.recipe.calibration import Calibration
from sonoedge_export.recipe.quantize import Form, Quantize
from sonoedge_export.recipe.variants import VARIANTS

FORMS: Final[tuple[Form, ...]] = ("qdq", "qoperator")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Quantizer:
    """Quantizes float graphs, each in the dialect of its engine.

    Attributes:
        tensors: calibration frames as the engine gets them, uint8 [1, 1, H, W].
        timer: measures ONNX Runtime's two forms where `settings` asks for the fastest; None
            takes the first.
    """

    settings: Quantize
    calibration: Calibration
    tensors: tuple[Pixels, ...]
    timer: Timer | None
    stages: Stages

    def model(
        self,
        name: str,
        graph: bytes,
        keep_float: Collection[str],
        earlier: Mapping[str, Any] | None = None,
    ) -> Model:
        """Quantize a float graph for one variant.

        Args:
            graph: as `prepared` gives it.
            keep_float: names of layers that stay in float.
            earlier: what an earlier export chose for this variant.

        Raises:
            InvalidNetwork: the quantizer cannot take the graph.
            InvalidSettings: keep_float names no layer.
            MissingDependency: the quantizer is not installed.
            RuntimeUnavailable: TensorRT would not take the graph as it is meant, or it cannot be
                written for LiteRT.
        """
        forms = self._forms(name, earlier)
        models = {}
        for form in forms:
            with self.stages.stage(f"quantize {name}" + (f" ({form})" if form else "")):
                quantized = self._quantized(name, graph, keep_float, form, earlier)
                models[form] = quantized_model(name, quantized)
        if len(models) == 1 or self.timer is None:
            return models[forms[0]]
        return models[_faster(models, self.timer, self.stages, self.tensors[0])]

    def weight_levels(self, name: str, earlier: Mapping[str, Any] | None = None) -> float | None:
        """The largest level of a variant's weights; None where a device's graph has its own."""
        row = VARIANTS[name]
        if row.on_device:
            return None
        whole = row.dialect == "litert" or not self._reduce_range(earlier)
        if whole:
            return LEVELS
        return NNCF_HALF_LEVELS if row.dialect == "openvino" else HALF_LEVELS

    def _quantized(
        self,
        name: str,
        graph: bytes,
        keep_float: Collection[str],
        form: Form | None,
        earlier: Mapping[str, Any] | None,
    ) -> Quantized:
        row, frames, reduced = VARIANTS[name], self.tensors, self._reduce_range(earlier)
        if row.on_device:
            return tensorrt_graph(graph, frames, row.precision, keep_float)
        if row.dialect == "litert":
            return quantize_litert(graph, frames, self.calibration, keep_float=keep_float)
        if form is None:
            return quantize_ov(graph, frames, keep_float=keep_float, reduce_range=reduced)
        return quantize_ort(
            graph,
            frames,
            self.calibration,
            form=form,
            keep_float=keep_float,
            reduce_range=reduced,
        )

    def _forms(self, name: str, earlier: Mapping[str, Any] | None) -> tuple[Form | None, ...]:
        """The forms to make, for ONNX Runtime; other dialects have one alone, without a name."""
        if VARIANTS[name].dialect != "onnxruntime":
            return (None,)
        if earlier is not None:
            return tuple(form for form in FORMS if form == earlier["form"])
        if self.settings.form != "fastest":
            return (self.settings.form,)
        return FORMS if self.timer is not None else FORMS[:1]

    def _reduce_range(self, earlier: Mapping[str, Any] | None) -> bool:
        if earlier is not None and "reduce_range" in earlier:
            return bool(earlier["reduce_range"])
        setting = self.settings.reduce_range
        return int8_overflows() if setting == "auto" else setting == "always"


def _faster(
    models: Mapping[Form | None, Model], timer: Timer, stages: Stages, frame: Pixels
) -> Form:
    engines: dict[Form, Runtime] = {}
    try:
        for form in FORMS:
            try:
                engine = models[form].load()
            except EngineFailed as error:  # some graphs have no integer operators that fit
                stages.say(f"  {form} cannot be used: {error}")
                continue
            try:
                engine.infer({engine.inputs[0].name: frame})
                engines[form] = engine
            except EngineFailed as error:  # and some fail only at the first call
                engine.close()
                stages.say(f"  {form} cannot be used: {error}")
        if len(engines) < 2:
            return next(iter(engines), FORMS[0])
        ms = timer({str(form): engine for form, engine in engines.items()})
    finally:
        for engine in engines.values():
            engine.close()
    first, second = FORMS
    chosen = second if ms[second] < ms[first] * (1 - MARGIN) else first
    stages.say(f"  {first} {ms[first]:.2f} ms, {second} {ms[second]:.2f} ms: {chosen}")
    return chosen
