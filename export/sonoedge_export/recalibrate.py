"""Thresholds of certainty from a user's own labelled frames."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import sonoedge
from sonoedge import EngineOptions
from sonoedge.bundle import read_bundle
from sonoedge.certainty import Coverage, least_frames
from sonoedge.errors import InvalidData, InvalidSettings
from sonoedge.recalibration import SCHEMA, Recalibration
from sonoedge_export.data.evaluation_set import check_evaluation
from sonoedge_export.data.labelled import read_labelled
from sonoedge_export.heads.certainty import coverage, suspicions, thresholds
from sonoedge_export.progress import Stages


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalibrated:
    """New thresholds, and what the old ones did on the same frames.

    Attributes:
        before: coverage of the bundle's own thresholds; None where it has none.
        not_analysed: benign and malignant frames that counted for nothing.
    """

    file: Recalibration
    before: Coverage | None
    not_analysed: int


def recalibrate(
    folder: Path, frames: Path, split: str | None, variant: str | None, alpha: float, stages: Stages
) -> Recalibrated:
    """Calibrate on one frame per patient of those labelled benign or malignant.

    Args:
        variant: whose suspicions count; None takes the fastest that runs here.

    Raises:
        InvalidSettings: the bundle describes nothing, so that nobody would be told.
        InvalidData: the frames cannot be read, or are too few for `alpha`.
        BundleError, MissingDependency, RuntimeUnavailable: as `sonoedge.open`.
    """
    manifest = read_bundle(folder).manifest
    if manifest.measure is None or manifest.postprocess.positive != ("malignant",):
        raise InvalidSettings(
            "recalibrate is for bundles with [measure] and the positive label malignant; export "
            "this one again from a recipe that has them"
        )
    data = read_labelled(frames, split)
    check_evaluation(data, manifest.postprocess.labels)
    with sonoedge.open(folder, EngineOptions(variant=variant), tracking=False) as analyser:
        with stages.stage(f"suspicions of {data.name}") as progress:
            rows, not_analysed = suspicions(analyser, data, progress)
        name = analyser.origin.variant
    found = thresholds(rows, alpha, [data])
    on, least = found.calibrated_on, least_frames(alpha)
    if min(on.malignant, on.benign) < least:
        raise InvalidData(
            f"alpha {alpha:g} needs {least} patients of each class; {data.name} has {on.malignant} "
            f"with malignant and {on.benign} with benign frames that were analysed: nothing could "
            "be excluded"
        )
    own = manifest.certainty
    file = Recalibration(schema=SCHEMA, bundle_id=manifest.bundle_id, variant=name, certainty=found)
    before = None if own is None else coverage(data.name, rows, own)
    return Recalibrated(file=file, before=before, not_analysed=not_analysed)
