"""All measures of one region."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from sonoedge.analysis import Region
from sonoedge.measure import first_order as first
from sonoedge.measure import glcm as pairs
from sonoedge.measure import glrlm as runs
from sonoedge.measure import laws as energies
from sonoedge.measure import margin as edges
from sonoedge.measure import shape as shapes
from sonoedge.measure import wavelet as haar
from sonoedge.measure.levels import BIN_BITS, COUNT, padded, strides
from sonoedge.measure.outline import outline_of
from sonoedge.measure.region import Box, Cut, Grey, cut_out
from sonoedge.measure.settings import GROUPS, Group, MeasureSettings

_MEASURES: Final[dict[Group, tuple[str, ...]]] = {
    "shape": shapes.NAMES,
    "margin": edges.NAMES,
    "first_order": first.NAMES,
    "glcm": pairs.NAMES,
    "glrlm": runs.NAMES,
    "laws": energies.NAMES,
    "wavelet": haar.NAMES,
}


@functools.cache
def names_of(groups: tuple[Group, ...]) -> tuple[str, ...]:
    """The measures of some groups, in their order, as "glcm.contrast"."""
    return tuple(f"{group}.{name}" for group in groups for name in _MEASURES[group])


NAMES: Final = names_of(GROUPS)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measures:
    """The measures of one region.

    Attributes:
        names: what is measured, as "glcm.contrast".
        values: float32, shape (N,), finite, in the order of `names`.
        not_measured: those of the names that could not be measured, as the frame ends too near
            the region; their values are 0.
    """

    names: tuple[str, ...]
    values: npt.NDArray[np.float32]
    not_measured: tuple[str, ...] = ()

    def value(self, name: str) -> float | None:
        """One value; None where it was not measured or is not of these names."""
        if name in self.not_measured or name not in self.names:
            return None
        return float(self.values[self.names.index(name)])


def measure(
    grey: Grey,
    region: Region,
    *,
    settings: MeasureSettings,
    aspect: float = 1.0,
    within_px: Box | None = None,
) -> Measures | None:
    """Measure a region of a frame.

    Args:
        grey: the frame, uint8, shape (H, W); it is only read.
        region: of this frame; its outline is what counts.
        settings: which groups, at what size.
        aspect: a pixel's width over its height, as `geometry.pixel_aspect` gives it.
        within_px: (x0, y0, x1, y1) of the ultrasound picture in the frame; None for all of it.

    Returns:
        None where the region has fewer than 16 pixels.
    """
    cut = cut_out(
        grey,
        region.contour_px,
        diameter_px=settings.diameter_px,
        aspect=aspect,
        within_px=within_px,
    )
    if cut is None:
        return None
    values, not_measured = _values(cut, settings.groups)
    return Measures(
        names=names_of(settings.groups),
        values=np.array(values, dtype=np.float32),
        not_measured=not_measured,
    )


def _values(cut: Cut, groups: tuple[Group, ...]) -> tuple[list[float], tuple[str, ...]]:
    values: list[float] = []
    not_measured: tuple[str, ...] = ()
    grey, mask = cut.inside
    inside = mask > 0
    outline = outline_of(cut) if {"shape", "margin"} & set(groups) else None
    framed = framed_levels(grey, inside) if {"glcm", "glrlm"} & set(groups) else None
    if outline is not None and "shape" in groups:
        values += shapes.shape(cut, outline)
    if outline is not None and "margin" in groups:
        around, missing = edges.margin(cut, outline, float(np.mean(grey[inside])))
        values += around
        not_measured = tuple(f"margin.{name}" for name in missing)
    if "first_order" in groups:
        values += first.first_order(grey[inside])
    if framed is not None and "glcm" in groups:
        values += pairs.glcm(pairs.pair_counts(framed, COUNT, strides(framed)))
    if framed is not None and "glrlm" in groups:
        steps = strides(framed)
        counts = runs.run_counts(framed, COUNT, steps)
        values += runs.glrlm(counts, cut.pixels * len(steps))
    if "laws" in groups:
        values += energies.laws(cut)
    if "wavelet" in groups:
        values += haar.wavelet(cut)
    return values, not_measured


def framed_levels(grey: Grey, inside: npt.NDArray[np.bool_]) -> Any:
    """The region's 32 levels of 8 grey levels each, ready for pairs and runs."""
    return padded(grey >> BIN_BITS, inside, COUNT)
