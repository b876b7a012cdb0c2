"""The frames of [[head]] and [certainty], each set analysed once by an engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from sonoedge.bundle.heads import HeadFrames, embedding_names
from sonoedge.describing import Describer
from sonoedge.errors import InvalidData
from sonoedge.measure import MeasureSettings, names_of
from sonoedge.processing.postprocess import EMBEDDING
from sonoedge.runtime import Runtime
from sonoedge_export.data.evaluation_set import evaluation_sets
from sonoedge_export.data.labelled import Labelled
from sonoedge_export.evaluation.answers import Evaluation
from sonoedge_export.heads.regions import MeasuredFrames, measured_frames
from sonoedge_export.heads.rows import Rows
from sonoedge_export.progress import Stages
from sonoedge_export.recipe.frames import LabelledFrames
from sonoedge_export.recipe.recipe import Recipe


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FrameReader:
    """Measured frames of one engine; what was measured once is kept.

    Attributes:
        engine: loaded; whose it is stands in `name`.
        kept: what was measured before, by file and split.
    """

    recipe: Recipe
    settings: MeasureSettings
    name: str
    engine: Runtime
    stages: Stages
    kept: dict[tuple[Path, str | None], MeasuredFrames] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Of all that a head may be told."""
        components = sum(s.shape[1] for s in self.engine.outputs if s.name == EMBEDDING)
        return names_of(self.settings.groups) + embedding_names(components if self._embeds else 0)

    @property
    def _embeds(self) -> bool:
        return any("embedding" in head.inputs for head in self.recipe.head)

    def measured(self, table: LabelledFrames) -> list[tuple[Labelled, MeasuredFrames]]:
        """Each set of a table, measured.

        Raises:
            InvalidData: a set cannot be read.
        """
        files = tuple(self.recipe.path(name) for name in table.frames)
        sets = evaluation_sets(files, table.split, self.recipe.postprocess.labels)
        return [
            (data, self._one(file, table.split, data))
            for file, data in zip(files, sets, strict=True)
        ]

    def regions(self, table: LabelledFrames) -> tuple[Rows, tuple[HeadFrames, ...]]:
        """Every region that found a lesion, and what it was of."""
        return _joined(table, self.measured(table), of_frames=False)

    def frames(self, table: LabelledFrames) -> tuple[Rows, tuple[HeadFrames, ...]]:
        """One row per analysed frame with a lesion, and what they were of."""
        return _joined(table, self.measured(table), of_frames=True)

    def _one(self, file: Path, split: str | None, data: Labelled) -> MeasuredFrames:
        key = (file, split)
        names = self.names
        if key not in self.kept or not set(names) <= set(self.kept[key].frames.names):
            recipe = self.recipe
            evaluation = Evaluation(
                frames=data,
                preprocess=recipe.input,
                postprocess=recipe.postprocess,
                guard=recipe.guard,
            )
            analyser = evaluation.analyser(self.engine, embed=self._embeds)
            of = data.name if split is None else f"{data.name} {split}"
            with self.stages.stage(f"regions of {of}, {self.name}") as progress:
                self.kept[key] = measured_frames(
                    analyser,
                    Describer(self.settings, recipe.input, recipe.guard),
                    names,
                    data,
                    progress,
                )
        return self.kept[key]


def concatenated(parts: Sequence[Rows]) -> Rows:
    """All rows as one; frames are numbered on."""
    shift = np.cumsum([0] + [int(p.frames.max(initial=-1)) + 1 for p in parts])
    return Rows(
        measures=np.concatenate([p.measures for p in parts]),
        found=np.concatenate([p.found for p in parts]),
        malignant=np.concatenate([p.malignant for p in parts]),
        suspicion=np.concatenate([p.suspicion for p in parts]),
        patients=np.concatenate([p.patients for p in parts]),
        frames=np.concatenate([p.frames + s for p, s in zip(parts, shift, strict=False)]),
        names=parts[0].names,
    )


def check_apart(name: str, fitted: Rows, chosen: Rows) -> None:
    """Refuse patients that a head is both fitted on and chosen by.

    Raises:
        InvalidData: names how many there are.
    """
    both = np.intersect1d(fitted.patients, chosen.patients)
    if len(both):
        raise InvalidData(
            f"head {name}: {len(both)} patients are in fit and in choose; a head would be judged "
            "by what it has seen"
        )


def _joined(
    table: LabelledFrames,
    measured: Sequence[tuple[Labelled, MeasuredFrames]],
    *,
    of_frames: bool,
) -> tuple[Rows, tuple[HeadFrames, ...]]:
    rows = [each.frames if of_frames else each.regions for _, each in measured]
    used = tuple(
        HeadFrames(
            name=data.name,
            split=table.split,
            sha256=data.sha256(),
            frames=len(each.frames),
            regions=int(part.found.sum()),
        )
        for (data, each), part in zip(measured, rows, strict=True)
    )
    return concatenated(rows), used
