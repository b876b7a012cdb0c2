"""Which of the frames become golden ones."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from sonoedge.engines.golden_regions import DECIDED
from sonoedge.errors import InvalidData, InvalidSettings
from sonoedge_export.evaluation.outcomes import Outcome


def choose_golden(
    count: int, trained: Sequence[Outcome], variants: Sequence[Sequence[Outcome]], threshold: float
) -> list[int]:
    """Indices of the golden frames, ascending.

    A frame that the guard or a network stops is never golden: it has no answer. Half of them
    are flagged and half not where the data have both, none near the threshold where there are
    others: a setting that hides what is flagged must show when the bundle is opened.

    Args:
        count: how many are wanted; fewer where fewer can be had.
        trained: the trained network's outcomes, per frame.
        variants: the same of each variant.
        threshold: suspicion from which a region is flagged.

    Raises:
        InvalidData: no frame is analysed.
    """
    usable = [i for i in range(len(trained)) if all(o[i].analysed for o in (trained, *variants))]
    if not usable:
        raise InvalidData(
            f"not one of the {len(trained)} frames is analysed by every variant, so none can be "
            "golden: the guard stops them, or they are out of scope; see [guard] in the recipe"
        )
    decided = [i for i in usable if abs(trained[i].suspicion - threshold) >= DECIDED]
    flagged = [i for i in decided if trained[i].flagged]
    unflagged = [i for i in decided if not trained[i].flagged]
    chosen = _spread(flagged, (count + 1) // 2)
    chosen += _spread(unflagged, count - len(chosen))
    chosen += _spread([i for i in usable if i not in chosen], count - len(chosen))
    return sorted(chosen)


def encode_png(pixels: npt.NDArray[np.uint8]) -> bytes:
    """A frame as PNG."""
    done, data = cv2.imencode(".png", pixels)
    if not done:
        raise InvalidSettings("a golden frame cannot be written as PNG")
    return data.tobytes()


def _spread(indices: Sequence[int], count: int) -> list[int]:
    """So many of them, in even steps."""
    count = min(count, len(indices))
    return [indices[(2 * i + 1) * len(indices) // (2 * count)] for i in range(count)]
