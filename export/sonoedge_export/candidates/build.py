"""Build one variant: its model, verified and judged, or why it is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sonoedge.errors import EngineFailed, MissingDependency, RuntimeUnavailable
from sonoedge_export.candidates.candidate import AcceptanceTest, Candidate, LeftOut
from sonoedge_export.candidates.int8 import Quantizer
from sonoedge_export.candidates.model import float_model
from sonoedge_export.candidates.networks import Networks, QuantizableGraph
from sonoedge_export.candidates.rescue import rescue
from sonoedge_export.candidates.speed_gate import SpeedGate
from sonoedge_export.progress import Stages
from sonoedge_export.quantize.explain import write_ranking
from sonoedge_export.quantize.layers import float_layers
from sonoedge_export.recipe.variants import VARIANTS, Row


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Quantization:
    """What quantized variants are built with.

    Attributes:
        graphs: the networks' graphs, by whether they are pruned.
        earlier: by variant, what an earlier export chose for it.
        speed: whether a rescued variant still gains; None where nothing is timed.
    """

    quantizer: Quantizer
    unpruned: QuantizableGraph
    pruned: QuantizableGraph | None
    earlier: Mapping[str, Mapping[str, Any]]
    speed: SpeedGate | None

    def graph(self, row: Row) -> QuantizableGraph:
        """The graph of the variant's network."""
        graph = self.pruned if row.pruned else self.unpruned
        assert graph is not None
        return graph

    def write_rankings(self, folder: Path) -> None:
        """Write each graph's layers, ranked by quantization noise."""
        write_ranking(folder, "network", self.unpruned.ranked)
        if self.pruned is not None:
            write_ranking(folder, "pruned", self.pruned.ranked)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Builder:
    """Builds variants one after the other.

    Attributes:
        quantization: None where no variant is quantized.
    """

    networks: Networks
    acceptance: AcceptanceTest
    quantization: Quantization | None
    stages: Stages

    def build_all(self, names: Sequence[str], engines: ExitStack) -> list[Candidate | LeftOut]:
        """Every variant in turn, reported; engines are closed with the stack."""
        outcomes = []
        for name in names:
            outcome = self.build(name)
            if isinstance(outcome, Candidate):
                engines.callback(outcome.close)
            outcomes.append(outcome)
            self._report(outcome)
        return outcomes

    def build(self, name: str) -> Candidate | LeftOut:
        """A variant that passed its gates, its engine loaded; or why there is none."""
        try:
            if VARIANTS[name].dialect == "float":
                return self._float(name)
            assert self.quantization is not None
            return self._quantized(name, self.quantization)
        except (MissingDependency, RuntimeUnavailable, EngineFailed) as error:
            return LeftOut(name=name, why=f"not built: {error}")

    def _report(self, outcome: Candidate | LeftOut) -> None:
        if isinstance(outcome, LeftOut):
            self.stages.say(f"  {outcome.name}: LEFT OUT: {outcome.why}")
            return
        for question in outcome.verdict.undecided:
            self.stages.say(f"  {outcome.name}: UNDECIDED: {question}")

    def _float(self, name: str) -> Candidate | LeftOut:
        graph = self.networks.graph(pruned=VARIANTS[name].pruned)
        assert graph is not None
        return _accepted(self.acceptance.run(float_model(name, graph.onnx)))

    def _quantized(self, name: str, quantization: Quantization) -> Candidate | LeftOut:
        row, settings = VARIANTS[name], quantization.quantizer.settings
        graph, chosen = quantization.graph(row), quantization.earlier.get(name)
        if chosen is not None:
            kept = tuple(chosen["kept_float"])
        elif row.on_device:
            kept = settings.keep_float
        else:
            kept = float_layers(settings, graph.prepared)

        def make(keep_float: tuple[str, ...]) -> Candidate:
            levels = quantization.quantizer.weight_levels(name, chosen)
            ready = graph.rounded(levels, keep_float) if levels else graph.prepared
            model = quantization.quantizer.model(name, ready, keep_float, chosen)
            return self.acceptance.run(model)

        candidate = make(kept)
        if not candidate.verdict.failed or not settings.rescue or chosen is not None:
            return _accepted(candidate)
        speed = quantization.speed
        return rescue(
            candidate,
            graph.ranked,
            self.stages,
            kept=kept,
            most_float=settings.most_float,
            make=make,
            too_slow=(lambda made: None) if speed is None else speed.refusal,
        )


def _accepted(candidate: Candidate) -> Candidate | LeftOut:
    reasons = candidate.verdict.refusals
    if not reasons:
        return candidate
    candidate.close()
    return LeftOut(name=candidate.name, why="; ".join(reasons))
