"""When int8 fails a gate: keep the noisiest layers in float, more and more of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sonoedge_export.candidates.candidate import Candidate
from sonoedge_export.progress import Stages
from sonoedge_export.quantize.sensitivity import Sensitivity

Make = Callable[[tuple[str, ...]], Candidate]
Slow = Callable[[Candidate], "str | None"]


def rescue(
    failed: Candidate,
    ranked: Sequence[Sensitivity],
    stages: Stages,
    *,
    kept: tuple[str, ...],
    most_float: float,
    make: Make,
    slow: Slow,
) -> tuple[Candidate, str | None]:
    """Quantize again with the worst 1, 2, 4, 8 ... layers in float.

    The candidate given and those in between are closed; each step is said.

    Args:
        ranked: the layers, the noisiest first.
        kept: layers that the recipe keeps in float in any case.
        most_float: largest share of the layers kept.
        make: quantizes with these layers in float, verifies and judges.
        slow: why a candidate's speed is gone, or None.

    Returns:
        The last candidate, and why it must be left out; None where it passes.
    """
    order = [s for s in ranked if s.layer not in kept]
    most = int(most_float * len(ranked))
    count, last = 1, failed
    while True:
        reasons = "; ".join(last.verdict.refusals)
        if count > most or count > len(order):
            return last, f"{reasons} (with {max(0, count // 2)} layers in float; no more allowed)"
        worst = order[:count]
        stages.say(
            f"  {failed.name}: {reasons}\n    keeping {count} of {len(ranked)} layers in float: "
            + ", ".join(f"{s.layer} ({s.sqnr_db:.1f} dB)" for s in worst[-4:])
        )
        last.close()
        last = make((*kept, *(s.layer for s in worst)))
        gone = slow(last)
        if gone is not None:
            return last, f"{reasons}; with {count} layers in float it {gone}"
        if not last.verdict.refusals:
            return last, None
        count *= 2
