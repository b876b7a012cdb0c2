"""Round a network's weights so that the rounding of one makes up for that of others.

Each weight rounded to the nearest level is an error in the layer's output; where inputs go
together, the weights that are not rounded yet can take it back. Column after column is
rounded, and what that costs on the calibration frames is spread over the columns to come
(Frantar et al. 2023, arXiv:2210.17323; the order is theirs, largest inputs first). The graph
stays in float: its weights lie on the levels that every quantizer here gives them, so that
each finds the same integers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper, numpy_helper

from sonoedge.errors import InvalidData
from sonoedge_export.onnx_graph import to_bytes
from sonoedge_export.quantize.tensorrt.ranges import values_of

LEVELS: Final = 127
HALF_LEVELS: Final = 64
NNCF_HALF_LEVELS: Final = 63.5  # the largest weight lies between two levels
DAMPING: Final = 0.01  # of the mean square input: frames to come differ from those seen
PLACES: Final = 4096  # of one frame, about, that say how inputs go together
ENOUGH: Final = 2  # places seen for each input; with fewer the layer is left as it is

Array = npt.NDArray[np.float32]
Products = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layer:
    """A convolution with constant weights.

    Attributes:
        weights: float32 (O, C / groups, h, w).
    """

    name: str
    tensor: str
    weights: Array
    groups: int
    strides: tuple[int, int]
    pads: tuple[int, int, int, int]

    @property
    def inputs(self) -> int:
        """How many inputs one output has."""
        return int(np.prod(self.weights.shape[1:]))


def rounded_weights(
    graph: bytes, frames: Sequence[npt.NDArray[np.uint8]], *, levels: float
) -> dict[str, Array]:
    """The weights of the convolutions on their levels, by the layer's name.

    Layers that too few places of the frames were seen of are left out.

    Args:
        graph: as `prepared` gives it.
        frames: calibration frames as the engine gets them, uint8 [1, 1, H, W].
        levels: the largest level of a weight, `LEVELS`, or one of the halves.

    Raises:
        InvalidData: a frame gives a value that is no number.
    """
    found = list(_layers(onnx.load_from_string(graph)))
    sums = [np.zeros((x.groups, x.inputs, x.inputs)) for x in found]
    places = [0] * len(found)
    for values in values_of(graph, sorted({x.tensor for x in found}), frames) if found else ():
        for k, layer in enumerate(found):
            columns = _columns(layer, values[layer.tensor])
            sums[k] += np.matmul(columns, columns.transpose(0, 2, 1))
            places[k] += columns.shape[2]
    for layer, products in zip(found, sums, strict=True):
        if not np.isfinite(products).all():
            raise InvalidData(f"a calibration frame gives {layer.tensor} a value that is no number")
    return {
        layer.name: _rounded(layer, products, levels)
        for layer, products, count in zip(found, sums, places, strict=True)
        if count >= ENOUGH * layer.inputs
    }


def with_weights(
    graph: bytes, weights: Mapping[str, Array], *, keep_float: Collection[str]
) -> bytes:
    """The graph with these weights; layers that stay in float keep their own."""
    model = onnx.load_from_string(graph)
    constants = {t.name: t for t in model.graph.initializer}
    for node in model.graph.node:
        if node.name in weights and node.name not in keep_float:
            name = node.input[1]
            constants[name].CopyFrom(numpy_helper.from_array(weights[node.name], name))
    return to_bytes(model)


def _layers(model: onnx.ModelProto) -> Iterator[_Layer]:
    """Convolutions whose weights are theirs alone, in two dimensions, without dilation."""
    constants = {t.name: t for t in model.graph.initializer}
    read = [name for n in model.graph.node for name in n.input]
    for node in model.graph.node:
        if node.op_type != "Conv" or node.input[1] not in constants:
            continue
        weights = numpy_helper.to_array(constants[node.input[1]])
        plain = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        dilated = set(plain.get("dilations", ())) - {1}
        padded = plain.get("auto_pad", b"NOTSET") != b"NOTSET"
        if weights.ndim != 4 or dilated or padded or read.count(node.input[1]) > 1:
            continue
        yield _Layer(
            name=node.name,
            tensor=node.input[0],
            weights=weights,
            groups=plain.get("group", 1),
            strides=tuple(plain.get("strides", (1, 1))),
            pads=tuple(plain.get("pads", (0, 0, 0, 0))),
        )


def _columns(layer: _Layer, value: Array) -> Array:
    """What each output reads, float32 (groups, inputs, places)."""
    _, into, high, wide = layer.weights.shape
    top, left, bottom, right = layer.pads
    padded = np.pad(value[0], ((0, 0), (top, bottom), (left, right)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (high, wide), axis=(1, 2))
    windows = windows[:, :: layer.strides[0], :: layer.strides[1]]
    step = max(1, round((windows.shape[1] * windows.shape[2] / PLACES) ** 0.5))
    windows = windows[:, ::step, ::step].transpose(0, 3, 4, 1, 2)
    columns: Array = windows.reshape(layer.groups, into * high * wide, -1)
    return columns


def _rounded(layer: _Layer, products: Products, levels: float) -> Array:
    """The weights on their levels, each output with a scale of its own."""
    left = layer.weights.astype(np.float64).reshape(layer.groups, -1, layer.inputs)
    largest = np.abs(left).max(axis=2, keepdims=True)
    scale, most = np.where(largest > 0, largest / levels, 1.0)[..., 0], np.floor(levels)
    # The largest weight keeps its level, or a quantizer would find another scale.
    fixed = np.abs(left) == largest
    diagonal = np.einsum("gii->gi", products)
    damping = np.maximum(DAMPING * diagonal.mean(axis=1), 1e-12)
    order = np.argsort(-diagonal.sum(axis=0), kind="stable")
    products = products + damping[:, None, None] * np.eye(layer.inputs)
    inverse = np.linalg.inv(products[:, order][:, :, order])
    upper = np.linalg.cholesky(inverse).transpose(0, 2, 1)
    left, fixed = left[:, :, order], fixed[:, :, order]
    exact, out = left.copy(), np.empty_like(left)
    for k in range(layer.inputs):
        nearest = np.rint(left[:, :, k] / scale).clip(-most, most)
        out[:, :, k] = np.where(fixed[:, :, k], exact[:, :, k], nearest * scale)
        error = (left[:, :, k] - out[:, :, k]) / upper[:, None, k, k]
        left[:, :, k + 1 :] -= error[..., None] * upper[:, None, k, k + 1 :]
    back = np.argsort(order)
    result: Array = out[:, :, back].reshape(layer.weights.shape).astype(np.float32)
    return result
