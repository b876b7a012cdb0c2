"""What a report is asked for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sonoedge.engines.options import DEFAULT_ENGINE, EngineOptions
from sonoedge.errors import InvalidSettings

Sr = Literal["3d", "comprehensive", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to make of which file.

    Attributes:
        bundle: the bundle's folder, or "store:PATH".
        source: the DICOM file.
        out: the folder that is made.
        sr: which structured report.
        seg: segmentations as well.
        overlay: a picture series for people as well.
        fhir: a FHIR bundle as well.
        patient: name the patient, by the identifier, in the FHIR bundle.
        blank: leave out of the pictures what lies outside the tissue region.
        fps: frames per second, in place of the file's own times.
        jsonl: results of `sonoedge run --jsonl` on the same file, in place of an analysis.
        engine: which engine analyses.

    Raises:
        InvalidSettings: nothing is asked for, or what does not go together.
    """

    bundle: str
    source: Path
    out: Path
    sr: Sr = "3d"
    seg: bool = False
    overlay: bool = False
    fhir: bool = False
    patient: bool = False
    blank: bool = False
    fps: float | None = None
    jsonl: Path | None = None
    engine: EngineOptions = DEFAULT_ENGINE

    def __post_init__(self) -> None:
        if self.sr == "none" and not (self.seg or self.overlay or self.fhir):
            raise InvalidSettings(
                "--sr none leaves nothing to make; give --seg, --overlay or --fhir"
            )
        if self.blank and not self.overlay:
            raise InvalidSettings("--blank-outside-region goes with --overlay")
        if self.jsonl is not None and self.engine != DEFAULT_ENGINE:
            raise InvalidSettings("--jsonl analyses nothing; leave out what says which engine does")
        if self.patient and not self.fhir:
            raise InvalidSettings("--patient goes with --fhir")
        if self.fps is not None and not (math.isfinite(self.fps) and self.fps > 0):
            raise InvalidSettings(f"--fps is {self.fps:g}; it must be a positive number")
