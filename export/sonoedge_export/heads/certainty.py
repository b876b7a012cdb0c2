"""Calibrate what a suspicion excludes, and measure what that did on other frames."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import numpy as np

from sonoedge.analyser import Analyser
from sonoedge.analysis import Analysed
from sonoedge.certainty import (
    LABELS,
    CalibratedOn,
    Certainty,
    Coverage,
    calibrate,
    one_per_patient,
)
from sonoedge_export.data.labelled import Labelled
from sonoedge_export.evaluation.metrics import exact_interval
from sonoedge_export.heads.reading import FrameReader, concatenated
from sonoedge_export.heads.regions import RowDraft
from sonoedge_export.heads.rows import Rows
from sonoedge_export.recipe.head import CertaintyTable


def calibrated(table: CertaintyTable, reader: FrameReader) -> Certainty:
    """The thresholds of [certainty], and their coverage on the frames to measure.

    Raises:
        InvalidData: frames cannot be read.
    """
    measured = reader.measured(table.choose)
    rows = concatenated([each.frames for _, each in measured])
    certainty = thresholds(rows, table.alpha, [data for data, _ in measured])
    coverages = tuple(
        coverage(data.name if each.split is None else f"{data.name} {each.split}", rows, certainty)
        for each in table.measure
        for data, rows in ((data, found.frames) for data, found in reader.measured(each))
    )
    return Certainty(
        alpha=certainty.alpha,
        benign_up_to=certainty.benign_up_to,
        malignant_from=certainty.malignant_from,
        calibrated_on=certainty.calibrated_on,
        devices=certainty.devices,
        measured=coverages,
    )


def thresholds(rows: Rows, alpha: float, sets: Sequence[Labelled]) -> Certainty:
    """Calibrate on one frame per patient.

    Args:
        rows: one per analysed frame with a lesion.
        sets: the frames that they are of.
    """
    chosen = rows.take(one_per_patient(rows.patients, rows.malignant))
    found = calibrate(chosen.suspicion, chosen.malignant, alpha)
    digest = hashlib.sha256("".join(data.sha256() for data in sets).encode()).hexdigest()
    malignant = int(chosen.malignant.sum())
    return Certainty(
        alpha=alpha,
        benign_up_to=found.benign_up_to,
        malignant_from=found.malignant_from,
        calibrated_on=CalibratedOn(
            name=" + ".join(dict.fromkeys(data.name for data in sets)),
            sha256=digest,
            patients=len(np.unique(chosen.patients)),
            malignant=malignant,
            benign=len(chosen) - malignant,
        ),
        devices=tuple(sorted({e.device for data in sets for e in data if e.device is not None})),
    )


def coverage(name: str, rows: Rows, certainty: Certainty) -> Coverage:
    """What the thresholds answer on frames of known class, one row per frame."""
    answers = np.array([certainty.answer(float(s)) for s in rows.suspicion])
    one = answers != "cannot say"
    wrong = np.where(rows.malignant, answers == "benign only", answers == "malignant only")
    shares = {}
    for label, of in (("malignant", rows.malignant), ("benign", ~rows.malignant)):
        count = int(of.sum())
        share = float(1 - wrong[of].mean()) if count else None
        shares[label] = (count, share, None if share is None else exact_interval(share, count))
    return Coverage(
        name=name,
        malignant=shares["malignant"][0],
        benign=shares["benign"][0],
        malignant_covered=shares["malignant"][1],
        malignant_ci95=shares["malignant"][2],
        benign_covered=shares["benign"][1],
        benign_ci95=shares["benign"][2],
        one_answer=float(one.mean()) if len(one) else 0.0,
        wrong=float(wrong[one].mean()) if one.any() else None,
    )


def suspicions(
    analyser: Analyser, data: Labelled, progress: Callable[[int, int], None] = lambda i, n: None
) -> tuple[Rows, int]:
    """One row per analysed frame that is labelled benign or malignant, without measures.

    Returns:
        the rows, and how many such frames were not analysed.
    """
    draft, stopped = RowDraft(()), 0
    for number, entry in enumerate(data):
        progress(number + 1, len(data))
        if entry.label not in LABELS:
            continue
        result = analyser.analyse(entry.frame())
        if not isinstance(result, Analysed):
            stopped += 1
            continue
        patient = f"{data.name}/{entry.patient or entry.image.name}"
        suspicion = result.regions[0].suspicion if result.regions else 0.0
        draft.add(None, entry.label == "malignant", suspicion, patient, number)
    return draft.rows(), stopped
