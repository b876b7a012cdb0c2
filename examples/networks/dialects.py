"""The graphs of a network that TensorRT may be given: ours, and those of other quantizers."""

from __future__ import annotations

import contextlib
import io
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import onnx
from families import FAMILIES, Family, recipe, toml

from sonoedge.errors import InvalidNetwork
from sonoedge_export.quantize.layers import prepared
from sonoedge_export.quantize.tensorrt.fp16 import trt_fp16
from sonoedge_export.quantize.tensorrt.int8 import trt_int8
from sonoedge_export.recipe.calibration import Calibration

Frames: TypeAlias = Sequence[npt.NDArray[np.uint8]]

FRAMES: Final = 4
SMALL: Final = 64  # pixels
# Linear layers that a small network gets; the others have none to speak of.
NARROW: Final = {key: {"hidden": 64} for key in ("alexnet", "vgg16", "vgg19")}


class NotWrittenError(Exception):
    """Another quantizer cannot write its graph of this network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One graph of a network.

    Attributes:
        int8: nodes that must compute in int8.
        kept_float: how many convolutions and matrix products need not be of lower precision.
        theirs: written by another quantizer: TensorRT must not get it.
    """

    graph: bytes
    int8: tuple[str, ...] = ()
    kept_float: int = 0
    theirs: bool = False


def network(key: str, *, small: bool) -> tuple[bytes, Frames]:
    """The float graph of a network with untrained weights, and noise to calibrate it on.

    Args:
        small: 64 x 64 pixels and narrow linear layers; the same layers otherwise.
    """
    import torch  # here: it takes seconds, and rows that are kept need none of it

    from sonoedge_export.graph.build import build_graph
    from sonoedge_export.recipe.recipe import read_recipe

    family = FAMILIES[key]
    if small:
        arguments = family.arguments | NARROW.get(key, {})
        family = replace(family, arguments=arguments, side=SMALL)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "recipe.toml"
        file.write_text(_recipe(family))
        torch.manual_seed(0)
        graph = prepared(build_graph(read_recipe(file)).onnx)
    rng = np.random.default_rng(0)
    shape = (1, 1, family.side, family.side)
    return graph, [rng.integers(0, 256, shape, dtype=np.uint8) for _ in range(FRAMES)]


def _recipe(family: Family) -> str:
    lines = f'factory = "{family.factory}"\narguments = {toml(family.arguments)}'
    return recipe("network", family, network=lines, variants=("onnxruntime-fp32",))


def as_it_is(graph: bytes, frames: Frames) -> Dialect:
    """In float."""
    return Dialect(graph=graph, kept_float=sys.maxsize)


def our_int8(graph: bytes, frames: Frames) -> Dialect:
    """What target tensorrt writes."""
    made = trt_int8(graph, frames)
    return Dialect(graph=made.onnx, int8=made.int8, kept_float=len(made.kept_float))


def our_fp16(graph: bytes, frames: Frames) -> Dialect:
    """What target tensorrt writes."""
    made = trt_fp16(graph, frames)
    return Dialect(graph=made.onnx, kept_float=len(made.kept_float))


def nncf_int8(graph: bytes, frames: Frames) -> Dialect:
    """What NNCF writes for an ONNX model: uint8 behind each rectifier."""
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # no calls home
    import nncf

    model = onnx.load_from_string(graph)
    name = model.graph.input[0].name
    data = nncf.Dataset(frames, lambda frame: {name: frame})
    with contextlib.redirect_stdout(io.StringIO()):  # bars
        made = nncf.quantize(model, data, subset_size=len(frames))
    return Dialect(graph=made.SerializeToString(), kept_float=sys.maxsize, theirs=True)


def ort_int8(graph: bytes, frames: Frames) -> Dialect:
    """What ONNX Runtime's quantizer writes for a CPU: uint8, zero points, an int32 bias."""
    from sonoedge_export.quantize.ort import quantize_ort

    try:
        made = quantize_ort(graph, frames, Calibration(frames=("none",)), form="qdq")
    except (InvalidNetwork, IndexError) as error:  # AlexNet's and VGG's linear layers: its own bug
        raise NotWrittenError(f"{type(error).__name__}: {error}") from error
    return Dialect(graph=made.model, kept_float=sys.maxsize, theirs=True)


GRAPHS: Final[dict[str, Callable[[bytes, Frames], Dialect]]] = {
    "fp32": as_it_is,
    "int8": our_int8,
    "fp16": our_fp16,
    "NNCF's int8": nncf_int8,
    "ONNX Runtime's int8": ort_int8,
}
