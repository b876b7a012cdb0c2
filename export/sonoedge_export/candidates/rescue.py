"""When int8 fails a gate: keep the noisiest layers in float, more and more of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sonoedge_export.candidates.candidate import Candidate, LeftOut
from sonoedge_export.progress import Stages
from sonoedge_export.quantize.sensitivity import Sensitivity

Make = Callable[[tuple[str, ...]], Candidate]
Refusal = Callable[[Candidate], "str | None"]


def rescue(
    failed: Candidate,
    ranked: Sequence[Sensitivity],
    stages: Stages,
    *,
    kept: tuple[str, ...],
    most_float: float,
    make: Make,
    too_slow: Refusal,
) -> Candidate | LeftOut:
    """Quantize again with the worst 1, 2, 4, 8 ... layers in float.

    Candidates that fail are closed, the first one too; each step is reported.

    Args:
        ranked: the layers, the noisiest first.
        kept: layers that the recipe keeps in float in any case.
        most_float: largest share of the layers kept.
        make: quantizes with these layers in float, verifies and judges.
        too_slow: why a candidate has lost its speed, or None.
    """
    order = [s for s in ranked if s.layer not in kept]
    most = int(most_float * len(ranked))
    count, last = 1, failed
    while True:
        reasons = "; ".join(last.verdict.refusals)
        last.close()
        if count > most or count > len(order):
            why = f"{reasons} (with {count // 2} layers in float; no more allowed)"
            return LeftOut(name=failed.name, why=why)
        worst = order[:count]
        stages.say(
            f"  {failed.name}: {reasons}\n    keeping {count} of {len(ranked)} layers in float: "
            + ", ".join(f"{s.layer} ({s.sqnr_db:.1f} dB)" for s in worst[-4:])
        )
        last = make((*kept, *(s.layer for s in worst)))
        slow = too_slow(last)
        if slow is not None:
            last.close()
            why = f"{reasons}; with {count} layers in float it {slow}"
            return LeftOut(name=failed.name, why=why)
        if not last.verdict.refusals:
            return last
        count *= 2
