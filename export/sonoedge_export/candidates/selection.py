"""Which of the variants built go into the bundle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sonoedge.errors import GateFailed
from sonoedge_export.candidates.candidate import Candidate, LeftOut, flag_agreement
from sonoedge_export.candidates.earlier import Earlier
from sonoedge_export.candidates.speed_gate import SpeedGate, fast_enough
from sonoedge_export.progress import Stages
from sonoedge_export.recipe.variants import VARIANTS


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Selection:
    """The variants of the bundle.

    Attributes:
        candidates: in the table's order.
        latency_ms: median of one engine call by variant, competitors among them; none for
            an engine that is built on the device.
        left_out: by variant, why it is not in the bundle.
    """

    candidates: Sequence[Candidate]
    latency_ms: Mapping[str, float]
    left_out: Mapping[str, str]


def select(
    outcomes: Sequence[Candidate | LeftOut],
    speed: SpeedGate | None,
    earlier: Earlier | None,
    stages: Stages,
) -> Selection:
    """Keep the variants that gain on their parents, and report what is left out.

    Args:
        outcomes: of every variant asked for.
        speed: times them; None takes what the earlier export measured and chose.

    Raises:
        GateFailed: no variant is left.
    """
    candidates = [each for each in outcomes if isinstance(each, Candidate)]
    left_out = {each.name: each.why for each in outcomes if isinstance(each, LeftOut)}
    latency_ms: Mapping[str, float] = {} if earlier is None else earlier.latency_ms
    if speed is not None:
        latency_ms = speed.measure(candidates)
        decided = fast_enough(candidates, latency_ms)
        for slow in (each for each in decided if isinstance(each, LeftOut)):
            stages.say(f"  {slow.name}: LEFT OUT: {slow.why}")
            left_out[slow.name] = slow.why
        candidates = [each for each in decided if isinstance(each, Candidate)]
    if earlier is not None:
        left_out |= earlier.left_out
    if not candidates:
        reasons = " | ".join(f"{name}: {why}" for name, why in left_out.items())
        raise GateFailed(f"no variant is left, nothing was written: {reasons}")
    _report_agreement(candidates, stages)
    return Selection(candidates=candidates, latency_ms=latency_ms, left_out=left_out)


def _report_agreement(candidates: Sequence[Candidate], stages: Stages) -> None:
    for first, agreements in flag_agreement(candidates).items():
        for second, share in agreements.items():
            # How a pruned network agrees with the unpruned one is a gate, and in the table.
            if share < 1 and VARIANTS[first].pruned == VARIANTS[second].pruned:
                stages.say(f"  {first} and {second} flag {share:.2%} of the frames alike")
