"""Keep each layer's mean: rounding shifts it, and the bias, which stays in float, takes it back.

Rounded weights seldom have the sum that they had, and activations that are cut off have a
smaller mean; either moves all of a channel's output to one side, and small shifts add up
from layer to layer. Per output channel the expected shift is known from the mean input of
each channel, and is subtracted from the bias (Nagel et al. 2019, arXiv:1906.04721, section 4.2).
Each layer is corrected for its own rounding alone, as if its input were that of the float
graph; the frame's border is neglected.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sonoedge_export.quantize.tensorrt.ranges import LEVELS, Frame, values_of

Array = npt.NDArray[np.float32]
Means = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelMeans:
    """An activation's mean per channel over the calibration frames, float64 (C,).

    Attributes:
        exact: as it is.
        rounded: as int8 holds it.
    """

    exact: Means
    rounded: Means


def channel_means(
    graph: bytes, scales: Mapping[str, float], frames: Sequence[Frame]
) -> dict[str, ChannelMeans]:
    """Means of each activation that is quantized; its channels lie along axis 1."""
    names = list(scales)
    sums: dict[str, list[Means]] = {}
    for values in values_of(graph, names, frames):
        for name, value in values.items():
            others = tuple(a for a in range(value.ndim) if a != 1)
            scale = scales[name]
            rounded = np.rint(value / scale).clip(-LEVELS - 1, LEVELS) * scale
            means_now = [v.mean(axis=others, dtype=np.float64) for v in (value, rounded)]
            exact_sums = sums.get(name, [np.zeros(()), np.zeros(())])
            sums[name] = [a + b for a, b in zip(exact_sums, means_now, strict=True)]
    return {
        name: ChannelMeans(exact=a / len(frames), rounded=b / len(frames))
        for name, (a, b) in sums.items()
    }


def bias_shift(
    weights: Array, levels: npt.NDArray[np.int8], scale: Array, axis: int, means: ChannelMeans
) -> Array:
    """What rounding adds to the mean of each output channel, float32 (O,).

    Args:
        weights: as they were, output channels along `axis`, input channels along the other
            of the first two.
        levels, scale: as `quantized_weights` gives them.
    """
    exact, rounded = np.moveaxis(weights, axis, 0), np.moveaxis(levels, axis, 0)
    kernel_axes = tuple(range(2, exact.ndim))
    exact_sums = exact.sum(axis=kernel_axes, dtype=np.float64) @ means.exact
    rounded_sums = (rounded.sum(axis=kernel_axes, dtype=np.float64) @ means.rounded) * scale
    shift: Array = (rounded_sums - exact_sums).astype(np.float32)
    return shift
