"""Does the device preprocess a frame as training did?

Training gives a network floats, the device gives its graph grey levels, and between
the two lie a gain and an offset that are the same for every frame. They are found by least
squares over all frames; what is left is the difference: another interpolation, another crop, a
flipped axis. Where nothing is left once each frame has a gain and an offset of its own, and
these differ, training scales by the picture's content, which the device never does.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from sonoedge.errors import InvalidData, InvalidSettings
from sonoedge.processing.preprocess import Preprocess, PreprocessSpec
from sonoedge_export.data.labelled import Labelled

Transform = Callable[[npt.NDArray[np.uint8]], Any]
Floats = npt.NDArray[np.float64]

MOST: Final = 32  # frames compared, spread over the set
MEAN_LEVELS: Final = 1.0
GAIN_SPREAD: Final = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Training's preprocessing beside the device's.

    Attributes:
        frames: how many were compared.
        gain, offset: training's value is gain x grey level + offset.
        mean_levels, max_levels: what is left, absolute, in grey levels.
        own_levels: what is left in the mean if each frame has its own gain and offset.
        gain_spread: largest difference of a frame's own gain from `gain`, as a share of it.
    """

    frames: int
    gain: float
    offset: float
    mean_levels: float
    max_levels: float
    own_levels: float
    gain_spread: float

    @property
    def differs(self) -> str | None:
        """What is wrong, in words; None where the two are alike."""
        if self.gain_spread > GAIN_SPREAD and self.own_levels <= MEAN_LEVELS:
            return (
                f"a frame's own scale is up to {self.gain_spread:.0%} off the others': training "
                "scales by the picture's content, the device does not"
            )
        if self.mean_levels > MEAN_LEVELS:
            return (
                f"{self.mean_levels:.1f} grey levels apart in the mean: compare resize, crop, "
                "padding and interpolation with the recipe's [input]"
            )
        return None


def load_transform(path: str) -> Transform:
    """What "module:function" names; modules in the working folder are found first.

    Raises:
        InvalidSettings: there is no such module or function.
    """
    module, colon, function = path.partition(":")
    if not colon:
        raise InvalidSettings(f"--train-transform is {path!r}; give module:function")
    sys.path.insert(0, str(Path.cwd()))
    try:
        found: Transform = getattr(importlib.import_module(module), function)
    except (ModuleNotFoundError, AttributeError) as error:
        raise InvalidSettings(f"--train-transform {path}: {error}") from error
    finally:
        sys.path.remove(str(Path.cwd()))
    return found


def compare_transform(spec: PreprocessSpec, transform: Transform, data: Labelled) -> Compared:
    """Both preprocessings on the same frames.

    Args:
        transform: takes grey levels, uint8 (H, W); gives what training gave the network,
            an array or tensor of [.., height, width], channels alike.

    Raises:
        InvalidData: it gives another size than the network's input, or nothing but one value.
    """
    preprocess = Preprocess(spec)
    count = min(MOST, len(data))
    entries = [data.entries[i * len(data) // count] for i in range(count)]
    pairs = []
    for entry in entries:
        pixels = entry.pixels()
        ours = preprocess(pixels, aspect=entry.pixel_aspect)[0][0, 0].astype(np.float64)
        pairs.append((ours, _plane(transform(pixels), ours.shape, entry.image.name)))
    ours, theirs = (np.stack([p[k] for p in pairs]) for k in (0, 1))
    gain, offset = _line(ours, theirs)
    if gain == 0:
        raise InvalidData("the training transform gives the same for every grey level")
    apart = np.abs((theirs - offset) / gain - ours)
    own = [(a, b, *_line(a, b)) for a, b in pairs]
    left = [np.abs((b - o) / g - a).mean() for a, b, g, o in own if g != 0]
    return Compared(
        frames=count,
        gain=gain,
        offset=offset,
        mean_levels=float(apart.mean()),
        max_levels=float(apart.max()),
        own_levels=float(np.mean(left)),
        gain_spread=max(abs(g / gain - 1) for _, _, g, _ in own),
    )


def training_levels(
    transform: Transform,
    pixels: npt.NDArray[np.uint8],
    compared: Compared,
    shape: tuple[int, ...],
    name: str,
) -> npt.NDArray[np.uint8]:
    """One frame as training preprocessed it, in the grey levels that the graph takes.

    Args:
        pixels: grey levels, uint8 (H, W).
        compared: has the gain and offset between the two.
        shape: of the graph's input, [1, 1, height, width].

    Raises:
        InvalidData: the transform gives another size than the network's input.
    """
    plane = _plane(transform(pixels), shape[-2:], name)
    levels = np.rint((plane - compared.offset) / compared.gain)
    return np.clip(levels, 0, 255).astype(np.uint8).reshape(shape)


def _plane(value: Any, shape: tuple[int, ...], name: str) -> Floats:
    """One channel, [height, width]."""
    array = np.asarray(value, dtype=np.float64)
    if array.ndim < 2 or array.shape[-2:] != shape:
        raise InvalidData(
            f"{name}: the training transform gives {array.shape}, the network's input is {shape}"
        )
    planes = array.reshape(-1, *shape)
    return np.asarray(planes[0])


def _line(x: Floats, y: Floats) -> tuple[float, float]:
    """Gain and offset of the least squares line; a gain of 0 where x or y does not vary."""
    dx, dy = x - x.mean(), y - y.mean()
    spread = float((dx * dx).sum())
    gain = float((dx * dy).sum()) / spread if spread > 0 else 0.0
    return gain, float(y.mean()) - gain * float(x.mean())
