"""Which variants are worth having: measured, each beside the float ones that it must beat."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

from sonoedge.errors import MissingDependency, RuntimeUnavailable
from sonoedge.runtime import Runtime
from sonoedge_export.candidates.candidate import Candidate, LeftOut
from sonoedge_export.candidates.latency import Timer
from sonoedge_export.candidates.model import float_model
from sonoedge_export.candidates.networks import Networks
from sonoedge_export.progress import Stages
from sonoedge_export.recipe.variants import VARIANTS

# A variant must be so much faster than its parents: less is lost in the noise.
MARGIN: Final = 0.02


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SpeedGate:
    """Times candidates beside the variants that they must beat."""

    networks: Networks
    timer: Timer
    stages: Stages

    def measure(self, candidates: Sequence[Candidate]) -> Mapping[str, float]:
        """Median milliseconds of the candidates that run here, and of their parents."""
        engines = {c.name: c.engine for c in candidates if not c.model.row.on_device}
        if not engines:
            return {}
        with ExitStack() as stack:
            competitors = dict(self._competitors(engines, stack))
            with self.stages.stage("time the variants"):
                return dict(self.timer({**engines, **competitors}))

    def refusal(self, candidate: Candidate) -> str | None:
        """Why this candidate is too slow, measured now; None where it is fast enough."""
        if candidate.model.row.on_device:
            return None
        return too_slow(candidate.name, self.measure([candidate]))

    def _competitors(
        self, names: Collection[str], stack: ExitStack
    ) -> Iterator[tuple[str, Runtime]]:
        for name in parents(names):
            graph = self.networks.graph(pruned=VARIANTS[name].pruned)
            if graph is None:
                continue
            try:
                engine = float_model(name, graph.onnx).load()
            except (MissingDependency, RuntimeUnavailable):
                continue  # what cannot run here is no competitor here
            stack.callback(engine.close)
            yield name, engine


def fast_enough(
    candidates: Sequence[Candidate], latency_ms: Mapping[str, float]
) -> list[Candidate | LeftOut]:
    """Each candidate, or why it is too slow."""
    decided: list[Candidate | LeftOut] = []
    for candidate in candidates:
        why = too_slow(candidate.name, latency_ms)
        decided.append(candidate if why is None else LeftOut(name=candidate.name, why=why))
    return decided


def too_slow(name: str, latency_ms: Mapping[str, float]) -> str | None:
    """Why a variant is of no use by its measured time; None where it is of use.

    Args:
        latency_ms: medians of the variant and of those of its parents that run here; a
            variant without one is built on the device, and is not judged by time.
    """
    if name not in latency_ms:
        return None
    for parent in VARIANTS[name].parents:
        if parent in latency_ms and latency_ms[name] > latency_ms[parent] * (1 - MARGIN):
            return (
                f"takes {latency_ms[name]:.2f} ms, {parent} {latency_ms[parent]:.2f} ms: not "
                f"{MARGIN:.0%} faster"
            )
    return None


def parents(names: Collection[str]) -> list[str]:
    """The float variants that some of these must beat and that are not among them."""
    wanted = {p for name in names for p in VARIANTS[name].parents}
    return [name for name in VARIANTS if name in wanted and name not in names]
