"""Which variants are worth having: measured, each beside the float ones that it must beat."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Final

from sonoedge.runtime import Runtime
from sonoedge_export.recipe.variants import VARIANTS

Timer = Callable[[Mapping[str, Runtime]], Mapping[str, float]]
"""From engines by name to median milliseconds of one call, all measured in turns."""

# A variant must be so much faster than its parents: less is lost in the noise.
MARGIN: Final = 0.02


def too_slow(name: str, latency_ms: Mapping[str, float]) -> str | None:
    """Why a variant is of no use by its measured time; None where it is of use.

    Args:
        latency_ms: medians of the variant and of those of its parents that run here.
    """
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
