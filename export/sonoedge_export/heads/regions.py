"""Regions of labelled frames, found and measured as a device would.

Never drawn outlines: their annotators outline benign and malignant lesions differently, and a
head that learnt from them would judge the annotator (on one public set a single measure of the
drawn outline has an AUROC of 0.99, of the network's outline 0.90).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sonoedge.analyser import Analyser
from sonoedge.analysis import Analysed, Region
from sonoedge.certainty import LABELS
from sonoedge.describing import Describer
from sonoedge.description import Described
from sonoedge.frames import Frame
from sonoedge_export.data.labelled import Labelled
from sonoedge_export.evaluation.outcomes import DETECTION_IOU, components, fill, iou
from sonoedge_export.heads.rows import Rows

Values = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MeasuredFrames:
    """A set of labelled frames, its regions measured.

    Attributes:
        regions: every region that found a benign or malignant lesion: to fit on.
        frames: one row per analysed frame with such a lesion, the most suspicious region's: to
            choose and to judge by.
        not_analysed: frames with such a lesion that the guard or the engine stopped: no row.
    """

    regions: Rows
    frames: Rows
    not_analysed: int


class RowDraft:
    """Rows as they are found."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        self.values: list[Values] = []
        self.rest: list[tuple[bool, bool, float, str, int]] = []

    def add(
        self, values: Values | None, malignant: bool, suspicion: float, patient: str, frame: int
    ) -> None:
        found = values is not None
        self.values.append(np.zeros(len(self.names), np.float32) if values is None else values)
        self.rest.append((found, malignant, suspicion, patient, frame))

    def rows(self) -> Rows:
        columns = zip(*self.rest, strict=True) if self.rest else ((),) * 5
        found, malignant, suspicion, patients, frames = columns
        return Rows(
            measures=np.array(self.values, dtype=np.float32).reshape(
                len(self.values), len(self.names)
            ),
            found=np.array(found, dtype=bool),
            malignant=np.array(malignant, dtype=bool),
            suspicion=np.array(suspicion, dtype=np.float64),
            patients=np.array(patients, dtype=np.str_),
            frames=np.array(frames, dtype=np.int64),
            names=self.names,
        )


def measured_frames(
    analyser: Analyser,
    describer: Describer,
    names: tuple[str, ...],
    data: Labelled,
    progress: Callable[[int, int], None] = lambda i, n: None,
) -> MeasuredFrames:
    """Analyse a set's frames with a benign or malignant lesion, and measure what was found.

    Args:
        analyser: of the engine that is exported, with the device's own settings.
        describer: with these settings as well.
        names: of the measures that it gives, and of the embedding's components where the
            analyser embeds.
    """
    regions, frames, stopped = RowDraft(names), RowDraft(names), 0
    for number, entry in enumerate(data):
        progress(number + 1, len(data))
        if entry.label not in LABELS:
            continue
        frame = entry.frame()
        lesions = components(entry.truth(frame.pixels.shape[:2]))
        if not lesions:
            continue
        result = analyser.analyse(frame)
        if not isinstance(result, Analysed):
            stopped += 1
            continue
        malignant = entry.label == "malignant"
        patient = f"{data.name}/{entry.patient or entry.image.name}"
        measured = [(region, _measures(describer, frame, region)) for region in result.regions]
        for region, values in measured:
            mask = fill(region, frame.pixels.shape[:2])
            hit = any(iou(mask, lesion) >= DETECTION_IOU for lesion in lesions)
            if hit and values is not None:
                regions.add(values, malignant, region.suspicion, patient, number)
        # Regions come most suspicious first; a frame without any is a lesion that was missed.
        top, values = measured[0] if measured else (None, None)
        suspicion = 0.0 if top is None else top.suspicion
        frames.add(values, malignant, suspicion, patient, number)
    return MeasuredFrames(regions=regions.rows(), frames=frames.rows(), not_analysed=stopped)


def _measures(describer: Describer, frame: Frame, region: Region) -> Values | None:
    """What heads are told of a region; None where it cannot be measured."""
    description = describer(frame, region)
    if not isinstance(description, Described):
        return None
    values = description.measures.values
    return values if region.embedding is None else np.concatenate([values, region.embedding])
