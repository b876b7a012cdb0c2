"""Build variants one after the other, and say why one is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sonoedge.errors import EngineFailed, MissingDependency, RuntimeUnavailable
from sonoedge.runtime import Runtime
from sonoedge_export.candidates.candidate import Candidate, verified_candidate
from sonoedge_export.candidates.earlier import Earlier
from sonoedge_export.candidates.int8 import int8
from sonoedge_export.candidates.model import Model, float_model
from sonoedge_export.candidates.rescue import rescue
from sonoedge_export.candidates.speed_gate import Timer, parents, too_slow
from sonoedge_export.data.calibration import CalibrationFrames
from sonoedge_export.data.labelled import Labelled
from sonoedge_export.evaluation.results import Verified
from sonoedge_export.graph.build import Graph
from sonoedge_export.progress import Stages
from sonoedge_export.quantize.explain import write_ranking
from sonoedge_export.quantize.layers import float_layers, prepared
from sonoedge_export.quantize.sensitivity import Sensitivity, ranking
from sonoedge_export.recipe.recipe import Recipe
from sonoedge_export.recipe.variants import VARIANTS


@dataclass(slots=True, kw_only=True, eq=False)
class Workshop:
    """What building a variant needs, and what was said on the way.

    Attributes:
        graphs: the float graph under False, the pruned network's under True.
        frames: for calibration; None where nothing is quantized.
        whole: the frames judged on, and `trained` the trained network's results on them;
            `own` the pruned network's, None where nothing is pruned.
        timer: None takes the earlier export's choices in place of measuring.
        left_out: by variant, why it is not in the bundle.
    """

    recipe: Recipe
    graphs: Mapping[bool, Graph]
    frames: CalibrationFrames | None
    whole: Labelled
    trained: Verified
    stages: Stages
    timer: Timer | None
    earlier: Earlier | None
    own: Verified | None = None
    left_out: dict[str, str] = field(default_factory=dict)
    _prepared: dict[bool, bytes] = field(default_factory=dict)
    _ranked: dict[bool, list[Sensitivity]] = field(default_factory=dict)

    def build(self, name: str) -> Candidate | None:
        """A variant that passed its gates, its engine loaded; None where it is left out."""
        row = VARIANTS[name]
        try:
            if row.dialect == "float":
                candidate = self._judged(float_model(name, self.graphs[row.pruned].onnx))
                return self._kept(candidate, "; ".join(candidate.verdict.refusals) or None)
            return self._int8(name)
        except (MissingDependency, RuntimeUnavailable, EngineFailed) as error:
            self._leave(name, f"not built: {error}")
            return None

    def measured(self, candidates: Sequence[Candidate]) -> dict[str, float]:
        """Median milliseconds of the candidates and of the variants that they must beat."""
        assert self.timer is not None
        engines = {c.name: c.verified.runtime for c in candidates if not c.model.row.on_device}
        if not engines:
            return {}
        others = self._others(list(engines))
        try:
            with self.stages.stage("time the variants"):
                return dict(self.timer({**engines, **others}))
        finally:
            for engine in others.values():
                engine.close()

    def fast_enough(
        self, candidates: Sequence[Candidate], latency_ms: Mapping[str, float]
    ) -> list[Candidate]:
        """Those that gain on their parents; why the others do not is said."""
        kept = []
        for candidate in candidates:
            slow = None if self.timer is None else too_slow(candidate.name, latency_ms)
            if slow is None:
                kept.append(candidate)
            else:
                self._leave(candidate.name, slow)
        return kept

    def explain(self, folder: Path) -> None:
        """Write each graph's layers, ranked by quantization noise."""
        for pruned in self.graphs:
            write_ranking(folder, "pruned" if pruned else "network", self._ranking(pruned))

    def _int8(self, name: str) -> Candidate | None:
        settings, earlier = self.recipe.quantize, self.earlier
        pruned = VARIANTS[name].pruned
        chosen = None if earlier is None else earlier.quantized.get(name)
        kept = self._float_layers(name) if chosen is None else tuple(chosen["kept_float"])

        def make(keep_float: tuple[str, ...]) -> Candidate:
            assert self.frames is not None
            return self._judged(
                int8(
                    self.recipe,
                    name,
                    self._graph(pruned),
                    self.frames,
                    keep_float,
                    self.stages,
                    timer=self.timer,
                    earlier=chosen,
                )
            )

        candidate = make(kept)
        why = "; ".join(candidate.verdict.refusals) or None
        if candidate.verdict.failed and settings.rescue and chosen is None:
            candidate, why = rescue(
                candidate,
                self._ranking(pruned),
                self.stages,
                kept=kept,
                most_float=settings.most_float,
                make=make,
                slow=self._slow,
            )
        return self._kept(candidate, why)

    def _float_layers(self, name: str) -> tuple[str, ...]:
        """The layers that stay in float from the beginning."""
        row, settings = VARIANTS[name], self.recipe.quantize
        if row.on_device:
            return settings.keep_float
        return float_layers(settings, self._graph(row.pruned))

    def _judged(self, model: Model) -> Candidate:
        own = self.own if model.row.pruned else None
        return verified_candidate(self.recipe, model, self.whole, self.trained, self.stages, own)

    def _kept(self, candidate: Candidate, why: str | None) -> Candidate | None:
        if why is None:
            for question in candidate.verdict.undecided:
                self.stages.say(f"  {candidate.name}: UNDECIDED: {question}")
            return candidate
        candidate.close()
        self._leave(candidate.name, why)
        return None

    def _leave(self, name: str, why: str) -> None:
        self.left_out[name] = why
        self.stages.say(f"  {name}: LEFT OUT: {why}")

    def _slow(self, candidate: Candidate) -> str | None:
        if self.timer is None or candidate.model.row.on_device:
            return None
        return too_slow(candidate.name, self.measured([candidate]))

    def _others(self, names: list[str]) -> dict[str, Runtime]:
        engines: dict[str, Runtime] = {}
        for name in parents(names):
            row = VARIANTS[name]
            if row.pruned in self.graphs:
                model = float_model(name, self.graphs[row.pruned].onnx)
                try:
                    engines[name] = model.load()
                except (MissingDependency, RuntimeUnavailable):
                    continue  # what cannot run here is no competitor here
        return engines

    def _graph(self, pruned: bool) -> bytes:
        if pruned not in self._prepared:
            self._prepared[pruned] = prepared(self.graphs[pruned].onnx)
        return self._prepared[pruned]

    def _ranking(self, pruned: bool) -> list[Sensitivity]:
        assert self.frames is not None
        if pruned not in self._ranked:
            with self.stages.stage("rank the layers by quantization noise"):
                self._ranked[pruned] = ranking(self._graph(pruned), self.frames.tensors)
        return self._ranked[pruned]
