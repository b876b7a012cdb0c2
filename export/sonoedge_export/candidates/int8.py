"""One model per quantized variant: the quantizer of its engine, and its fastest form."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from sonoedge.device.cpu import int8_overflows
from sonoedge.errors import EngineFailed
from sonoedge.runtime import Runtime
from sonoedge_export.candidates.model import Model, device_model, int8_model
from sonoedge_export.candidates.speed_gate import MARGIN, Timer
from sonoedge_export.data.calibration import CalibrationFrames
from sonoedge_export.progress import Stages
from sonoedge_export.quantize.ort import quantize_ort
from sonoedge_export.quantize.ov import quantize_ov
from sonoedge_export.quantize.tensorrt.graph import tensorrt_graph
from sonoedge_export.recipe.quantize import Form
from sonoedge_export.recipe.recipe import Recipe
from sonoedge_export.recipe.variants import VARIANTS

FORMS: Final[tuple[Form, ...]] = ("qdq", "qoperator")


def int8(
    recipe: Recipe,
    name: str,
    graph: bytes,
    frames: CalibrationFrames,
    keep_float: Collection[str],
    stages: Stages,
    *,
    timer: Timer | None,
    earlier: Mapping[str, Any] | None = None,
) -> Model:
    """Quantize the float graph for one variant.

    Args:
        graph: as `prepared` gives it.
        timer: measures the two forms where the recipe asks for the fastest; None takes
            the first.
        earlier: what an earlier export chose for this variant.

    Raises:
        InvalidNetwork, InvalidSettings, MissingDependency: see the quantizers.
    """
    reduced = _reduced(recipe, earlier)
    if VARIANTS[name].dialect == "openvino":
        with stages.stage(f"quantize {name}"):
            return int8_model(
                name,
                quantize_ov(graph, frames.tensors, keep_float=keep_float, reduce_range=reduced),
            )
    if VARIANTS[name].on_device:
        with stages.stage(f"convert {name}"):
            precision = VARIANTS[name].precision
            return device_model(name, tensorrt_graph(graph, frames.tensors, precision, keep_float))
    settings = recipe.calibration
    assert settings is not None
    wanted = recipe.quantize.form
    forms = FORMS if wanted == "fastest" else (wanted,)
    if earlier is not None:
        forms = tuple(f for f in FORMS if f == earlier["form"])
    elif timer is None:
        forms = forms[:1]
    made = {}
    for form in forms:
        with stages.stage(f"quantize {name} ({form})"):
            made[form] = int8_model(
                name,
                quantize_ort(
                    graph,
                    frames.tensors,
                    settings,
                    form=form,
                    keep_float=keep_float,
                    reduce_range=reduced,
                ),
            )
    if len(made) == 1 or timer is None:
        return made[forms[0]]
    return made[_faster(made, timer, stages, frames)]


def _reduced(recipe: Recipe, earlier: Mapping[str, Any] | None) -> bool:
    if earlier is not None and "reduce_range" in earlier:
        return bool(earlier["reduce_range"])
    wanted = recipe.quantize.reduce_range
    return int8_overflows() if wanted == "auto" else wanted == "always"


def _faster(
    made: Mapping[Form, Model], timer: Timer, stages: Stages, frames: CalibrationFrames
) -> Form:
    engines: dict[str, Runtime] = {}
    try:
        for form, model in made.items():
            try:
                engine = model.load()
            except EngineFailed as error:  # some graphs have no integer operators that fit
                stages.say(f"  {form} cannot be used: {error}")
                continue
            try:
                engine.infer({engine.inputs[0].name: frames.tensors[0]})
                engines[form] = engine
            except EngineFailed as error:  # and some are found out by the first call
                engine.close()
                stages.say(f"  {form} cannot be used: {error}")
        if len(engines) < 2:
            return next((form for form in made if form in engines), FORMS[0])
        ms = timer(engines)
    finally:
        for engine in engines.values():
            engine.close()
    first, other = FORMS
    chosen = other if ms[other] < ms[first] * (1 - MARGIN) else first
    stages.say(f"  {first} {ms[first]:.2f} ms, {other} {ms[other]:.2f} ms: {chosen}")
    return chosen
