"""One grey map for a scanner: its frames together, given the grey levels of others.

Histogram matching (Gonzalez and Woods, Digital Image Processing, section 3.3) of two sets of
frames, in place of two frames: what comes out is a fixed table, the recipe's
`input.grey_map`, and does not depend on the content of the frame that is analysed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from sonoedge.errors import InvalidData
from sonoedge.processing.preprocess import Preprocess, PreprocessSpec
from sonoedge_export.data.labelled import Entry

Counts = npt.NDArray[np.float64]


def grey_map(
    scanner: Sequence[Entry], like: Sequence[Entry], spec: PreprocessSpec
) -> tuple[int, ...]:
    """The 256 levels that give a scanner's frames the distribution of others.

    Black stays black and is left out of both: it is what surrounds the picture. Every
    frame counts alike, whatever its share of black.

    Args:
        scanner: frames of the scanner that the network was not trained on.
        like: frames of what it was trained on.
        spec: how both are preprocessed; a grey map of its own is left out.

    Raises:
        InvalidData: there are no frames, or all of them are black.
    """
    own, wanted = (_cumulated(_pixels(e, spec)) for e in (scanner, like))
    seen = np.flatnonzero(np.diff(wanted, prepend=0.0))
    levels = np.rint(np.interp(own, wanted[seen], seen))
    levels[0] = 0
    return tuple(int(n) for n in np.maximum.accumulate(levels))


def _pixels(entries: Sequence[Entry], spec: PreprocessSpec) -> Iterable[npt.NDArray[np.uint8]]:
    preprocess = Preprocess(dataclasses.replace(spec, grey_map=None))
    for entry in entries:
        made, geometry = preprocess(entry.pixels(), aspect=entry.pixel_aspect)
        x0, y0, x1, y1 = geometry.placed_px
        yield made[0, 0, y0:y1, x0:x1]


def _cumulated(pictures: Iterable[npt.NDArray[np.uint8]]) -> Counts:
    total: Counts = np.zeros(256)
    for picture in pictures:
        counts = np.bincount(picture.ravel(), minlength=256).astype(np.float64)
        counts[0] = 0
        total += counts / max(1.0, counts.sum())
    if not total.any():
        raise InvalidData("a grey map needs frames that are not all black")
    cumulated: Counts = np.cumsum(total) / total.sum()
    return cumulated
