"""How far to prune: bisection over blocks of channels, by measured milliseconds alone."""

from __future__ import annotations

from collections.abc import Callable

from sonoedge.errors import PruningRefused
from sonoedge_export.prune.slimmed_candidate import Candidate
from sonoedge_export.recipe.prune import Prune


def search(
    most: int,
    measure: Callable[[int, int], Candidate],
    settings: Prune,
    say: Callable[[str], None] = lambda line: None,
) -> list[Candidate]:
    """Candidates measured, the chosen one last: the least pruned that reaches the target.

    Args:
        most: how many blocks can go.
        measure: takes how many blocks go, and how often to time; the last look at a
            candidate is taken three times.

    Raises:
        PruningRefused: nothing can be pruned, the target cannot be reached, or no
            candidate is faster enough than its parent.
    """
    if most == 0:
        raise PruningRefused(
            "no channels can be removed: every layer is protected, grouped, or no wider than "
            f"{settings.multiple}"
        )
    candidates: list[Candidate] = []

    def attempt(blocks: int, careful: int = 1) -> Candidate:
        candidates.append(measure(blocks, careful))
        say(line(candidates[-1]))
        return candidates[-1]

    widest = attempt(most)
    if not widest.reaches(settings):
        raise PruningRefused(refusal(widest, settings))
    low, high = 0, most
    while high - low > 1:
        middle = (low + high) // 2
        if attempt(middle).reaches(settings):
            high = middle
        else:
            low = middle
    while not attempt(high, 3).reaches(settings):  # a lucky measurement does not decide
        if high == most:
            raise PruningRefused(refusal(candidates[-1], settings))
        high += 1
    return candidates


def refusal(furthest: Candidate, settings: Prune) -> str:
    """Why the most pruned candidate will not do, with what it reached."""
    reached = ", ".join(
        f"{v}: {furthest.parent_ms[v]:.2f} -> {ms:.2f} ms ({furthest.parent_ms[v] / ms:.2f} x)"
        for v, ms in furthest.latency_ms.items()
    )
    if furthest.speedup < 1 + settings.smallest_gain:
        return (
            f"pruned as far as the settings allow, the network is not {settings.smallest_gain:.0%} "
            f"faster than unpruned: {reached}"
        )
    if settings.max_latency_ms is not None:
        target = f"{settings.max_latency_ms} ms"
    else:
        target = f"{settings.target_speedup} x"
    return f"{target} cannot be reached; pruned as far as the settings allow: {reached}"


def line(c: Candidate) -> str:
    """One candidate for the terminal."""
    times = "  ".join(f"{v} {ms:.2f} ms" for v, ms in c.latency_ms.items())
    return (
        f"  {c.blocks:>3} blocks gone  {c.parameters / 1e6:6.2f} M  {c.macs / 1e9:6.3f} GMAC  "
        f"{times}  {c.speedup:.2f} x"
    )
