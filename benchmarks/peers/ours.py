"""This product: guard, tracker and accounting on."""

from __future__ import annotations

from subject import Picture, Regions, Subject

import sonoedge
from sonoedge import EngineOptions
from sonoedge.processing.preprocess import Preprocess


class Ours:
    """`Analyser.analyse` with one variant of the bundle."""

    def __init__(self, subject: Subject, variant: str) -> None:
        folder = subject.bundle.folder
        self.name = f"sonoedge, {variant}"
        self._analyser = sonoedge.open(
            folder, EngineOptions(variant=variant, threads=subject.threads)
        )
        self._scale = Preprocess(subject.bundle.manifest.preprocess)
        self._engine = self._analyser.engine
        self._input = self._engine.inputs[0].name
        self.engine_ms = 0.0

    def prepare(self, picture: Picture) -> None:
        self._tensors = {self._input: self._scale(picture)[0].copy()}

    def bare(self) -> None:
        self._engine.infer(self._tensors)

    def regions(self, picture: Picture) -> Regions:
        result = self._analyser.analyse(sonoedge.Frame(pixels=picture))
        self.engine_ms = result.stages_ms.get("engine", 0.0)
        if isinstance(result, sonoedge.NotAnalysed):
            return Regions(outlines=[], flagged=None)
        outlines = [region.contour_px for region in result.regions]
        return Regions(outlines=outlines, flagged=result.flagged)
