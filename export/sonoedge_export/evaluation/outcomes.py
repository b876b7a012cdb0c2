"""Analyse labelled frames, through the device's own code, and compare with the truth."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from sonoedge.analyser import Analyser
from sonoedge.analysis import Analysed, GreyLevels, Region
from sonoedge.drift import Counts
from sonoedge_export.data.calibration import pixels_sha256
from sonoedge_export.data.labelled import Labelled
from sonoedge_export.data.picture_file import to_grey
from sonoedge_export.evaluation.metrics import dice

# From this overlap (intersection over union) a region counts as having found a lesion.
DETECTION_IOU = 0.2
# Smaller specks of a mask, in pixels, are no lesion of their own.
SPECK_PX = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One labelled frame's result.

    Attributes:
        analysed: False where the guard or the engine stopped the frame.
        label: the frame's class; None where nobody knows it.
        has_lesion: the mask is not empty.
        dice: of all regions together against the mask; 0 for a frame not analysed.
        lesions, lesions_found: how many lesions the mask has, and how many of them a region found.
        false_regions: regions that found no lesion.
        suspicion: the most suspicious region's; 0 where there is none.
        flagged: some region, or the frame as a whole, has reached the operating threshold.
        grey: levels of the network's input; None of a frame not analysed.
        reasons: why it was not analysed.
        pixels_sha256: of the picture, see `sonoedge_export.data.calibration`; empty where
            it is not known.
    """

    analysed: bool
    label: str | None
    patient: str | None
    device: str | None
    flags: tuple[str, ...]
    has_lesion: bool
    dice: float
    lesions: int
    lesions_found: int
    false_regions: int
    suspicion: float
    flagged: bool
    pixels_sha256: str = ""
    grey: GreyLevels | None = None
    reasons: tuple[str, ...] = ()


def evaluate(
    analyser: Analyser, data: Labelled, progress: Callable[[int, int], None] = lambda i, n: None
) -> list[Outcome]:
    """Every frame's outcome, in order."""
    outcomes = []
    for number, entry in enumerate(data):
        frame = entry.frame()
        truth = entry.truth(frame.pixels.shape[:2])
        result = analyser.analyse(frame)
        done = isinstance(result, Analysed)
        regions = result.regions if isinstance(result, Analysed) else ()
        masks = [fill(region, truth.shape) for region in regions]
        lesions = components(truth)
        hits = [[iou(m, lesion) >= DETECTION_IOU for lesion in lesions] for m in masks]
        union = np.any(masks, axis=0) if masks else np.zeros(truth.shape, dtype=bool)
        outcomes.append(
            Outcome(
                analysed=done,
                label=entry.label,
                patient=entry.patient,
                device=entry.device,
                flags=entry.flags,
                has_lesion=bool(lesions),
                dice=dice(union, truth) if done else 0.0,
                lesions=len(lesions),
                lesions_found=sum(any(row[k] for row in hits) for k in range(len(lesions))),
                false_regions=sum(not any(row) for row in hits),
                suspicion=(result.suspicion or 0.0) if isinstance(result, Analysed) else 0.0,
                flagged=isinstance(result, Analysed) and result.flagged,
                pixels_sha256=pixels_sha256(to_grey(frame.pixels)),
                grey=result.grey if isinstance(result, Analysed) else None,
                reasons=()
                if isinstance(result, Analysed)
                else tuple(reason.value for reason in result.reasons),
            )
        )
        progress(number + 1, len(data))
    return outcomes


def counts_of(outcomes: Iterable[Outcome]) -> Counts:
    """What a device would have counted of these frames, to compare its own counts with."""
    counts = Counts()
    for outcome in outcomes:
        if outcome.analysed:
            suspicion = outcome.suspicion or None  # no region has 0
            counts.add_analysed(suspicion, outcome.grey, flagged=outcome.flagged)
        else:
            counts.add_not_analysed(*outcome.reasons)
    return counts


def fill(region: Region, shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """A region's inside, as its contour says: what the user sees is what is judged."""
    mask = np.zeros(shape, dtype=np.uint8)
    cv2.fillPoly(mask, [region.contour_px], 1)
    return mask.astype(bool)


def components(mask: npt.NDArray[np.bool_]) -> list[npt.NDArray[np.bool_]]:
    """The connected parts of a mask, specks left out."""
    count, marks = cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)
    parts = [marks == i for i in range(1, count)]
    return [part for part in parts if int(part.sum()) >= SPECK_PX]


def iou(a: npt.NDArray[np.bool_], b: npt.NDArray[np.bool_]) -> float:
    """Intersection over union (Jaccard 1901)."""
    return int((a & b).sum()) / max(1, int((a | b).sum()))
